use std::path::{Path, PathBuf};

use artkg_model::{Predictor, SideValues, StoredModel};
use artkg_session::Session;

use crate::attributes::{attribute_values, width};
use crate::error::Result;
use crate::examples::Example;
use crate::frozen_part::FrozenPart;

/// Where the activations of a model's frozen part are kept, and those of the
/// classifiers that it learned from.
#[derive(Clone, Debug)]
pub struct ModelActivations {
    pub(crate) folder: PathBuf,
    pub(crate) part: FrozenPart,
    attributes: Vec<FrozenPart>,
}

impl ModelActivations {
    /// Activations of `stored` in `folder`.
    ///
    /// # Errors
    /// When images are too small for the network.
    pub fn new(stored: &StoredModel, folder: &Path) -> Result<Self> {
        let attributes = stored.attributes.iter().map(FrozenPart::of_model);
        Ok(Self {
            folder: folder.to_path_buf(),
            part: FrozenPart::of_model(stored)?,
            attributes: attributes.collect::<Result<_>>()?,
        })
    }

    /// What the classifiers that `predictor` learned from say of `examples`. `None` when
    /// that was interrupted.
    pub(crate) fn opinions(
        &self,
        predictor: &Predictor,
        examples: &[Example],
        session: &Session,
    ) -> Result<Option<SideValues>> {
        let models = predictor.attributes().iter();
        let width = width(models.clone().map(Predictor::description));
        let parts = self.attributes.iter().cloned();
        let models = models.zip(parts).map(Ok);
        attribute_values(models, width, examples, &self.folder, session)
    }
}
