//! Checkpoints: one safetensors file each, so that replacing it is atomic. The
//! parameters have their own names, as in a model file; the optimiser's state
//! has a prefix; the loop's state is in the header.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use artkg_nn::{Tensor, load_tensors, save_tensors};

use crate::state::State;
use crate::{Error, Result};

const HEADER_KEY: &str = "artkg-checkpoint-1";
const OPTIMISER_PREFIX: &str = "optimiser:";

/// What a checkpoint file holds.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) state: State,
    pub(crate) parameters: HashMap<String, Tensor>,
    pub(crate) optimiser: HashMap<String, Tensor>,
}

impl Checkpoint {
    /// Writes the file in one piece.
    pub(crate) fn save(self, path: &Path) -> Result<()> {
        let state = serde_json::to_string(&self.state).map_err(|error| Error::Checkpoint {
            path: path.to_path_buf(),
            reason: error.to_string(),
        })?;
        let mut tensors = self.parameters;
        for (name, tensor) in self.optimiser {
            tensors.insert(OPTIMISER_PREFIX.to_owned() + &name, tensor);
        }
        let header = BTreeMap::from([(HEADER_KEY.to_owned(), state)]);
        Ok(save_tensors(path, &tensors, &header)?)
    }

    /// Reads a file.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let refuse = |reason: String| Error::Checkpoint {
            path: path.to_path_buf(),
            reason,
        };
        let (tensors, header) = load_tensors(path)?;
        let state = header
            .get(HEADER_KEY)
            .ok_or_else(|| refuse(format!("its header has no {HEADER_KEY}")))?;
        let state = serde_json::from_str(state)
            .map_err(|error| refuse(format!("{HEADER_KEY} in its header: {error}")))?;
        let mut checkpoint = Self {
            state,
            parameters: HashMap::new(),
            optimiser: HashMap::new(),
        };
        for (name, tensor) in tensors {
            match name.strip_prefix(OPTIMISER_PREFIX) {
                Some(name) => checkpoint.optimiser.insert(name.to_owned(), tensor),
                None => checkpoint.parameters.insert(name, tensor),
            };
        }
        Ok(checkpoint)
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
        }
    }

    #[test]
    fn round_trip() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints/last.safetensors");
        sample().save(&path).unwrap();
        let back = Checkpoint::load(&path).unwrap();
        assert_eq!(back.state, sample().state);
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
