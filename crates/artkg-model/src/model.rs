use std::sync::Arc;

use artkg_nn::{Context, Dropout, Module, ParameterStore, Role, Tensor};
use artkg_vision::{Backbone, Stage};

use crate::classifier::{Classifier, Outputs};
use crate::error::Result;

/// The scope of the backbone's parameters, whose names within it are torchvision's.
pub const BACKBONE_SCOPE: &str = "backbone";

/// A visual model of art: a backbone and what classifies its features (paper,
/// sections 4.1 and 4.2).
#[derive(Debug)]
pub struct ArtModel {
    backbone: Backbone,
    classifier: Arc<Classifier>,
    /// Of features that do not come from the backbone, which drops its own.
    dropout: Option<Dropout>,
}

impl ArtModel {
    /// Puts a classifier on a backbone.
    pub fn new(backbone: Backbone, classifier: Classifier) -> Self {
        Self {
            backbone,
            classifier: Arc::new(classifier),
            dropout: None,
        }
    }

    /// The model with a dropout of `rate` on given features too: where training
    /// starts at [`Stage::Pooled`], behind the backbone and its dropout.
    ///
    /// # Errors
    /// When `rate` is not in `[0, 1)`.
    pub fn with_dropout(mut self, rate: Option<f32>) -> Result<Self> {
        self.dropout = rate.map(Dropout::new).transpose()?;
        Ok(self)
    }

    /// The backbone.
    pub fn backbone(&self) -> &Backbone {
        &self.backbone
    }

    /// What classifies the features.
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// What classifies the features, shared with this model.
    pub(crate) fn share_classifier(&self) -> Arc<Classifier> {
        Arc::clone(&self.classifier)
    }

    /// Runs the part of the model behind the boundary `from` on the activation
    /// there, as [`Backbone::boundary_shape`] says, and the values beside the
    /// image where the classifier takes some.
    ///
    /// # Errors
    /// When the activation does not fit the boundary.
    pub fn forward(
        &self,
        activation: &Tensor,
        from: Stage,
        side: Option<&Tensor>,
        context: &Context,
    ) -> Result<Outputs> {
        let mut features = self.backbone.forward_from(from, activation, context)?;
        if let (Stage::Pooled, Some(dropout)) = (from, &self.dropout) {
            features = dropout.forward(&features, context)?;
        }
        self.classifier.forward(&features, side, context)
    }
}

/// Whether the parameter or buffer `name` is behind the boundary `frozen`.
pub fn is_trained(name: &str, backbone: &Backbone, frozen: Stage) -> bool {
    backbone
        .stage_of_parameter(name)
        .is_none_or(|stage| stage > frozen)
}

/// Whether training takes batch statistics behind the boundary `frozen`.
pub fn normalises(store: &ParameterStore, backbone: &Backbone, frozen: Stage) -> bool {
    store.named().iter().any(|(name, parameter)| {
        let stage = backbone.stage_of_parameter(name);
        parameter.role == Role::Buffer && stage.is_some_and(|stage| stage > frozen)
    })
}
