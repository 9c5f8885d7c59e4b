//! The model file: one safetensors file with everything that tagging needs.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use artkg_files::checksum::Checksum;
use artkg_files::provenance::{CorpusOrigin, Provenance};
use artkg_image::Preprocessing;
use artkg_measure::Prediction;
use artkg_nn::{Device, ParameterStore, Tensor, TensorFile, save_tensors};
use artkg_text::WordVocabulary;
use artkg_vision::{
    Architecture, BackboneOptions, Bottleneck, POSITIONS, Stage, create_backbone, position_side,
};
use artkg_vocabulary::{Attribute, Vocabulary};
use serde::{Deserialize, Serialize};

use crate::classifier::{Classifier, ClassifierConfig};
use crate::error::{DescriptionFault, Error, Result};
use crate::joint::JointPrior;
use crate::mode::Mode;
use crate::model::{ArtModel, BACKBONE_SCOPE};
use crate::selection::Selection;
use crate::standardisation::Standardisation;

/// The model file of a run folder.
pub const MODEL_FILE: &str = "model.safetensors";
/// The metadata key of the description.
const DESCRIPTION_KEY: &str = "artkg";
/// The scope of the classifiers that a model of attributes learned from.
const ATTRIBUTES_SCOPE: &str = "attributes";

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
    /// The boundary up to which the backbone has the weights it started from.
    pub frozen: Stage,
    /// What is behind the backbone.
    pub classifier: ClassifierConfig,
    /// What the classifiers see beside the image.
    pub side: Option<SideDescription>,
    /// The classes of each head, in the heads' order.
    pub vocabularies: Vec<Vocabulary>,
    /// How images become inputs.
    pub preprocessing: Preprocessing,
    /// How node embeddings became what the projection predicts.
    pub standardisation: Option<Standardisation>,
    /// The calibrating temperature of each head.
    pub temperatures: Vec<f32>,
    /// How many tags are wrong above which confidence; older files lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// Which tags go together; files of one task and older ones lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<JointPrior>,
    /// Where the model comes from.
    pub provenance: Provenance<CorpusOrigin>,
}

/// What classifiers see beside the image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SideDescription {
    /// What these models say of it. They are in the same file.
    Attributes(Vec<ModelDescription>),
    /// The words of its caption.
    Captions {
        /// The words that count.
        vocabulary: WordVocabulary,
        /// What made the captions that the model learned from.
        captioner: String,
    },
}

impl ModelDescription {
    /// The format that this version reads and writes.
    pub const FORMAT: u32 = 2;

    /// Each head's output for some images with calibrated probabilities: `logits`
    /// has one `[images, classes]` a head, row by row.
    pub fn heads(&self, logits: &[Vec<f32>]) -> Vec<Prediction> {
        logits
            .iter()
            .zip(&self.vocabularies)
            .zip(&self.temperatures)
            .map(|((logits, vocabulary), temperature)| {
                Prediction::calibrated(logits, vocabulary.len(), *temperature)
            })
            .collect()
    }
}

/// A model with its parameters and what its file says.
#[derive(Debug)]
pub struct StoredModel {
    /// What the file says.
    pub description: ModelDescription,
    /// The parameters.
    pub store: ParameterStore,
    /// The model over them.
    pub model: ArtModel,
    /// The classifiers that [`SideDescription::Attributes`] names.
    pub attributes: Vec<StoredModel>,
    /// The checksum of the file that it was read from.
    pub checksum: Option<Checksum>,
}

