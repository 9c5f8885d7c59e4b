use artkg_corpus::{Attribute, Vocabulary};
use artkg_nn::{
    Context, DenseNet, DenseNetConfig, Dropout, Linear, Module, ParameterStore, Tensor,
};
use artkg_train::ParameterGroup;
use artkg_vision::{Backbone, Stage};

use crate::Result;

/// The scope of the backbone's parameters, whose names within it are torchvision's.
pub(crate) const BACKBONE_SCOPE: &str = "backbone";

/// A visual model of art: a backbone, a linear classifier for each attribute,
/// and for knowledge graph models a projection of the features to the space of
/// the node embeddings (paper, sections 4.1 and 4.2).
#[derive(Debug)]
pub struct ArtModel {
    backbone: Box<dyn Backbone>,
    heads: Vec<(Attribute, Linear)>,
    projection: Option<DenseNet>,
    /// Of features that do not come from the backbone, which drops its own.
    dropout: Option<Dropout>,
}

/// What a model says of a batch.
#[derive(Debug)]
pub struct Outputs {
    /// One `[batch, classes]` for each head, in the heads' order.
    pub logits: Vec<Tensor>,
    /// The predicted node embedding `[batch, dimension]`, in training only: at
    /// test time the paper's model is its classifier.
    pub projection: Option<Tensor>,
}

impl ArtModel {
    /// Puts heads, and with a `projection_width` a projection, on a backbone;
    /// their parameters `heads.<attribute>.*` and `projection.*` are created in
    /// `store`.
    ///
    /// # Errors
    /// When a parameter cannot be created.
    pub fn new(
        store: &ParameterStore,
        backbone: Box<dyn Backbone>,
        vocabularies: &[Vocabulary],
        projection_width: Option<usize>,
    ) -> Result<Self> {
        let root = store.root();
        let features = backbone.features();
        let heads = vocabularies
            .iter()
            .map(|vocabulary| {
                let scope = root.sub("heads").sub(vocabulary.attribute);
                Ok((
                    vocabulary.attribute,
                    Linear::new(&scope, features, vocabulary.len())?,
                ))
            })
            .collect::<Result<_>>()?;
        let projection = projection_width
            .map(|width| {
                let config = DenseNetConfig::linear(width);
                DenseNet::new(&root.sub("projection"), features, &config)
            })
            .transpose()?;
        Ok(Self {
            backbone,
            heads,
            projection,
            dropout: None,
        })
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
    pub fn backbone(&self) -> &dyn Backbone {
        self.backbone.as_ref()
    }

    /// The classifier of each attribute.
    pub fn heads(&self) -> &[(Attribute, Linear)] {
        &self.heads
    }

    /// Runs the part of the model behind the boundary `from` on the activation
    /// there, as [`Backbone::boundary_shape`] says.
    ///
    /// # Errors
    /// When the activation does not fit the boundary.
    pub fn forward(&self, activation: &Tensor, from: Stage, context: &Context) -> Result<Outputs> {
        let mut features = self.backbone.forward_from(from, activation, context)?;
        if let (Stage::Pooled, Some(dropout)) = (from, &self.dropout) {
            features = dropout.forward(&features, context)?;
        }
        let logits = self
            .heads
            .iter()
            .map(|(_, head)| Ok(head.forward(&features, context)?))
            .collect::<Result<_>>()?;
        let projection = match &self.projection {
            Some(projection) if context.is_training() => {
                Some(projection.forward(&features, context)?)
            }
            _ => None,
        };
        Ok(Outputs { logits, projection })
    }
}

/// Whether the parameter or buffer `name` is behind the boundary `frozen`.
pub(crate) fn is_trained(name: &str, backbone: &dyn Backbone, frozen: Stage) -> bool {
    backbone
        .stage_of_parameter(name)
        .is_none_or(|stage| stage > frozen)
}

/// The parameters to train when everything up to `frozen` is not: one group for
/// the rest of the backbone, one for heads and projection.
pub(crate) fn parameter_groups(
    store: &ParameterStore,
    backbone: &dyn Backbone,
    frozen: Stage,
) -> Vec<ParameterGroup> {
    let stage = |name: &str| backbone.stage_of_parameter(name);
    let mut groups = vec![
        ParameterGroup::select("backbone", store, |name| {
            stage(name).is_some_and(|stage| stage > frozen)
        }),
        ParameterGroup::select("heads", store, |name| stage(name).is_none()),
    ];
    groups.retain(|group| !group.parameters.is_empty());
    groups
}
