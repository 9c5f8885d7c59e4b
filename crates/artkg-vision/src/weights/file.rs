use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use artkg_nn::{DType, ParameterStore, Tensor};
use artkg_weights::{Hub, WeightFile, WeightSource};

use super::names::{grid_side, rename};
use super::published::{imagenet_file, published_file};
use crate::architecture::Architecture;
use crate::error::{Error, Misfit, Result};
use crate::request::{BackboneRequest, Bottleneck};

/// The parameter of a transformer's positions.
pub const POSITIONS: &str = "pos_embed";
/// The beginnings of names in timm's VGGs, and torchvision's for the same layers.
const TIMM_VGG: [(&str, &str); 3] = [
    ("pre_logits.fc1.", "classifier.0."),
    ("pre_logits.fc2.", "classifier.3."),
    ("head.fc.", "classifier.6."),
];
/// The parts of GoogLeNet's auxiliary classifiers, each loaded where backbone
/// and file have it with the same shapes.
const AUXILIARY: [&str; 6] = [
    "aux1.conv.",
    "aux1.fc1.",
    "aux1.fc2.",
    "aux2.conv.",
    "aux2.fc1.",
    "aux2.fc2.",
];

/// A safetensors file of a backbone.
///
/// The names are cleaned on opening, as [`WeightFile`] does; timm's VGGs get
/// torchvision's names, transformers and ConvNeXts timm's, whether Hugging Face,
/// OpenCLIP, Meta or torchvision wrote them. What else such a file holds, such as a
/// text tower, is left out.
#[derive(Debug)]
pub struct Weights {
    path: PathBuf,
    tensors: HashMap<String, Tensor>,
    metadata: BTreeMap<String, String>,
}

/// What was loaded beyond the backbone itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Whether the classifier took the file's values. It does not when
    /// the backbone has none, the file has none, or the classes differ.
    pub classifier: bool,
}

impl Weights {
    /// Reads a file; half-precision values stay as stored until they are loaded.
    ///
    /// # Errors
    /// An error naming the file when it is missing or not a safetensors file.
    pub fn open(path: &Path) -> Result<Self> {
        let file = WeightFile::open(path)?;
        Ok(Self {
            path: file.path,
            tensors: rename(rename_timm_vgg(file.tensors)?)?,
            metadata: file.metadata,
        })
    }

