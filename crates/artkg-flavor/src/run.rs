//! A training run from its configuration to the model file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use artkg_nn::{Device, ParameterStore};
use artkg_train::{DataRecord, Run, RunFolder, RunOptions, RunReport, Trained, execute};

use crate::class::classes_of;
use crate::config::FlavorConfig;
use crate::dataset::{ReadWatcher, Samples};
use crate::error::{Error, Result};
use crate::event::Events;
use crate::model_file::{EventsOrigin, ModelDescription, save_model};
use crate::models::Tagger;
use crate::preparation::Preparation;
use crate::training::FlavorTraining;

/// The model file of a run folder.
pub(crate) const MODEL_FILE: &str = "model.safetensors";

/// Trains a tagger as `config` says; `watcher` receives the files read and their
/// malformed lines.
///
/// # Errors
/// When the configuration makes no sense, a file cannot be read or holds no
/// usable event, or the run folder cannot be written.
pub fn train(
    config: &FlavorConfig,
    options: RunOptions<'_>,
    watcher: &mut dyn ReadWatcher,
) -> Result<RunReport> {
    let device = options.session.device().clone();
    execute(config, options, |config: &FlavorConfig| {
        let classes = classes_of(&config.train)?;
        match classes.len() {
            0 | 1 => Err(Error::OneClass(classes.concat())),
            _ => Ok(FlavorRun {
                classes,
                watcher,
                device,
                has_toys: false,
            }),
        }
    })
}

/// The run of a tagger.
struct FlavorRun<'a> {
    classes: Vec<String>,
    watcher: &'a mut dyn ReadWatcher,
    device: Device,
    /// Whether toy events are among those that it learns from.
    has_toys: bool,
}

/// Events to learn from, and events to measure on.
struct Split {
    train: Samples,
    validation: Samples,
}

impl Run for FlavorRun<'_> {
    type Config = FlavorConfig;
    type Data = Split;
    type Training = FlavorTraining;
    type Error = Error;

    fn read(&mut self, config: &FlavorConfig, record: &mut DataRecord) -> Result<Option<Split>> {
        let mut read =
            |files| Samples::read(files, &self.classes, config.strict, &mut *self.watcher);
        let mut train = read(&config.train)?;
        self.has_toys = train.has_toys;
        let validation = match config.validation.is_empty() {
            true => hold_out(&mut train, config.validation_share)?,
            false => read(&config.validation)?,
        };
        record.add("the training events", &train.fingerprint(&self.classes));
        record.add(
            "the validation events",
            &validation.fingerprint(&self.classes),
        );
        Ok(Some(Split { train, validation }))
    }

    fn build(
        &mut self,
        config: &FlavorConfig,
        Split { train, validation }: Split,
        _: &RunFolder,
    ) -> Result<Option<FlavorTraining>> {
        let seed = config.training.seed;
        let preparation = Preparation::measure(&train.events);
        let wants = config.model.wants();
        let store = ParameterStore::new(seed, &self.device);
        Ok(Some(FlavorTraining {
            tagger: Tagger::new(&store, &config.model, self.classes.len())?,
            store,
            classes: self.classes.clone(),
            train: train.prepare(&preparation, wants, &self.device),
            validation: validation.prepare(&preparation, wants, &self.device),
            preparation,
            batch_size: config.training.batch_size,
            seed,
            mirror: config.mirror,
            lost_tracks: config.lost_tracks,
        }))
    }

    fn save(
        self,
        config: &FlavorConfig,
        training: FlavorTraining,
        trained: Trained,
        folder: &RunFolder,
    ) -> Result<PathBuf> {
        let origin = EventsOrigin {
            files: config.train.iter().map(ToString::to_string).collect(),
            events: training.train.len(),
            toy: self.has_toys,
        };
        let description = ModelDescription::new(
            config.model.clone(),
            training.classes,
            training.preparation,
            trained.provenance(origin, None),
        );
        let path = folder.path().join(MODEL_FILE);
        save_model(&path, &training.store, &description)?;
        Ok(path)
    }
}

/// Moves a share of the events of each class of `train`, evenly spread, to a
/// validation sample.
fn hold_out(train: &mut Samples, share: f64) -> Result<Samples> {
    let of_kind = || Samples {
        has_toys: train.has_toys,
        ..Samples::default()
    };
    let (mut kept, mut held) = (of_kind(), of_kind());
    let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
    let mut labels = train.labels.iter();
    for events in &train.events {
        let (mut kept_events, mut held_events) = (Events::default(), Events::default());
        for (event, label) in events.iter().zip(&mut labels) {
            let seen = seen.entry(*label).or_default();
            let due = |count: usize| (count as f64 * share).floor();
            let is_held = due(*seen + 1) > due(*seen);
            *seen += 1;
            let (events, labels) = match is_held {
                true => (&mut held_events, &mut held.labels),
                false => (&mut kept_events, &mut kept.labels),
            };
            events.push(event.axis, event.line, event.tracks.iter().copied());
            labels.push(*label);
        }
        kept.events.push(kept_events);
        held.events.push(held_events);
    }
    if held.labels.is_empty() {
        return Err(Error::TooFewEvents(kept.labels.len()));
    }
    *train = kept;
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_gives_its_share_of_held_out_events() {
        // Classes take turns in one file: every tenth event is of the same class.
        let (mut events, labels) = (Events::default(), (0..40).map(|event| event % 2));
        for line in 0..40 {
            events.push([0.0, 0.0, 1.0], line, std::iter::empty());
        }
        let mut train = Samples {
            events: vec![events],
            labels: labels.collect(),
            has_toys: true,
        };
        let held = hold_out(&mut train, 0.3).unwrap();
        let of_class = |samples: &Samples, class| {
            let labels = samples.labels.iter().filter(|label| **label == class);
            labels.count()
        };
        for class in [0, 1] {
            assert_eq!((of_class(&held, class), of_class(&train, class)), (6, 14));
        }
        assert_eq!(held.events[0].len(), 12);
    }
}
