use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use artkg_nn::ParameterStore;
use artkg_tune::differences;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Table;

use crate::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::record::{EpochRecord, Record};

/// What runs write, whatever they train.
const OUTPUTS: [&str; 7] = [
    "config.toml",
    "data.json",
    "metrics.jsonl",
    "model.safetensors",
    "report.html",
    "retrieval.safetensors",
    "vocabulary.json",
];

/// The folder of one training run:
///
/// ```text
/// config.toml                    all settings of the run
/// data.json                      fingerprints of what it learns from
/// metrics.jsonl                  a line for every few steps and every epoch
/// events.out.tfevents.*          the same for TensorBoard
/// checkpoints/last.safetensors   where to resume
/// checkpoints/best.safetensors   the parameters of the best epoch
/// report.html                    learning curves and the results
/// lock                           locked by the process that trains
/// ```
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
    resumed: bool,
    /// Held while the run lasts: settings are written long before the first record.
    lock: Option<Arc<File>>,
}

impl RunFolder {
    /// Starts a new run at `path` and writes `config`, whatever settings the
    /// caller wants to keep with it, to `config.toml`.
    ///
    /// # Errors
    /// [`Error::Occupied`] where a run has left records or checkpoints,
    /// [`Error::Busy`] where another process trains, and [`Error::File`] where the
    /// folder can't be written or has files of a run's names that no run left.
    pub fn create(path: &Path, config: &impl Serialize) -> Result<Self> {
        let mut folder = Self {
            path: path.to_path_buf(),
            resumed: false,
            lock: None,
        };
        let records = std::fs::metadata(folder.metrics_file()).is_ok_and(|file| file.len() > 0);
        if records || folder.last_checkpoint().exists() || folder.best_checkpoint().exists() {
            return Err(Error::Occupied(folder.path));
        }
        if !folder.lock_file().exists() {
            // No run was here: files of these names are somebody else's.
            for name in OUTPUTS {
                artkg_files::claim(&path.join(name), [], false, |_| false)?;
            }
        }
        folder.lock()?;
        folder.write_config(&table(config)?)?;
        Ok(folder)
    }

    /// Opens the run at `path` to continue it with `config`, which must say the
    /// same as the stored one, except for the keys `free_to_change` (without
    /// the names of their tables; see
    /// [`crate::TrainingConfig::keys_free_to_change`]). Keys that the stored one
    /// leaves out have their defaults.
    ///
    /// # Errors
    /// [`Error::NoRun`], [`Error::Busy`], [`Error::Changed`] with every difference,
    /// and [`Error::Config`] or [`Error::File`] for an unreadable `config.toml`.
    pub fn resume<C: Serialize + DeserializeOwned>(
        path: &Path,
        config: &C,
        free_to_change: &[&str],
    ) -> Result<Self> {
        let mut folder = Self {
            resumed: true,
            ..Self::open(path)?
        };
        folder.lock()?;
        let stored = folder.config()?;
        let new = table(config)?;
        let then: C = folder.stored_config()?;
        let mut differences = differences(&table(&then)?, &new);
        differences.retain(|difference| {
            let name = difference.name.rsplit('.').next().unwrap_or_default();
            !free_to_change.contains(&name)
        });
        if !differences.is_empty() {
            return Err(Error::Changed {
                path: folder.path,
                differences,
            });
        }
        if stored != new {
            folder.write_config(&new)?;
        }
        Ok(folder)
    }

    /// Writes `config` again once a setting that it left open is decided.
    ///
    /// # Errors
    /// [`Error::File`] where the folder can't be written.
    pub fn replace_config(&self, config: &impl Serialize) -> Result<()> {
        self.write_config(&table(config)?)
    }

