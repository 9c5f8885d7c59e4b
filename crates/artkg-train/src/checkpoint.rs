//! Checkpoints: one safetensors file each, so that replacing it is atomic. The
//! trained parameters and buffers have their own names, as in a model file; the
//! optimiser's state has a prefix; the loop's state, the optimiser's settings
//! and a fingerprint of what is not trained are in the header.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use artkg_nn::{ParameterStore, Tensor, load_tensors, save_tensors};
use sha2::{Digest, Sha256};

use crate::config::OptimiserConfig;
use crate::error::{Error, Result};
use crate::state::State;

const HEADER_KEY: &str = "artkg-checkpoint-1";
const FROZEN_KEY: &str = "artkg-frozen-sha256";
const SETTINGS_KEY: &str = "artkg-optimiser";
const OPTIMISER_PREFIX: &str = "optimiser:";

/// What a checkpoint file holds.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) state: State,
    pub(crate) parameters: HashMap<String, Tensor>,
    pub(crate) optimiser: HashMap<String, Tensor>,
    /// The optimiser's settings.
    pub(crate) settings: Option<OptimiserConfig>,
    /// The fingerprint of the parameters that it does not hold.
    pub(crate) frozen: Option<String>,
}

/// The SHA-256 of the names and values of the parameters that `wanted` names.
pub(crate) fn fingerprint(store: &ParameterStore, wanted: impl Fn(&str) -> bool) -> Result<String> {
    let mut hash = Sha256::new();
    store.read_bytes(wanted, |bytes| hash.update(bytes))?;
    let hash = hash.finalize();
    Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Checkpoint {
    /// Writes the file in one piece.
    pub(crate) fn save(self, path: &Path) -> Result<()> {
        let damaged = |key| {
            move |source| Error::Checkpoint {
                path: path.to_path_buf(),
                key,
                source,
            }
        };
        let state = serde_json::to_string(&self.state).map_err(damaged(HEADER_KEY))?;
        let mut header = BTreeMap::from([(HEADER_KEY.to_owned(), state)]);
        if let Some(settings) = &self.settings {
            let settings = serde_json::to_string(settings).map_err(damaged(SETTINGS_KEY))?;
            header.insert(SETTINGS_KEY.to_owned(), settings);
        }
        if let Some(frozen) = self.frozen {
            header.insert(FROZEN_KEY.to_owned(), frozen);
        }
        let mut tensors = self.parameters;
        for (name, tensor) in self.optimiser {
            tensors.insert(OPTIMISER_PREFIX.to_owned() + &name, tensor);
        }
        Ok(save_tensors(path, &tensors, &header)?)
    }

    /// Reads a file.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let damaged = |key| {
            move |source| Error::Checkpoint {
                path: path.to_path_buf(),
                key,
                source,
            }
        };
        let (tensors, header) = load_tensors(path)?;
        let state = header.get(HEADER_KEY).ok_or_else(|| Error::NoCheckpoint {
            path: path.to_path_buf(),
            key: HEADER_KEY,
        })?;
        let state = serde_json::from_str(state).map_err(damaged(HEADER_KEY))?;
        let settings = header
            .get(SETTINGS_KEY)
            .map(|settings| serde_json::from_str(settings))
            .transpose()
            .map_err(damaged(SETTINGS_KEY))?;
        let mut checkpoint = Self {
            state,
            parameters: HashMap::new(),
            optimiser: HashMap::new(),
            settings,
            frozen: header.get(FROZEN_KEY).cloned(),
        };
        for (name, tensor) in tensors {
            match name.strip_prefix(OPTIMISER_PREFIX) {
                Some(name) => checkpoint.optimiser.insert(name.to_owned(), tensor),
                None => checkpoint.parameters.insert(name, tensor),
            };
        }
        Ok(checkpoint)
    }

    /// Sets the parameters that the checkpoint holds; `path` is where it lies.
    ///
    /// # Errors
    /// [`Error::Frozen`] when the others are not those it was saved with,
    /// [`Error::Engine`] when the model has other parameters.
    pub(crate) fn restore(&self, path: &Path, store: &ParameterStore) -> Result<()> {
        let Some(frozen) = &self.frozen else {
            // From before there were fingerprints: it holds everything.
            store.load(&self.parameters)?;
            return Ok(());
        };
        let is_held = |name: &str| self.parameters.contains_key(name);
        if fingerprint(store, |name| !is_held(name))? != *frozen {
            return Err(Error::Frozen(path.to_path_buf()));
        }
        store.load_where(&self.parameters, is_held)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use artkg_nn::Device;

    fn sample() -> Checkpoint {
        let tensor = |values: &[f32]| Tensor::new(values, &Device::Cpu).unwrap();
        Checkpoint {
            state: State {
                epoch: 3,
                step: 5,
                ..State::default()
            },
            parameters: HashMap::from([("weight".into(), tensor(&[1.0, f32::MIN_POSITIVE]))]),
            optimiser: HashMap::from([("weight".into(), tensor(&[0.5, -0.0]))]),
            settings: Some(OptimiserConfig::default()),
            frozen: Some("00ff".to_owned()),
        }
    }

    #[test]
    fn round_trip() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints/last.safetensors");
        sample().save(&path).unwrap();
        let back = Checkpoint::load(&path).unwrap();
        assert_eq!(back.state, sample().state);
        assert_eq!(back.settings, sample().settings);
        assert_eq!(back.frozen, sample().frozen);
        let values = back.parameters["weight"].to_vec1::<f32>().unwrap();
        assert_eq!(values, [1.0, f32::MIN_POSITIVE]);
        let values = back.optimiser["weight"].to_vec1::<f32>().unwrap();
        assert_eq!(values[1].to_bits(), (-0.0f32).to_bits());
    }

    #[test]
    fn damaged_and_foreign_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("last.safetensors");
        sample().save(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let message = Checkpoint::load(&path).unwrap_err().to_string();
        assert!(
            message.contains("last.safetensors") && message.contains("truncated"),
            "{message}"
        );
        save_tensors(&path, &sample().parameters, &BTreeMap::new()).unwrap();
        let message = Checkpoint::load(&path).unwrap_err().to_string();
        assert!(message.contains("has no artkg-checkpoint-1"), "{message}");
    }
}
