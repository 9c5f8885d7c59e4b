use std::collections::HashMap;
use std::time::{Duration, Instant};

use artkg_files::counted;
use artkg_files::seeds::derive_seed;
use artkg_nn::{Context, Tensor};
use artkg_session::{EpochProgress, Event, Session, StepProgress};
use artkg_tune::differences;

use crate::checkpoint::{Checkpoint, fingerprint};
use crate::config::TrainingConfig;
use crate::error::{BoxError, Error, Result};
use crate::gradient::batch_gradients;
use crate::record::{EpochRecord, StepRecord};
use crate::report::{settings, write_report};
use crate::run_folder::RunFolder;
use crate::run_log::RunLog;
use crate::state::{BestEpoch, EpochSums, Exact, State};
use crate::trainable::{Metrics, Trainable};
use crate::update::Update;

/// How a run ended, short of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All epochs are done.
    Finished,
    /// The deciding metric did not improve for `patience` epochs.
    StoppedEarly,
    /// The stop flag was set; everything is saved, and the run can be resumed.
    Interrupted,
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Summary {
    /// How it ended.
    pub outcome: Outcome,
    /// Finished epochs, those of earlier sessions included.
    pub epochs: usize,
    /// Finished steps of the epoch after them; not 0 only when interrupted.
    pub steps: usize,
    /// The best epoch, from 1, and its value of the deciding metric.
    pub best: Option<(usize, f64)>,
    /// Validation metrics of the last finished epoch of this session.
    pub validation: Option<Metrics>,
}

/// Trains `model` in `folder` until the last epoch, the end of patience, or
/// `stop`. Where the folder is resumed, parameters, optimiser and records first
/// go back to the last checkpoint, or to the start where there is none.
///
/// Afterwards the model holds the parameters of the last step;
/// [`RunFolder::load_best`] sets those of the best epoch.
///
/// # Errors
/// See [`Error`]. The last checkpoint is left as it was.
pub fn train<T: Trainable>(
    model: &T,
    config: &TrainingConfig,
    folder: &RunFolder,
    session: &Session,
) -> Result<Summary> {
    config.check()?;
    let run = Loop::start(model, config, folder, session)?;
    let summary = run.finish();
    session.observe(&Event::Ended);
    let summary = summary?;
    write_report(folder, config, model)?;
    Ok(summary)
}

struct Loop<'a, T: Trainable> {
    model: &'a T,
    config: &'a TrainingConfig,
    folder: &'a RunFolder,
    session: &'a Session,
    update: Update,
    state: State,
    log: RunLog,
    speed: Speed,
    validation: Option<Metrics>,
    /// The fingerprint of what is not trained.
    frozen: String,
}

/// What this process has done, for speed and the time left.
#[derive(Default)]
struct Speed {
    steps: usize,
    examples: usize,
    training: Duration,
    epochs: usize,
    validation: Duration,
}

impl<'a, T: Trainable> Loop<'a, T> {
    fn start(
        model: &'a T,
        config: &'a TrainingConfig,
        folder: &'a RunFolder,
        session: &'a Session,
    ) -> Result<Self> {
        let mut update = Update::new(model.parameter_groups(), config)?;
        let path = folder.last_checkpoint();
        let mut state = State::default();
        if folder.is_resumed() && path.exists() {
            let checkpoint = Checkpoint::load(&path)?;
            if let Some(then) = &checkpoint.settings
                && *then != config.optimiser
            {
                let table = |settings| toml::Table::try_from(settings).unwrap_or_default();
                return Err(Error::Optimiser {
                    path,
                    differences: differences(&table(then), &table(&config.optimiser)),
                });
            }
            checkpoint.restore(&path, model.parameters())?;
            update.load(&checkpoint.optimiser)?;
            state = checkpoint.state;
            session.message(&format!(
                "resuming after {} and {}",
                counted(state.epoch, "epoch"),
                counted(state.step, "step")
            ));
        }
        for (name, value) in settings(config) {
            session.message(&format!("{name}: {value}"));
        }
        let log = RunLog::open(folder, &state)?;
        let frozen = fingerprint(model.parameters(), |name| !model.is_trained(name))?;
        Ok(Self {
            model,
            config,
            folder,
            session,
            update,
            state,
            log,
            speed: Speed::default(),
            validation: None,
            frozen,
        })
    }

