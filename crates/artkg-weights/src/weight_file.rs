use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use artkg_nn::{Tensor, load_tensors};

use crate::error::Result;

/// Prefixes that PyTorch's wrappers put before every name.
const WRAPPERS: [&str; 2] = ["module.", "_orig_mod."];

/// A safetensors file of weights.
///
/// The names are cleaned on opening: prefixes of wrappers are removed, and so are the
/// counters `num_batches_tracked`, which nothing here uses.
#[derive(Debug)]
pub struct WeightFile {
    /// Where it lies.
    pub path: PathBuf,
    /// The tensors by name, in the data types in which they were stored.
    pub tensors: HashMap<String, Tensor>,
    /// The file's metadata.
    pub metadata: BTreeMap<String, String>,
}

impl WeightFile {
    /// Reads a file.
    ///
    /// # Errors
    /// An error naming the file when it is missing or not a safetensors file.
    pub fn open(path: &Path) -> Result<Self> {
        let (tensors, metadata) = load_tensors(path)?;
        Ok(Self {
            path: path.into(),
            tensors: clean_names(tensors),
            metadata,
        })
    }
}

/// Removes wrappers' prefixes and batch counters.
fn clean_names(mut tensors: HashMap<String, Tensor>) -> HashMap<String, Tensor> {
    for wrapper in WRAPPERS {
        if !tensors.is_empty() && tensors.keys().all(|name| name.starts_with(wrapper)) {
            tensors = tensors
                .into_iter()
                .map(|(name, tensor)| (name[wrapper.len()..].to_owned(), tensor))
                .collect();
        }
    }
    tensors.retain(|name, _| !name.ends_with(".num_batches_tracked"));
    tensors
}
