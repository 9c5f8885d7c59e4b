//! The model file: one safetensors file with everything that tagging needs.

use std::collections::BTreeMap;
use std::path::Path;

use artkg_corpus::Vocabulary;
use artkg_image::Preprocessing;
use artkg_nn::{Device, ParameterStore, load_tensors, save_tensors};
use artkg_vision::{Architecture, BackboneOptions, Bottleneck, create_backbone};
use serde::{Deserialize, Serialize};

use crate::joint::JointPrior;
use crate::model::BACKBONE_SCOPE;
use crate::{ArtModel, Error, Mode, Result, Selection};

/// The metadata key of the description.
const DESCRIPTION_KEY: &str = "artkg";

/// What the header of a model file says, as JSON under the key `artkg`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelDescription {
    /// The version of the file format; see [`ModelDescription::FORMAT`].
    pub format: u32,
    /// The system that the model is.
    pub mode: Mode,
    /// The backbone's architecture.
    pub architecture: Architecture,
    /// The backbone's variant.
    pub bottleneck: Bottleneck,
    /// The classes of each head, in the heads' order.
    pub vocabularies: Vec<Vocabulary>,
    /// How images become inputs.
    pub preprocessing: Preprocessing,
    /// The width of the projection, for knowledge graph models.
    pub projection_width: Option<usize>,
    /// The calibrating temperature of each head (see [`crate::calibration`]).
    pub temperatures: Vec<f32>,
    /// How many tags are wrong above which confidence; older files lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// Which tags go together; files of one task and older ones lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<JointPrior>,
    /// Where the model comes from.
    pub provenance: Provenance,
}

/// Where a model comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of artkg that trained it.
    pub artkg_version: String,
    /// The corpus's name.
    pub corpus: String,
    /// The corpus's source.
    pub corpus_source: String,
    /// The licence of the corpus.
    pub corpus_licence: String,
    /// Whether the corpus was generated.
    pub synthetic: bool,
    /// What the backbone started from; `None` for random weights.
    pub initial_weights: Option<String>,
    /// The run's seed.
    pub seed: u64,
    /// The epoch of the parameters, counted from 1.
    pub epoch: usize,
    /// Validation metrics at that epoch, by name.
    pub validation: BTreeMap<String, f64>,
}

impl ModelDescription {
    /// The format that this version reads and writes.
    pub const FORMAT: u32 = 1;

    /// Whether what the model knows of its own tags fits its tasks.
    fn check_trust(&self) -> std::result::Result<(), String> {
        let classes: Vec<usize> = self.vocabularies.iter().map(Vocabulary::len).collect();
        if let Some(selection) = &self.selection {
            let fits = |curves: &Vec<_>| curves.len() == classes.len();
            let expected = self.joint.is_none() || fits(&selection.consistent);
            if !fits(&selection.independent) || !expected {
                return Err(
                    "the model description is damaged: a risk–coverage curve for each task is \
                     needed"
                        .to_owned(),
                );
            }
        }
        match &self.joint {
            Some(joint) => joint
                .check(&classes)
                .map_err(|reason| format!("the model description is damaged: {reason}")),
            None => Ok(()),
        }
    }
}

/// Writes a model file atomically.
///
/// # Errors
/// When the file cannot be written.
pub fn save_model(
    path: &Path,
    store: &ParameterStore,
    description: &ModelDescription,
) -> Result<()> {
    let json = serde_json::to_string(description)
        .map_err(|error| Error::Model(format!("{}: {error}", path.display())))?;
    // Beside the description, for readers that want the backbone only.
    let architecture = description.architecture;
    let mut metadata = BTreeMap::from([
        (DESCRIPTION_KEY.to_owned(), json),
        ("architecture".to_owned(), architecture.to_string()),
    ]);
    if architecture.has_variants() {
        metadata.insert("variant".to_owned(), description.bottleneck.to_string());
    }
    Ok(save_tensors(path, &store.export()?, &metadata)?)
}

/// Reads a model file: its description, its parameters and the model over them.
///
/// # Errors
/// When the file is damaged, is no artkg model, comes from another version, or
/// its tensors do not fit what its header says.
pub fn load_model(
    path: &Path,
    device: &Device,
) -> Result<(ModelDescription, ParameterStore, ArtModel)> {
    let (tensors, metadata) = load_tensors(path)?;
    let fault = |message: String| Error::Model(format!("{}: {message}", path.display()));
    let json = metadata.get(DESCRIPTION_KEY).ok_or_else(|| {
        fault("not an artkg model; pass the model.safetensors of a training run".to_owned())
    })?;
    let format = serde_json::from_str::<FormatOnly>(json)
        .map_err(|error| fault(format!("the model description is damaged: {error}")))?
        .format;
    if format != ModelDescription::FORMAT {
        return Err(fault(format!(
            "model format {format} is not the format {} that this version of artkg reads",
            ModelDescription::FORMAT
        )));
    }
    let description: ModelDescription = serde_json::from_str(json)
        .map_err(|error| fault(format!("the model description is damaged: {error}")))?;
    if description.temperatures.len() != description.vocabularies.len() {
        return Err(fault(
            "the model description is damaged: a temperature for each vocabulary is needed"
                .to_owned(),
        ));
    }
    description.check_trust().map_err(&fault)?;
    let store = ParameterStore::blank(device);
    let backbone = create_backbone(
        &store.root().sub(BACKBONE_SCOPE),
        description.architecture,
        description.bottleneck,
        BackboneOptions::default(),
    )?;
    let model = ArtModel::new(
        &store,
        backbone,
        &description.vocabularies,
        description.projection_width,
    )?;
    store
        .load(&tensors)
        .map_err(|error| fault(error.to_string()))?;
    Ok((description, store, model))
}

/// Just enough to tell a file of another version from a damaged one.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}
