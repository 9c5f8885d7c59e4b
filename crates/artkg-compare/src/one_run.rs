use std::path::{Path, PathBuf};

use artkg_art::{ArtConfig, train, train_each_task};
use artkg_corpus::{Corpus, Split};
use artkg_infer::{ModelActivations, ScoreOptions, SplitScores, score_split};
use artkg_measure::Prediction;
use artkg_model::{SideDescription, StoredModel, is_trained, model_files};
use artkg_session::Session;
use artkg_text::Captions;
use artkg_train::{RunFolder, RunOptions, RunReport, is_begun};
use artkg_vision::{Hub, Stage, WeightSource, Weights};

use crate::asking::{BATCH_SIZE, predictor_with};
use crate::comparison::Comparison;
use crate::error::{Error, Result};
use crate::result::{Chosen, RunResult, TaskResult};
use crate::row::Row;

/// A run of a row.
pub(crate) struct OneRun<'a> {
    pub(crate) comparison: &'a Comparison,
    pub(crate) corpus: &'a Corpus,
    pub(crate) row: Row,
    pub(crate) seed: u64,
}

impl OneRun<'_> {
    pub(crate) fn folder_of(&self, row: Row) -> PathBuf {
        let name = row.to_string();
        let seed = format!("seed-{}", self.seed);
        self.comparison.folder.join("runs").join(name).join(seed)
    }

    fn result_file(&self) -> PathBuf {
        let name = format!("{}-{}.json", self.row, self.seed);
        self.comparison.folder.join("results").join(name)
    }

    /// The result, where the run is finished.
    pub(crate) fn finished(&self) -> Result<Option<RunResult>> {
        let path = self.result_file();
        let Some(result) = RunResult::read(&path)? else {
            return Ok(None);
        };
        let mut settings = result.config.clone();
        let mut wanted = self.settings()?;
        for config in [&mut settings, &mut wanted] {
            // A run that took random weights, or micro-batches, is still this one.
            if result.random_weights {
                config.backbone.weights = None;
                config.backbone.freeze = None;
            }
            config.backbone.cache = PathBuf::new();
            config.training.accumulate = 1;
            config.training.memory_limit = None;
        }
        if settings != wanted {
            return Err(Error::OtherSettings(path));
        }
        Ok(Some(result))
    }

    /// The settings, with weights that are there or may be fetched.
    fn settings(&self) -> Result<ArtConfig> {
        let base = &self.comparison.base;
        let mut config = self.row.settings(base, self.seed);
        let network = config.backbone.name.architecture;
        if network != base.backbone.name.architecture {
            let weights = self.comparison.weights.get(&network);
            let usual = match network.learned_from_imagenet() {
                true => WeightSource::Imagenet,
                false => WeightSource::Published,
            };
            config.backbone.weights = Some(weights.cloned().unwrap_or_else(|| usual.to_string()));
            let frozen = config.backbone.frozen(config.mode);
            if network.check_stage(frozen).is_err() {
                // A stage of another kind of network.
                config.backbone.freeze = None;
            }
        }
        if let Some(source) = self.row.source() {
            config.attributes = model_files(&self.folder_of(source));
        }
        Ok(config.try_into().map_err(artkg_art::Error::from)?)
    }

    /// Trains and measures; `None` when stopped.
    pub(crate) fn run(&self, session: &Session) -> Result<Option<RunResult>> {
        let mut config = self.settings()?;
        let random_weights = self.settle_weights(&mut config)?;
        let captions = self.captions(&config)?;
        let folder = self.folder_of(self.row);
        let runs = self.train(&config, &folder, session)?;
        let mut result = RunResult {
            row: self.row,
            seed: self.seed,
            config,
            random_weights,
            captioner: None,
            parameters: 0,
            trained_parameters: 0,
            epochs: 0,
            training_seconds: 0.0,
            images_per_second: 0.0,
            curves: Vec::new(),
            ids: Vec::new(),
            tasks: Vec::new(),
            consistent: Vec::new(),
        };
        for (folder, report) in runs {
            let Some(model) = report.model else {
                return Ok(None);
            };
            let stored = StoredModel::load(&model, session.device())?;
            session.vouch(&model, stored.checksum.as_ref());
            if !self.measure(&stored, captions.as_ref(), session, &mut result)? {
                return Ok(None);
            }
            record_training(&folder, &stored, &mut result)?;
        }
        result.write(&self.result_file())?;
        Ok(Some(result))
    }

    pub(crate) fn captions(&self, config: &ArtConfig) -> Result<Option<Captions>> {
        let source = config.system.captions();
        Ok(source.map(|source| source.read(self.corpus)).transpose()?)
    }

    /// Makes sure that the weights are available, or takes random ones where that is
    /// allowed; whether the network starts from random ones.
    fn settle_weights(&self, config: &mut ArtConfig) -> Result<bool> {
        let opened = match &config.backbone.weights {
            Some(text) => {
                let source: WeightSource = text.parse()?;
                Weights::from_source(&source, config.backbone.name, &Hub::from_environment())
            }
            None => Ok(None),
        };
        match opened {
            Ok(Some(_)) => return Ok(false),
            // Said so.
            Ok(None) if config.backbone.weights.is_some() => return Ok(true),
            Err(error) if !self.comparison.random_weights => return Err(error.into()),
            Ok(None) | Err(_) => {}
        }
        if self.comparison.random_weights {
            // Said so, it may be frozen.
            config.backbone.weights = Some("none".to_owned());
        }
        if !config.system.mode().keeps_backbone() {
            config.backbone.freeze = Some(Stage::Input);
        }
        Ok(true)
    }

    fn train(
        &self,
        config: &ArtConfig,
        folder: &Path,
        session: &Session,
    ) -> Result<Vec<(PathBuf, RunReport)>> {
        let is_per_task = self.row.system.is_per_task() && config.tasks.len() > 1;
        let run_options = RunOptions {
            folder,
            // Runs of single tasks lie in folders of their own below.
            resume: is_per_task || is_begun(folder),
            session,
        };
        if is_per_task {
            let runs = train_each_task(config, run_options)?;
            let runs = runs.into_iter();
            return Ok(runs
                .map(|(task, report)| (folder.join(task.name()), report))
                .collect());
        }
        Ok(vec![(folder.to_path_buf(), train(config, run_options)?)])
    }

    /// Adds the tasks of a model to the result; false when stopped.
    fn measure(
        &self,
        stored: &StoredModel,
        captions: Option<&Captions>,
        session: &Session,
        result: &mut RunResult,
    ) -> Result<bool> {
        let cache = ModelActivations::new(stored, &self.comparison.base.backbone.cache)?;
        let predictor = predictor_with(stored, captions)?;
        let options = ScoreOptions {
            activations: Some(&cache),
            batch_size: BATCH_SIZE,
            vectors: false,
        };
        let scores = |split| score_split(&predictor, self.corpus, split, &options, session);
        let (Some(validation), Some(test)) = (scores(Split::Validation)?, scores(Split::Test)?)
        else {
            return Ok(false);
        };
        let description = &stored.description;
        let heads = |scores: &SplitScores| description.heads(&scores.logits);
        let independent = (heads(&validation), heads(&test));
        let compare = |chosen: &(Vec<Prediction>, Vec<Prediction>)| -> Vec<TaskResult> {
            let vocabularies = description.vocabularies.iter().enumerate();
            vocabularies
                .map(|(head, vocabulary)| {
                    TaskResult::new(
                        vocabulary,
                        Chosen {
                            prediction: &chosen.0[head],
                            targets: &validation.targets[head],
                        },
                        Chosen {
                            prediction: &chosen.1[head],
                            targets: &test.targets[head],
                        },
                    )
                })
                .collect()
        };
        result.tasks.extend(compare(&independent));
        if let Some(prior) = &description.joint {
            let joint = prior.prepare(None);
            let consistent = (joint.predict(&independent.0), joint.predict(&independent.1));
            result.consistent = compare(&consistent);
        }
        result.ids = test.ids;
        if let Some(SideDescription::Captions { captioner, .. }) = &stored.description.side {
            result.captioner = Some(captioner.clone());
        }
        Ok(true)
    }
}

/// Adds what a run took.
fn record_training(folder: &Path, stored: &StoredModel, result: &mut RunResult) -> Result<()> {
    let epochs = RunFolder::open(folder)?.epochs()?;
    let seconds: f64 = epochs.iter().map(|epoch| epoch.seconds).sum();
    let images: f64 = epochs
        .iter()
        .map(|epoch| epoch.examples_per_second * epoch.seconds)
        .sum();
    let seen = result.images_per_second * result.training_seconds + images;
    result.training_seconds += seconds;
    result.images_per_second = seen / result.training_seconds.max(f64::MIN_POSITIVE);
    result.epochs += epochs.len();
    let curve = epochs.iter().map(|epoch| epoch.validation.get("accuracy"));
    result
        .curves
        .push(curve.map(|value| value.copied().unwrap_or(0.0)).collect());
    let frozen = stored.description.frozen;
    for (name, parameter) in stored.store.trainable() {
        let count = parameter.variable.elem_count();
        result.parameters += count;
        if is_trained(&name, stored.model.backbone(), frozen) {
            result.trained_parameters += count;
        }
    }
    let others = stored.attributes.iter();
    let others: usize = others.map(|model| model.store.parameter_count()).sum();
    result.parameters += others;
    Ok(())
}
