//! A training run from its configuration to the model file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use artkg_nn::{Device, ParameterStore};
use artkg_train::{Outcome, Progress, RunFolder, StopFlag, Summary};

use crate::class::classes_of;
use crate::config::FlavorConfig;
use crate::dataset::{Preparation, ReadWatcher, Samples};
use crate::event::Events;
use crate::model_file::{ModelDescription, Provenance, save_model};
use crate::models::Tagger;
use crate::training::FlavorTraining;
use crate::{Error, Result};

/// The model file of a run folder.
pub const MODEL_FILE: &str = "model.safetensors";

/// What a run needs besides its configuration: its folder and who is told of its progress.
pub struct RunOptions<'a> {
    /// The run folder.
    pub folder: &'a Path,
    /// Whether to continue what lies there.
    pub resume: bool,
    /// Ends the run early.
    pub stop: &'a StopFlag,
    /// Receives the progress of epochs and steps.
    pub progress: &'a mut dyn Progress,
    /// Receives the files read and their malformed lines.
    pub watcher: &'a mut dyn ReadWatcher,
}

/// The result of a run.
#[derive(Debug)]
pub struct RunReport {
    /// How training ended.
    pub training: Summary,
    /// The model file, unless the run was interrupted.
    pub model: Option<PathBuf>,
}

/// Trains a tagger as `config` says.
///
/// # Errors
/// When the configuration makes no sense, a file cannot be read or holds no
/// usable event, or the run folder cannot be written.
pub fn train(config: &FlavorConfig, options: RunOptions<'_>) -> Result<RunReport> {
    let mut config = config.clone();
    config.training.optimiser = config.training.optimiser.completed();
    config.check()?;
    let classes = classes_of(&config.train)?;
    if classes.len() < 2 {
        return Err(Error::Usage(format!(
            "a tagger tells classes apart, but there is only {}; pass --class CLASS=FILE for \
             each class",
            classes.join("")
        )));
    }
    let folder = if options.resume {
        let free = config.training.keys_free_to_change();
        RunFolder::resume(options.folder, &config, &free)?
    } else {
        RunFolder::create(options.folder, &config)?
    };
    let mut train = Samples::read(&config.train, &classes, config.strict, options.watcher)?;
    let validation = match config.validation.is_empty() {
        true => hold_out(&mut train, config.validation_share)?,
        false => Samples::read(&config.validation, &classes, config.strict, options.watcher)?,
    };

    let seed = config.training.seed;
    let preparation = Preparation::measure(&train.events);
    let wants = config.model.wants();
    let store = ParameterStore::new(seed, &Device::Cpu);
    let training = FlavorTraining {
        tagger: Tagger::new(&store, &config.model, classes.len())?,
        store,
        classes,
        train: train.prepare(&preparation, wants),
        validation: validation.prepare(&preparation, wants),
        batch_size: config.training.batch_size,
        seed,
        mirror: config.mirror,
        lost_tracks: config.lost_tracks,
        note: None,
    };
    drop((train, validation));
    let summary = artkg_train::train(
        &training,
        &config.training,
        &folder,
        options.stop,
        options.progress,
    )?;
    if summary.outcome == Outcome::Interrupted {
        return Ok(RunReport {
            training: summary,
            model: None,
        });
    }
    let epoch = folder.load_best(&training.store)?;
    let path = folder.path().join(MODEL_FILE);
    let record = folder
        .epochs()?
        .into_iter()
        .find(|record| record.epoch == epoch);
    let provenance = Provenance {
        artkg_version: env!("CARGO_PKG_VERSION").to_owned(),
        files: config.train.iter().map(ToString::to_string).collect(),
        events: training.train.len(),
        seed,
        epoch,
        validation: record.map(|record| record.validation).unwrap_or_default(),
    };
    let description = ModelDescription::new(
        config.model,
        training.classes.clone(),
        preparation,
        provenance,
    );
    save_model(&path, &training.store, &description)?;
    Ok(RunReport {
        training: summary,
        model: Some(path),
    })
}

/// Moves a share of the events of each class of `train`, evenly spread, to a
/// validation sample.
fn hold_out(train: &mut Samples, share: f64) -> Result<Samples> {
    let (mut kept, mut held) = (Samples::default(), Samples::default());
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
        return Err(Error::Usage(format!(
            "{} events are too few to hold some out for validation; pass --validation CLASS=FILE",
            kept.labels.len()
        )));
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