    fn finish(mut self) -> Result<Summary> {
        let outcome = loop {
            if self.out_of_patience() {
                break Outcome::StoppedEarly;
            }
            if self.state.epoch >= self.config.epochs {
                break Outcome::Finished;
            }
            if self.session.is_stopped() {
                break Outcome::Interrupted;
            }
            if !self.train_epoch()? {
                self.save()?;
                break Outcome::Interrupted;
            }
            self.finish_epoch()?;
        };
        Ok(Summary {
            outcome,
            epochs: self.state.epoch,
            steps: self.state.step,
            best: self.state.best.map(|best| (best.epoch, best.value.0)),
            validation: self.validation,
        })
    }

    fn out_of_patience(&self) -> bool {
        let patience = self.config.early_stopping.patience;
        patience > 0 && self.state.epochs_without_improvement() >= patience
    }

    /// Runs the rest of the epoch's steps. False when it was interrupted.
    fn train_epoch(&mut self) -> Result<bool> {
        let model = self.model;
        let during = format!("reading the data of epoch {}", self.state.epoch + 1);
        let failed = |source: BoxError| Error::Model {
            during: during.clone(),
            source,
        };
        let mut started = Instant::now();
        let batches = model.batches(self.state.epoch, self.state.step);
        for batch in batches.map_err(failed)? {
            self.step(&batch.map_err(failed)?)?;
            // From the end of one step to the end of the next: waiting for
            // data counts.
            let now = Instant::now();
            self.state.sums.add_time(now - started);
            self.speed.training += now - started;
            started = now;
            let progress = self.step_progress();
            self.session.observe(&Event::Step(&progress));
            if self.session.is_stopped() {
                return Ok(false);
            }
        }
        match self.state.sums.examples {
            0 => Err(failed("there are no training examples".into())),
            _ => Ok(true),
        }
    }

    fn step(&mut self, batch: &T::Batch) -> Result<()> {
        if self.model.is_empty(batch) {
            self.state.step += 1;
            return Ok(());
        }
        let (epoch, step) = (self.state.epoch, self.state.step);
        let seed = derive_seed(derive_seed(self.config.seed, epoch as u64), step as u64);
        let context = Context::training(seed);
        let failed = |source: BoxError| Error::Model {
            during: format!("epoch {}, step {}", epoch + 1, step + 1),
            source,
        };
        let accumulate = self.config.accumulate;
        let parameters = self.update.parameters();
        let mut computed =
            batch_gradients(self.model, batch, accumulate, &context, parameters).map_err(failed)?;
        if !computed.loss.is_finite() {
            return Err(self.not_finite("the loss".to_owned(), batch));
        }
        let learning_rate = self.learning_rate();
        let gradient_norm = match self.update.step(&mut computed.gradients, learning_rate) {
            Err(artkg_nn::Error::NotFinite { parameter, .. }) => {
                let quantity = format!("the gradient of {parameter}");
                return Err(self.not_finite(quantity, batch));
            }
            norm => norm?,
        };

        self.state.step += 1;
        self.state
            .sums
            .add(computed.examples, computed.loss, &computed.parts);
        self.speed.steps += 1;
        self.speed.examples += computed.examples;
        let every = self.config.log_every;
        if every > 0 && (step + 1).is_multiple_of(every) {
            let record = StepRecord {
                epoch: epoch + 1,
                step: step + 1,
                examples: computed.examples,
                loss: computed.loss,
                parts: computed.parts.into_iter().collect(),
                learning_rate,
                gradient_norm,
            };
            let overall = self.overall_step() as u64;
            self.log.step(record, overall)?;
        }
        Ok(())
    }