    /// Opens the run at `path` to look at it.
    ///
    /// # Errors
    /// [`Error::NoRun`] where there is none.
    pub fn open(path: &Path) -> Result<Self> {
        let folder = Self {
            path: path.to_path_buf(),
            resumed: false,
            lock: None,
        };
        match folder.config_file().exists() {
            true => Ok(folder),
            false => Err(Error::NoRun(folder.path)),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether an earlier run is to be continued.
    pub fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// `config.toml`.
    pub fn config_file(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// `metrics.jsonl`.
    pub fn metrics_file(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// `report.html`.
    pub fn report_file(&self) -> PathBuf {
        self.path.join("report.html")
    }

    /// `checkpoints/last.safetensors`.
    pub fn last_checkpoint(&self) -> PathBuf {
        self.path.join("checkpoints").join("last.safetensors")
    }

    /// `checkpoints/best.safetensors`.
    pub fn best_checkpoint(&self) -> PathBuf {
        self.path.join("checkpoints").join("best.safetensors")
    }

    /// The stored settings.
    ///
    /// # Errors
    /// [`Error::File`] and [`Error::Config`].
    pub fn config(&self) -> Result<Table> {
        let path = self.config_file();
        let text = artkg_files::read_text(&path)?;
        text.parse().map_err(|source| Error::config(&path, source))
    }

    /// The stored settings as their type reads them.
    ///
    /// # Errors
    /// As [`RunFolder::config`], and [`Error::Config`] for settings that the type
    /// does not have.
    pub(crate) fn stored_config<C: DeserializeOwned>(&self) -> Result<C> {
        let stored = self.config()?.try_into();
        stored.map_err(|source| Error::config(&self.config_file(), source))
    }

    /// The records of the finished epochs.
    ///
    /// # Errors
    /// As [`Record::read_all`].
    pub fn epochs(&self) -> Result<Vec<EpochRecord>> {
        let records = Record::read_all(&self.metrics_file())?.into_iter();
        Ok(records
            .filter_map(|record| match record {
                Record::Epoch(epoch) => Some(epoch),
                Record::Step(_) => None,
            })
            .collect())
    }

    /// Sets `store` to the parameters of the best epoch, whose number, from 1,
    /// it returns.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Checkpoint`] for an unreadable file,
    /// [`Error::Engine`] where it doesn't fit the model.
    pub fn load_best(&self, store: &ParameterStore) -> Result<usize> {
        let path = self.best_checkpoint();
        let checkpoint = Checkpoint::load(&path)?;
        checkpoint.restore(&path, store)?;
        Ok(checkpoint.state.best.map_or(0, |best| best.epoch))
    }

    fn lock_file(&self) -> PathBuf {
        self.path.join("lock")
    }

    fn lock(&mut self) -> Result<()> {
        artkg_files::create_folder(&self.path)?;
        let path = self.lock_file();
        let file = artkg_files::open_locked(&path)
            .map_err(|source| artkg_files::Error::new("open", &path, source))?;
        let file = file.ok_or_else(|| Error::Busy(self.path.clone()))?;
        self.lock = Some(Arc::new(file));
        Ok(())
    }

    fn write_config(&self, config: &Table) -> Result<()> {
        let text = toml::to_string(config).map_err(unwritable)?;
        Ok(artkg_files::write_bytes(
            &self.config_file(),
            text.as_bytes(),
        )?)
    }
}

fn table(config: &impl Serialize) -> Result<Table> {
    Table::try_from(config).map_err(unwritable)
}

fn unwritable(error: toml::ser::Error) -> Error {
    Error::UnwritableSettings(Box::new(error))
}

/// Whether there is a run in `folder` that has to be continued.
pub fn is_begun(folder: &Path) -> bool {
    RunFolder::open(folder).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TrainingConfig;

    #[test]
    fn a_run_is_created_once_and_resumed_with_the_same_settings() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs/first");
        let mut config = TrainingConfig::default();
        let run = RunFolder::create(&path, &config).unwrap();
        assert!(!run.is_resumed());
        let error = RunFolder::create(&path, &config).unwrap_err();
        assert!(matches!(error, Error::Busy(_)), "{error}");
        std::fs::write(run.metrics_file(), "{}\n").unwrap();
        drop(run);
        let error = RunFolder::create(&path, &config).unwrap_err();
        assert!(matches!(error, Error::Occupied(_)), "{error}");

        config.early_stopping.patience = 9;
        let free = config.keys_free_to_change();
        let run = RunFolder::resume(&path, &config, &free).unwrap();
        assert!(run.is_resumed());
        let stored: TrainingConfig = run.config().unwrap().try_into().unwrap();
        assert_eq!(stored, config);
    }

    #[test]
    fn files_that_no_run_left_stay() {
        let folder = tempfile::tempdir().unwrap();
        let theirs = folder.path().join("config.toml");
        std::fs::write(&theirs, "mine = true\n").unwrap();
        let config = TrainingConfig::default();
        let error = RunFolder::create(folder.path(), &config).unwrap_err();
        assert!(
            matches!(&error, Error::File(artkg_files::Error::NotOurs(path)) if *path == theirs),
            "{error}"
        );
        assert_eq!(artkg_files::read_text(&theirs).unwrap(), "mine = true\n");
        // What a run left before its first record may be replaced.
        std::fs::remove_file(&theirs).unwrap();
        drop(RunFolder::create(folder.path(), &config).unwrap());
        RunFolder::create(folder.path(), &config).unwrap();
    }

    #[test]
    fn every_changed_setting_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = TrainingConfig::default();
        config.optimiser.group_rates.insert("heads".into(), 4.0);
        RunFolder::create(folder.path(), &config).unwrap();
        config.optimiser.group_rates.clear();
        config.optimiser.learning_rate = 0.5;
        config.checkpoint_every = 3;
        let free = config.keys_free_to_change();
        let error = RunFolder::resume(folder.path(), &config, &free).unwrap_err();
        let Error::Changed { differences, .. } = error else {
            panic!("{error}");
        };
        let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
        assert_eq!(
            differences,
            [
                "optimiser.group_rates.heads was 4.0, is not set",
                "optimiser.learning_rate was 0.01, is 0.5",
            ]
        );
    }

    #[test]
    fn keys_that_an_older_version_left_out_have_their_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let config = TrainingConfig::default();
        let text = "epochs = 30\n[optimiser]\nkind = \"sgd\"\n[schedule]\nstep_epochs = 3\n";
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        RunFolder::resume(folder.path(), &config, &[]).unwrap();
        std::fs::write(folder.path().join("config.toml"), "epoch = 30").unwrap();
        let error = RunFolder::resume(folder.path(), &config, &[]).unwrap_err();
        assert!(matches!(error, Error::Config { .. }), "{error}");
    }

    #[test]
    fn folders_without_a_run_and_unwritable_ones_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let config = TrainingConfig::default();
        let error = RunFolder::resume(folder.path(), &config, &[]).unwrap_err();
        assert!(matches!(error, Error::NoRun(_)), "{error}");
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let message = RunFolder::create(&file.join("run"), &config)
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("cannot") && message.contains("file/run"),
            "{message}"
        );
    }
}