impl StoredModel {
    /// Writes a model file atomically.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_string(&self.description)
            .map_err(|error| Error::damaged(path, error))?;
        // With the backbone's own, for readers that want that only.
        let mut metadata = self.model.backbone().metadata();
        metadata.insert(DESCRIPTION_KEY.to_owned(), json);
        Ok(save_tensors(path, &self.tensors()?, &metadata)?)
    }

    /// All tensors of the file. What the classifiers of attributes share with
    /// this model, such as frozen stages, is there once.
    fn tensors(&self) -> Result<HashMap<String, Tensor>> {
        let own = self.store.export()?;
        let mut all = own.clone();
        for (number, model) in self.attributes.iter().enumerate() {
            for (name, tensor) in model.store.export()? {
                let shared = match own.get(&name) {
                    Some(other) => equal(other, &tensor)?,
                    None => false,
                };
                if !shared {
                    all.insert(format!("{ATTRIBUTES_SCOPE}.{number}.{name}"), tensor);
                }
            }
        }
        Ok(all)
    }

    /// Reads a model file; its parameters are on `device`.
    ///
    /// # Errors
    /// When the file is damaged, is no artkg model, comes from another version,
    /// or its tensors do not fit what its header says.
    pub fn load(path: &Path, device: &Device) -> Result<Self> {
        let file = TensorFile::read(path).map_err(|error| {
            error.advise_if_missing("a training run leaves model.safetensors in its folder")
        })?;
        let fault = |error: Error| Error::damaged(path, error);
        let description = read_description(path, &file.metadata)?;
        file.check_finite()?;
        let tensors = file.tensors;
        let mut attributes = Vec::new();
        if let Some(SideDescription::Attributes(models)) = &description.side {
            for (number, description) in models.iter().enumerate() {
                let prefix = format!("{ATTRIBUTES_SCOPE}.{number}.");
                let mut own = tensors.clone();
                own.extend(tensors.iter().filter_map(|(name, tensor)| {
                    Some((name.strip_prefix(&prefix)?.to_owned(), tensor.clone()))
                }));
                let model = Self::assemble(description.clone(), &own, Vec::new(), device);
                attributes.push(model.map_err(fault)?);
            }
        }
        let model = Self::assemble(description, &tensors, attributes, device).map_err(fault)?;
        Ok(Self {
            checksum: Some(file.checksum),
            ..model
        })
    }

    fn assemble(
        description: ModelDescription,
        tensors: &HashMap<String, Tensor>,
        attributes: Vec<Self>,
        device: &Device,
    ) -> Result<Self> {
        let store = ParameterStore::blank(device);
        let positions = tensors.get(&format!("{BACKBONE_SCOPE}.{POSITIONS}"));
        let options = BackboneOptions {
            positions: positions.and_then(|positions| position_side(positions.dims())),
            ..BackboneOptions::default()
        };
        let backbone = create_backbone(
            &store.root().sub(BACKBONE_SCOPE),
            description.architecture,
            description.bottleneck,
            options,
        )?;
        let classifier = Classifier::new(
            &store,
            backbone.features(),
            &description.vocabularies,
            &description.classifier,
        )?;
        store.load(tensors)?;
        Ok(Self {
            description,
            store,
            model: ArtModel::new(backbone, classifier),
            attributes,
            checksum: None,
        })
    }
}

/// The model files that a path stands for: itself, or those of the runs of
/// single tasks in a folder, the paper's tasks first and the others by name.
pub fn model_files(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_path_buf()];
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut tasks: Vec<Attribute> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    tasks.sort_unstable();
    let runs = tasks.iter().map(|task| path.join(task.name()));
    let files: Vec<PathBuf> = std::iter::once(path.to_path_buf())
        .chain(runs)
        .map(|folder| folder.join(MODEL_FILE))
        .filter(|file| file.exists())
        .collect();
    if files.is_empty() {
        // Named when it cannot be opened.
        return vec![path.join(MODEL_FILE)];
    }
    files
}

/// The description in the metadata of the file `path`.
fn read_description(path: &Path, metadata: &BTreeMap<String, String>) -> Result<ModelDescription> {
    let json = metadata
        .get(DESCRIPTION_KEY)
        .ok_or_else(|| Error::NotAModel {
            path: path.to_path_buf(),
            expected: MODEL_FILE,
        })?;
    let damaged = |fault: DescriptionFault| Error::Description {
        path: path.to_path_buf(),
        fault,
    };
    let format = serde_json::from_str::<FormatOnly>(json)
        .map_err(|error| damaged(error.into()))?
        .format;
    if format != ModelDescription::FORMAT {
        return Err(Error::OtherFormat {
            path: path.to_path_buf(),
            format,
            expected: ModelDescription::FORMAT,
        });
    }
    let description: ModelDescription =
        serde_json::from_str(json).map_err(|error| damaged(error.into()))?;
    description.check().map_err(damaged)?;
    Ok(description)
}

/// Whether two tensors have the same shape and values.
fn equal(left: &Tensor, right: &Tensor) -> Result<bool> {
    Ok(left.dims() == right.dims()
        && left.flatten_all()?.to_vec1::<f32>()? == right.flatten_all()?.to_vec1::<f32>()?)
}

/// Just enough to tell a file of another version from a damaged one.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}