    /// Validates, records and saves.
    fn finish_epoch(&mut self) -> Result<()> {
        let epoch = self.state.epoch + 1;
        self.session.observe(&Event::Validation(epoch));
        let started = Instant::now();
        let mut metrics = self.model.validate().map_err(|source| Error::Model {
            during: format!("validation after epoch {epoch}"),
            source,
        })?;
        self.speed.validation += started.elapsed();
        self.speed.epochs += 1;
        let stopping = &self.config.early_stopping;
        let Some(&value) = metrics.get(&stopping.metric) else {
            return Err(Error::UnknownMetric {
                metric: stopping.metric.clone(),
                known: metrics.into_keys().collect(),
            });
        };
        // JSON has no NaN; the curves break there.
        metrics.retain(|_, value| value.is_finite());
        let best = stopping.improves(value, self.state.best.map(|best| best.value.0));

        let progress = self.step_progress();
        let overall_step = self.overall_step() as u64;
        let last_step = self.state.step.saturating_sub(1);
        let sums = std::mem::take(&mut self.state.sums);
        let record = self.epoch_record(epoch, last_step, &sums, &metrics, started.elapsed(), best);
        self.state.epoch = epoch;
        self.state.step = 0;
        if best {
            let value = Exact(value);
            self.state.best = Some(BestEpoch { epoch, value });
            self.save_best()?;
        }
        self.session.observe(&Event::Epoch(&EpochProgress {
            step: progress,
            loss: record.loss,
            validation: &record.validation,
            best,
            examples_per_second: record.examples_per_second,
        }));
        self.log.epoch(record, overall_step)?;
        self.validation = Some(metrics);
        let last =
            epoch == self.config.epochs || self.out_of_patience() || self.session.is_stopped();
        match last || epoch.is_multiple_of(self.config.checkpoint_every) {
            true => self.save(),
            false => Ok(()),
        }
    }

    fn epoch_record(
        &self,
        epoch: usize,
        last_step: usize,
        sums: &EpochSums,
        metrics: &Metrics,
        validation: Duration,
        best: bool,
    ) -> EpochRecord {
        EpochRecord {
            epoch,
            loss: sums.mean_loss(),
            parts: sums.mean_parts(),
            validation: metrics.clone(),
            learning_rate: self.learning_rate_at(self.state.epoch, last_step),
            best,
            seconds: sums.seconds.0,
            validation_seconds: validation.as_secs_f64(),
            examples_per_second: sums.examples as f64 / sums.seconds.0.max(1e-9),
        }
    }

    fn save(&mut self) -> Result<()> {
        // The records must be on disk before the checkpoint that counts them.
        self.log.sync()?;
        self.log.mark(&mut self.state);
        let optimiser = self.update.state()?;
        self.checkpoint(optimiser)?
            .save(&self.folder.last_checkpoint())
    }

    fn save_best(&self) -> Result<()> {
        self.checkpoint(HashMap::new())?
            .save(&self.folder.best_checkpoint())
    }

    fn checkpoint(&self, optimiser: HashMap<String, Tensor>) -> Result<Checkpoint> {
        let model = self.model;
        Ok(Checkpoint {
            state: self.state.clone(),
            parameters: model
                .parameters()
                .export_where(|name| model.is_trained(name))?,
            optimiser,
            settings: Some(self.config.optimiser.clone()),
            frozen: Some(self.frozen.clone()),
        })
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate_at(self.state.epoch, self.state.step)
    }

    fn learning_rate_at(&self, epoch: usize, step: usize) -> f64 {
        let steps = self.model.batches_per_epoch();
        let schedule = &self.config.schedule;
        let factor = schedule.factor(epoch * steps + step, steps, self.config.epochs);
        self.update.learning_rate() * factor
    }

    /// Steps since the start of the run, as TensorBoard counts them.
    fn overall_step(&self) -> usize {
        self.state.epoch * self.model.batches_per_epoch() + self.state.step
    }

    fn step_progress(&self) -> StepProgress {
        let speed = &self.speed;
        let steps = self.model.batches_per_epoch();
        let epochs_left = self.config.epochs - self.state.epoch;
        let steps_left = (epochs_left * steps).saturating_sub(self.state.step);
        let a_step = speed.training.as_secs_f64() / speed.steps.max(1) as f64;
        let a_validation = speed.validation.as_secs_f64() / speed.epochs.max(1) as f64;
        let left = a_step * steps_left as f64 + a_validation * epochs_left as f64;
        StepProgress {
            epoch: self.state.epoch + 1,
            epochs: self.config.epochs,
            step: self.state.step,
            steps,
            loss: self.state.sums.mean_loss(),
            examples_per_second: speed.examples as f64 / speed.training.as_secs_f64().max(1e-9),
            time_left: Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX),
        }
    }

    fn not_finite(&self, quantity: String, batch: &T::Batch) -> Error {
        Error::NotFinite {
            quantity,
            epoch: self.state.epoch + 1,
            step: self.state.step + 1,
            batch: self.model.describe(batch),
            kept: Some(self.folder.last_checkpoint()).filter(|path| path.exists()),
        }
    }
}
