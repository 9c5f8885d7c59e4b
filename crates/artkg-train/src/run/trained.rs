use artkg_files::provenance::Provenance;
use artkg_nn::ParameterStore;

use crate::error::Result;
use crate::run_folder::RunFolder;
use crate::trainable::Metrics;

/// The best epoch of a finished run.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The run's seed.
    pub seed: u64,
    /// The epoch, from 1.
    pub epoch: usize,
    /// Its validation metrics; empty where its record is lost.
    pub validation: Metrics,
}

impl Trained {
    /// Sets `store` to the parameters of the best epoch.
    pub(super) fn load(folder: &RunFolder, store: &ParameterStore, seed: u64) -> Result<Self> {
        let epoch = folder.load_best(store)?;
        let record = folder
            .epochs()?
            .into_iter()
            .find(|record| record.epoch == epoch);
        Ok(Self {
            seed,
            epoch,
            validation: record.map(|record| record.validation).unwrap_or_default(),
        })
    }

    /// The provenance of its model.
    pub fn provenance<Data>(self, data: Data, initial_weights: Option<String>) -> Provenance<Data> {
        Provenance {
            artkg_version: env!("CARGO_PKG_VERSION").to_owned(),
            data,
            initial_weights,
            seed: self.seed,
            epoch: self.epoch,
            validation: self.validation,
        }
    }
}
