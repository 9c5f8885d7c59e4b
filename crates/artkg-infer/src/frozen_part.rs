use artkg_image::{ContentHash, Preprocessing};
use artkg_model::StoredModel;
use artkg_nn::ParameterStore;
use artkg_vision::{Backbone, Stage};
use sha2::{Digest, Sha256};

use crate::error::Result;

/// The part of a network up to a boundary, by what decides its activations: they are
/// kept under its name, and found again by every network that shares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenPart {
    /// Where it ends.
    pub(crate) stage: Stage,
    /// The shape of one activation there.
    pub(crate) shape: Vec<usize>,
    /// The architecture, the boundary, and a digest of preprocessing and weights.
    pub(crate) name: String,
}

impl FrozenPart {
    /// The part of `backbone`, whose parameters are in `store`, up to `stage`.
    ///
    /// # Errors
    /// When the backbone has no such boundary or images are too small for it.
    pub fn of(
        backbone: &Backbone,
        store: &ParameterStore,
        stage: Stage,
        preprocessing: &Preprocessing,
    ) -> Result<Self> {
        let side = preprocessing.crop;
        let mut hash = Sha256::new();
        // The form of the first version: caches that there are keep their names.
        hash.update(format!("{} {stage} {preprocessing:?}", backbone.name()));
        let is_frozen = |name: &str| {
            let of_parameter = backbone.stage_of_parameter(name);
            of_parameter.is_some_and(|of_parameter| of_parameter <= stage)
        };
        store.read_bytes(is_frozen, |bytes| hash.update(bytes))?;
        let digest = ContentHash(hash.finalize().into()).to_string();
        Ok(Self {
            stage,
            shape: backbone.boundary_shape(stage, (side, side))?,
            name: format!("{}-{stage}-{}", backbone.name(), &digest[..16]),
        })
    }

    /// The part of a trained model that has the weights it started from.
    ///
    /// # Errors
    /// As [`FrozenPart::of`].
    pub fn of_model(stored: &StoredModel) -> Result<Self> {
        Self::of(
            stored.model.backbone(),
            &stored.store,
            stored.description.frozen,
            &stored.description.preprocessing,
        )
    }
}
