use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::TrainingConfig;
use crate::error::{Error, Result};

/// Reads a file of settings.
///
/// # Errors
/// When the file cannot be read, or with the line of a key that is unknown or has a
/// wrong value.
pub fn read_config<C: DeserializeOwned>(path: &Path) -> Result<C> {
    let text = artkg_files::read_text(path)?;
    toml::from_str(&text).map_err(|source| Error::config(path, source))
}

/// Everything that decides a run: what `config.toml` in its folder says.
pub trait RunConfig: Clone + Serialize + DeserializeOwned {
    /// What refuses a setting.
    type Error: From<Error>;

    /// Reads a file such as the `config.toml` of a run.
    ///
    /// # Errors
    /// As [`read_config`].
    fn read(path: &Path) -> Result<Self, Self::Error> {
        Ok(read_config(path)?)
    }

    /// Checks what the types alone do not.
    ///
    /// # Errors
    /// The first setting that makes no sense.
    fn check(&self) -> Result<(), Self::Error>;

    /// The settings of the training loop.
    fn training(&self) -> &TrainingConfig;

    /// The same, to be changed.
    fn training_mut(&mut self) -> &mut TrainingConfig;

    /// The keys, without their tables, that may change when the run is resumed.
    fn keys_free_to_change(&self) -> Vec<&'static str> {
        self.training().keys_free_to_change()
    }
}
