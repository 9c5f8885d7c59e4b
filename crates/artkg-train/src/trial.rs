//! Training runs as trials of a study: where they lie, what their end means.

use std::path::{Path, PathBuf};

use artkg_tune::{Direction, Evaluation, Outcome};

use crate::config::Mode;
use crate::error::{Error, Result};
use crate::run_folder::RunFolder;
use crate::training::Summary;

/// The folder of a trial's run in the folder of its study.
pub fn trial_folder(study: &Path, number: usize) -> PathBuf {
    study.join("trials").join(format!("{number:04}"))
}

/// Whether the run of a trial was begun and has to be continued.
pub fn is_begun(folder: &Path) -> bool {
    RunFolder::open(folder).is_ok()
}

/// The result of a trial's run: its best value of the deciding metric.
pub fn trial_evaluation(summary: &Summary) -> Evaluation {
    match (summary.outcome, summary.best) {
        (crate::Outcome::Interrupted, _) => Evaluation::Interrupted,
        (_, Some((_, value))) => Evaluation::Ended(Outcome::Finished { value }),
        (_, None) => Evaluation::Ended(Outcome::Diverged {
            reason: "no epoch had a value of the deciding metric".to_owned(),
        }),
    }
}

/// Removes what a trial that is not the best has left to train on or to use:
/// checkpoints and the `model` file. Its records and report stay.
///
/// # Errors
/// [`Error::File`] where something can't be removed.
pub fn discard_trial(folder: &Path, model: &str) -> Result<()> {
    let removed = |path: &Path, result: std::io::Result<()>| match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(artkg_files::Error::new("remove", path, error))
        }
        _ => Ok(()),
    };
    let checkpoints = folder.join("checkpoints");
    removed(&checkpoints, std::fs::remove_dir_all(&checkpoints))?;
    let model = folder.join(model);
    removed(&model, std::fs::remove_file(&model))?;
    Ok(())
}

impl Error {
    /// What the error makes of a trial, where it is due to the trial's
    /// settings; `None` where it has to do with files or the machine.
    pub fn trial_outcome(&self) -> Option<Outcome> {
        let reason = self.to_string();
        match self {
            Self::NotFinite { .. } => Some(Outcome::Diverged { reason }),
            Self::File(_)
            | Self::Append { .. }
            | Self::Busy(_)
            | Self::Occupied(_)
            | Self::NoRun(_)
            | Self::Config { .. }
            | Self::Changed { .. }
            | Self::DataChanged { .. }
            | Self::DataRecord { .. }
            | Self::Checkpoint { .. }
            | Self::Report(_) => None,
            Self::Setting { .. }
            | Self::NotOfOptimiser { .. }
            | Self::Memory { .. }
            | Self::UnknownMetric { .. }
            | Self::UnknownGroup { .. }
            | Self::Model { .. }
            | Self::Engine(_) => Some(Outcome::Failed { reason }),
        }
    }
}

impl From<Mode> for Direction {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Max => Self::Maximise,
            Mode::Min => Self::Minimise,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_run_is_an_evaluation() {
        let summary = |outcome, best| Summary {
            outcome,
            epochs: 3,
            steps: 0,
            best,
            validation: None,
        };
        let finished = trial_evaluation(&summary(crate::Outcome::StoppedEarly, Some((2, 0.5))));
        let expected = Evaluation::Ended(Outcome::Finished { value: 0.5 });
        assert_eq!(finished, expected);
        let interrupted = trial_evaluation(&summary(crate::Outcome::Interrupted, Some((2, 0.5))));
        assert_eq!(interrupted, Evaluation::Interrupted);
        let without = trial_evaluation(&summary(crate::Outcome::Finished, None));
        assert!(matches!(
            without,
            Evaluation::Ended(Outcome::Diverged { .. })
        ));
    }

    #[test]
    fn errors_of_settings_are_outcomes_and_errors_of_files_are_not() {
        let error = Error::Setting {
            key: "epochs",
            value: "0".to_owned(),
            allowed: "1 or more".to_owned(),
        };
        let outcome = error.trial_outcome();
        assert!(matches!(outcome, Some(Outcome::Failed { reason }) if reason.contains("epochs")));
        assert_eq!(Error::Busy(PathBuf::from("run")).trial_outcome(), None);
    }

    #[test]
    fn discarding_leaves_the_records() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for file in ["checkpoints/last.safetensors", "model", "metrics.jsonl"] {
            artkg_files::write_bytes(&folder.join(file), b"x").unwrap();
        }
        for _ in 0..2 {
            discard_trial(folder, "model").unwrap();
        }
        let left: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].file_name(), "metrics.jsonl");
    }
}
