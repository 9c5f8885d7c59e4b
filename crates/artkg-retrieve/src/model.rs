use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use artkg_corpus::{Artwork, Corpus};
use artkg_files::checksum::Checksum;
use artkg_nn::{Device, ParameterStore, Tensor, TensorFile, save_tensors};
use artkg_vocabulary::Attribute;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ModelFault, Result};
use crate::joint_space::JointSpace;
use crate::text_side::{Record, TextSide};

/// The file of a retrieval run that queries need.
pub(crate) const RETRIEVAL_FILE: &str = "retrieval.safetensors";

/// The metadata key of the description.
const DESCRIPTION_KEY: &str = "artkg-retrieval";
/// The tensor of the artworks' vectors.
const INDEX: &str = "index";

/// What the header of a retrieval file says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Description {
    /// The version of the format.
    pub(crate) format: u32,
    /// The corpus's name.
    pub(crate) corpus: String,
    /// Whether the corpus, or that of the visual model, was generated; older files
    /// do not say it.
    #[serde(default)]
    pub(crate) synthetic: bool,
    /// How texts become numbers.
    pub(crate) text_side: TextSide,
    /// The length of the visual side's vectors.
    pub(crate) image_inputs: usize,
    /// The dimension of the space.
    pub(crate) dimension: usize,
    /// The artworks of the index.
    pub(crate) ids: Vec<String>,
}

impl Description {
    /// The format that this version reads and writes.
    pub(crate) const FORMAT: u32 = 1;

    /// What cannot be true of what was read from a file.
    fn fault(&self) -> Option<ModelFault> {
        /// The longest vector of either side, and the most words.
        const LONGEST: usize = 1 << 24;
        for (what, length) in [
            ("the visual side", self.image_inputs),
            ("the text side", self.text_side.inputs()),
            ("the joint space", self.dimension),
        ] {
            if !(1..=LONGEST).contains(&length) {
                return Some(ModelFault::Vectors { what, length });
            }
        }
        let mut known = HashSet::new();
        let twice = self.ids.iter().find(|id| !known.insert(id.as_str()));
        twice.map(|id| ModelFault::ArtworkTwice { id: id.clone() })
    }
}

/// The error of a file that cannot be used.
fn damaged(path: &Path, fault: ModelFault) -> Error {
    Error::Damaged {
        path: path.to_path_buf(),
        fault,
    }
}

/// A joint space of texts and the artworks of a corpus, ready for queries.
#[derive(Debug)]
pub struct RetrievalModel {
    description: Description,
    store: ParameterStore,
    space: JointSpace,
    /// `[artworks, dimension]`, of length one.
    index: Vec<f32>,
    rows: HashMap<String, usize>,
    /// The checksum of the file that it was read from.
    checksum: Option<Checksum>,
}

/// An artwork that a query found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Match {
    /// The artwork's id.
    pub id: String,
    /// The cosine of its point and the query's.
    pub similarity: f32,
}

/// What a free text finds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    /// The nearest artworks, best first.
    pub matches: Vec<Match>,
    /// The classes that the text names.
    pub named: Vec<(Attribute, String)>,
}

impl RetrievalModel {
    pub(crate) fn new(
        description: Description,
        store: ParameterStore,
        space: JointSpace,
        index: Vec<f32>,
    ) -> Self {
        let ids = description.ids.iter();
        let rows = ids.enumerate().map(|(row, id)| (id.clone(), row)).collect();
        Self {
            description,
            store,
            space,
            index,
            rows,
            checksum: None,
        }
    }

    /// Whether it learned from generated paintings.
    pub fn is_synthetic(&self) -> bool {
        self.description.synthetic
    }

    /// The checksum of the file that it was read from.
    pub fn checksum(&self) -> Option<&Checksum> {
        self.checksum.as_ref()
    }

    /// Checks that the index holds artworks of `corpus`.
    ///
    /// # Errors
    /// When it holds none of them.
    pub fn check_corpus(&self, corpus: &Corpus) -> Result<()> {
        let is_known = |artwork: &Artwork| self.rows.contains_key(&artwork.id);
        match corpus.artworks.iter().any(is_known) {
            true => Ok(()),
            false => Err(Error::NotIndexed {
                corpus: corpus.folder.clone(),
                artworks: corpus.artworks.len(),
                indexed: self.len(),
                indexed_from: self.corpus().to_owned(),
            }),
        }
    }

