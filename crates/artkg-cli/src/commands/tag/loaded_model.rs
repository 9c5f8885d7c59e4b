//! A model that tags, and what is said of its tags.

use std::error::Error;
use std::path::{Path, PathBuf};

use artkg_model::Predictor;
use artkg_tag::{Circumstances, Origin, TagJob, TagOptions};
use artkg_text::Captions;

use crate::commands::consistency::ConsistencyArgument;
use crate::commands::created::created;

/// A model, and what its tag files are known by.
pub(crate) struct LoadedModel {
    pub(crate) predictor: Predictor,
    path: PathBuf,
    precision: &'static str,
    consistent: String,
    /// What the tags depend on besides the model and its options, by name.
    depends_on: Vec<(String, String)>,
}

impl LoadedModel {
    /// The model that was loaded from `path` in the precision that was asked for.
    pub(crate) fn new(
        path: &Path,
        predictor: Predictor,
        precision: &'static str,
        consistency: ConsistencyArgument,
    ) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            predictor: consistency.applied(predictor)?,
            path: path.to_path_buf(),
            precision,
            consistent: consistency.name(),
            depends_on: Vec::new(),
        })
    }

    /// Gives the model the captions of a file.
    pub(crate) fn read_captions(mut self, path: &Path) -> Result<Self, Box<dyn Error>> {
        self.predictor = self.predictor.with_captions(&Captions::read(path)?)?;
        let hash = artkg_image::content_hash(&artkg_files::read_bytes(path)?);
        self.depends_on("captions", hash);
        Ok(self)
    }

    /// Notes something else that the tags depend on.
    pub(crate) fn depends_on(&mut self, name: &str, value: impl ToString) {
        self.depends_on.push((name.to_owned(), value.to_string()));
    }

    /// The job of tagging with this model, without its inputs.
    pub(crate) fn job(&self, options: &TagOptions) -> Result<TagJob, Box<dyn Error>> {
        let circumstances = Circumstances {
            model: &self.path,
            created: created()?,
            precision: self.precision,
            consistent: self.consistent.clone(),
        };
        Ok(TagJob {
            origin: Origin::new(&self.predictor, options, circumstances),
            depends_on: self.depends_on.clone(),
            inputs: Vec::new(),
            reads: vec![self.path.clone()],
        })
    }

    /// The names of the tasks.
    pub(crate) fn tasks(&self) -> Vec<String> {
        let vocabularies = &self.predictor.description().vocabularies;
        let names = vocabularies.iter().map(|task| task.attribute.to_string());
        names.collect()
    }
}
