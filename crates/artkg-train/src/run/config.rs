use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::TrainingConfig;
use crate::error::{Error, Result};

/// Everything that decides a run: what `config.toml` in its folder says.
pub trait RunConfig: Clone + Serialize + DeserializeOwned {
    /// What refuses a setting.
    type Error: From<Error>;

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