    /// Finds the file of `source`, downloading it where needed, and opens it; `None`
    /// for random weights.
    ///
    /// # Errors
    /// When the file is not available, cannot be read or is known not to be what
    /// `request` asks for.
    pub fn from_source(
        source: &WeightSource,
        request: BackboneRequest,
        hub: &Hub,
    ) -> Result<Option<Self>> {
        let path = match source {
            WeightSource::Random => return Ok(None),
            WeightSource::File(path) => path.clone(),
            WeightSource::Hub(file) => hub.fetch(file)?,
            WeightSource::Imagenet => hub.fetch(&imagenet_file(request)?)?,
            WeightSource::Published => hub.fetch(&published_file(request)?)?,
        };
        Self::open(&path).map(Some)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's metadata.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Patches a side of the grid that the positions of a transformer are for.
    pub(super) fn positions(&self) -> Option<usize> {
        position_side(self.tensors.get(POSITIONS)?.dims())
    }

    /// The variant that the metadata names: its `variant`, up to a colon.
    ///
    /// # Errors
    /// [`Error::Weights`] when it names one that does not exist.
    pub fn bottleneck(&self) -> Result<Option<Bottleneck>> {
        let Some(text) = self.metadata.get("variant") else {
            return Ok(None);
        };
        let name = text.split(':').next().unwrap_or_default();
        let bottleneck = name
            .parse()
            .map_err(|error| self.refuse(Misfit::UnknownVariant(error)))?;
        Ok(Some(bottleneck))
    }

    /// The variant to create for `request`, after checking that the metadata
    /// does not contradict it.
    ///
    /// # Errors
    /// [`Error::Weights`] naming both sides of a contradiction.
    pub fn bottleneck_for(&self, request: BackboneRequest) -> Result<Bottleneck> {
        let architecture = request.architecture;
        if let Some(name) = self.metadata.get("architecture")
            && let Ok(stored) = name.parse::<Architecture>()
            && stored != architecture
        {
            return Err(self.refuse(Misfit::Architecture {
                stored: stored.name(),
                wanted: architecture.name(),
            }));
        }
        if !architecture.has_variants() {
            return Ok(Bottleneck::V1_5);
        }
        match (request.bottleneck, self.bottleneck()?) {
            (Some(wanted), Some(stored)) if wanted != stored => Err(self.refuse(Misfit::Variant {
                architecture: architecture.name(),
                stored: stored.name(),
                wanted: wanted.name(),
            })),
            (wanted, stored) => Ok(wanted.or(stored).unwrap_or_default()),
        }
    }

    /// Loads every parameter of the backbone under the names `prefix.…` of
    /// `store`; nothing is changed unless every name and shape fits. Classifiers
    /// of other shapes are left as they are.
    ///
    /// # Errors
    /// [`Error::Weights`] naming what is missing, left over, misshapen or not a
    /// number.
    pub fn load_into(
        &self,
        store: &ParameterStore,
        prefix: &str,
        architecture: Architecture,
    ) -> Result<LoadReport> {
        let full = |name: &str| match prefix {
            "" => name.to_owned(),
            _ => format!("{prefix}.{name}"),
        };
        let classifier = format!("{}.", architecture.classifier_name());
        let optional: Vec<(&str, bool)> = [classifier.as_str()]
            .into_iter()
            .chain(AUXILIARY)
            .map(|start| (start, self.fits(store, start, full)))
            .collect();
        let is_used = |name: &str| {
            let part = optional.iter().find(|(start, _)| name.starts_with(start));
            part.is_none_or(|(_, fits)| *fits)
        };
        let mut tensors = HashMap::new();
        for (name, tensor) in self.tensors.iter().filter(|(name, _)| is_used(name)) {
            if !matches!(
                tensor.dtype(),
                DType::F16 | DType::BF16 | DType::F32 | DType::F64
            ) {
                return Err(self.refuse(Misfit::DataType {
                    name: name.clone(),
                    dtype: tensor.dtype(),
                }));
            }
            tensors.insert(full(name), tensor.clone());
        }
        // Left-over tensors first: a deeper or modified network has all that a
        // plainer one needs, so only they tell the two apart.
        let known: Vec<String> = store.named().into_iter().map(|(name, _)| name).collect();
        let mut unknown: Vec<&str> = self
            .tensors
            .keys()
            .filter(|name| is_used(name) && known.binary_search(&full(name)).is_err())
            .map(String::as_str)
            .collect();
        if !unknown.is_empty() {
            unknown.sort_unstable();
            return Err(self.refuse(Misfit::LeftOver {
                count: unknown.len(),
                first: unknown[0].to_owned(),
                looks_like: self.guess(),
            }));
        }
        let start = full("");
        store
            .load_where(&tensors, |name| {
                name.strip_prefix(&start).is_some_and(is_used)
            })
            .map_err(|source| {
                self.refuse(Misfit::Parameters {
                    source,
                    looks_like: self.guess(),
                })
            })?;
        Ok(LoadReport {
            classifier: optional[0].1,
        })
    }

    /// Whether store and file have the same tensors with names that begin with
    /// `start`, and any at all.
    fn fits(&self, store: &ParameterStore, start: &str, full: impl Fn(&str) -> String) -> bool {
        let full_start = full(start);
        let mut found = false;
        store.named().iter().all(|(name, parameter)| {
            let Some(rest) = name.strip_prefix(&full_start) else {
                return true;
            };
            found = true;
            let tensor = self.tensors.get(&format!("{start}{rest}"));
            tensor.is_some_and(|tensor| tensor.dims() == parameter.file_shape())
        }) && found
    }

    /// The network that the file is of, by characteristic names.
    fn guess(&self) -> Option<&'static str> {
        Architecture::guess(|name| self.tensors.get(name).map(Tensor::dims)).map(Architecture::name)
    }

    fn refuse(&self, misfit: Misfit) -> Error {
        Error::Weights {
            path: self.path.clone(),
            misfit: Box::new(misfit),
        }
    }
}

/// Patches a side of the grid that positions of this shape are for.
pub fn position_side(shape: &[usize]) -> Option<usize> {
    match *shape {
        [1, count, _] => grid_side(count),
        _ => None,
    }
}

/// Gives a VGG of timm, whose fully connected layers are convolutions there,
/// torchvision's names and shapes.
fn rename_timm_vgg(tensors: HashMap<String, Tensor>) -> Result<HashMap<String, Tensor>> {
    if !tensors.contains_key("pre_logits.fc1.weight") {
        return Ok(tensors);
    }
    tensors
        .into_iter()
        .map(|(name, tensor)| {
            let renamed = TIMM_VGG.iter().find_map(|(timm, torchvision)| {
                let rest = name.strip_prefix(timm)?;
                Some(format!("{torchvision}{rest}"))
            });
            Ok(match renamed {
                Some(name) if tensor.rank() > 1 => (name, tensor.flatten_from(1)?),
                renamed => (renamed.unwrap_or(name), tensor),
            })
        })
        .collect()
}