    /// The name of the corpus whose artworks are in the index.
    pub fn corpus(&self) -> &str {
        &self.description.corpus
    }

    /// The number of artworks in the index.
    pub fn len(&self) -> usize {
        self.description.ids.len()
    }

    /// Whether the index is empty.
    pub fn is_empty(&self) -> bool {
        self.description.ids.is_empty()
    }

    /// The dimension of the space.
    pub fn dimension(&self) -> usize {
        self.description.dimension
    }

    pub(crate) fn text_side(&self) -> &TextSide {
        &self.description.text_side
    }

    /// The point of an artwork of the index.
    pub fn vector(&self, id: &str) -> Option<&[f32]> {
        let start = self.rows.get(id)? * self.dimension();
        Some(&self.index[start..start + self.dimension()])
    }

    /// The points of records, of length one: `[records, dimension]`.
    pub(crate) fn embed_records(&self, records: &[Record]) -> Result<Vec<f32>> {
        self.space.embed_records(self.text_side(), records)
    }

    /// The `count` artworks nearest to a free text.
    ///
    /// # Errors
    /// When the text has no word that the model knows and names no class.
    pub fn query(&self, text: &str, count: usize) -> Result<Found> {
        let (input, classes) = self.text_side().query(text);
        if input.iter().all(|value| *value == 0.0) {
            return Err(Error::UnknownWords(text.to_owned()));
        }
        let named = self
            .text_side()
            .vocabularies
            .iter()
            .zip(&classes)
            .flat_map(|(vocabulary, classes)| {
                classes
                    .iter()
                    .map(|&class| (vocabulary.attribute, vocabulary.classes[class].clone()))
            })
            .collect();
        let query = self.space.embed(input, 1, JointSpace::texts)?;
        let mut matches: Vec<Match> = self
            .description
            .ids
            .iter()
            .zip(self.index.chunks_exact(self.dimension()))
            .map(|(id, vector)| Match {
                id: id.clone(),
                similarity: query
                    .iter()
                    .zip(vector)
                    .map(|(query, value)| query * value)
                    .sum(),
            })
            .collect();
        matches.sort_by(|left, right| right.similarity.total_cmp(&left.similarity));
        matches.truncate(count);
        Ok(Found { matches, named })
    }

    /// Writes the file atomically.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_string(&self.description)
            .map_err(|error| damaged(path, error.into()))?;
        let mut tensors = self.store.export()?;
        let shape = (self.len(), self.dimension());
        let index = Tensor::from_vec(self.index.clone(), shape, self.store.device())?;
        tensors.insert(INDEX.to_owned(), index);
        let metadata = BTreeMap::from([(DESCRIPTION_KEY.to_owned(), json)]);
        Ok(save_tensors(path, &tensors, &metadata)?)
    }

    /// Reads a file of [`RetrievalModel::save`] onto `device`.
    ///
    /// # Errors
    /// When it is damaged, something else, or of another version.
    pub fn load(path: &Path, device: &Device) -> Result<Self> {
        let fault = |fault| damaged(path, fault);
        let file = TensorFile::read(path).map_err(|error| {
            error.advise_if_missing(
                "`artkg retrieve train` leaves retrieval.safetensors in its folder",
            )
        })?;
        let json = file.metadata.get(DESCRIPTION_KEY);
        let json = json.ok_or_else(|| fault(ModelFault::NotOne))?;
        let description: Description =
            serde_json::from_str(json).map_err(|error| fault(error.into()))?;
        if description.format != Description::FORMAT {
            return Err(fault(ModelFault::Format {
                found: description.format,
                known: Description::FORMAT,
            }));
        }
        if let Some(impossible) = description.fault() {
            return Err(fault(impossible));
        }
        file.check_finite()?;
        let mut tensors = file.tensors;
        let shape = [description.ids.len(), description.dimension];
        let [artworks, dimension] = shape;
        let index = tensors
            .remove(INDEX)
            .filter(|index| index.dims() == shape)
            .ok_or_else(|| {
                fault(ModelFault::Index {
                    artworks,
                    dimension,
                })
            })?;
        let store = ParameterStore::blank(device);
        let space = JointSpace::new(
            &store,
            description.text_side.inputs(),
            description.image_inputs,
            description.dimension,
        )?;
        store.load(&tensors).map_err(|error| fault(error.into()))?;
        let index = index.flatten_all()?.to_vec1()?;
        Ok(Self {
            checksum: Some(file.checksum),
            ..Self::new(description, store, space, index)
        })
    }
}
