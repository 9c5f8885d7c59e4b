//! The model file: one safetensors file with everything that tagging needs.

use std::collections::BTreeMap;
use std::path::Path;

use artkg_files::checksum::Checksum;
use artkg_files::provenance::Provenance;
use artkg_nn::{Device, ParameterStore, TensorFile, save_tensors};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ModelFault, Result};
use crate::models::{ModelConfig, Tagger};
use crate::preparation::Preparation;

/// The metadata key of the description.
const DESCRIPTION_KEY: &str = "artkg-flavor";
/// The format that this version reads and writes.
const FORMAT: u32 = 1;

/// What the header of a model file says, as JSON under the key `artkg-flavor`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelDescription {
    /// The version of the file format.
    pub format: u32,
    /// The tagger.
    pub model: ModelConfig,
    /// The classes, in the order of the outputs.
    pub classes: Vec<String>,
    /// How events become inputs.
    pub preparation: Preparation,
    /// Where the model comes from.
    pub provenance: Provenance<EventsOrigin>,
}

/// The events that a model learned from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventsOrigin {
    /// The training files.
    pub files: Vec<String>,
    /// Events that it was trained on.
    pub events: usize,
    /// Whether toy events, which are no physics, are among them.
    #[serde(default)]
    pub toy: bool,
}

impl EventsOrigin {
    /// What has to be said of the model `path` that learned from them.
    pub fn warning(&self, path: &Path) -> Option<String> {
        self.toy.then(|| {
            format!(
                "warning: {} learned from toy events, which are no physics; what it says of others \
                 means nothing",
                path.display()
            )
        })
    }
}

impl ModelDescription {
    pub(crate) fn new(
        model: ModelConfig,
        classes: Vec<String>,
        preparation: Preparation,
        provenance: Provenance<EventsOrigin>,
    ) -> Self {
        Self {
            format: FORMAT,
            model,
            classes,
            preparation,
            provenance,
        }
    }
}

pub(crate) fn save_model(
    path: &Path,
    store: &ParameterStore,
    description: &ModelDescription,
) -> Result<()> {
    let json = serde_json::to_string(description).map_err(|error| Error::Model {
        path: path.to_path_buf(),
        fault: error.into(),
    })?;
    let metadata = BTreeMap::from([(DESCRIPTION_KEY.to_owned(), json)]);
    Ok(save_tensors(path, &store.export()?, &metadata)?)
}

/// Reads a model file onto `device`.
pub(crate) fn load_model(
    path: &Path,
    device: &Device,
) -> Result<(ModelDescription, Tagger, Checksum)> {
    let file = TensorFile::read(path)?;
    let described = describe(&file.metadata);
    let fault = |fault| Error::Model {
        path: path.to_path_buf(),
        fault,
    };
    let description = described.map_err(fault)?;
    file.check_finite()?;
    let store = ParameterStore::blank(device);
    let tagger = Tagger::new(&store, &description.model, description.classes.len())?;
    let loaded = store.load(&file.tensors);
    loaded.map_err(|error| fault(error.into()))?;
    Ok((description, tagger, file.checksum))
}

/// The description in the header of a model file.
fn describe(header: &BTreeMap<String, String>) -> Result<ModelDescription, ModelFault> {
    let json = header.get(DESCRIPTION_KEY).ok_or(ModelFault::NotATagger)?;
    let format = serde_json::from_str::<FormatOnly>(json)?.format;
    if format != FORMAT {
        return Err(ModelFault::Format {
            found: format,
            known: FORMAT,
        });
    }
    let description: ModelDescription = serde_json::from_str(json)?;
    if description.classes.len() < 2 {
        return Err(ModelFault::Classes(description.classes.len()));
    }
    description.preparation.check()?;
    Ok(description)
}

/// Just enough to tell a file of another version from a damaged one.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}
