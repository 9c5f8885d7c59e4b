use artkg_nn::{
    Activation, Context, DenseNet, DenseNetConfig, Initialisation, Module, ParameterStore, Role,
    Tensor, Var, cosine_similarity,
};
use artkg_vocabulary::{Attribute, Vocabulary};
use serde::{Deserialize, Serialize};

use crate::context_use::ContextUse;
use crate::error::{Error, Result};
use crate::joint::CoOccurrence;
use crate::joint_heads::JointHeads;

/// Everything of a model behind the features of its backbone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassifierConfig {
    /// Widths of the layers before each head's last one; none in the paper.
    #[serde(default)]
    pub hidden: Vec<usize>,
    /// What the classifiers see beside the features.
    #[serde(default)]
    pub side: Option<SideConfig>,
    /// The predicted graph embedding of knowledge graph models.
    #[serde(default)]
    pub projection: Option<ProjectionConfig>,
}

/// An input beside the image's features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideConfig {
    /// How many numbers.
    pub inputs: usize,
    /// The width of a layer with tanh that they go through first; none: as they are.
    #[serde(default)]
    pub encoder: Option<usize>,
}

/// How the graph embedding is predicted, and what with it is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectionConfig {
    /// The length of node embeddings.
    pub width: usize,
    /// Widths of layers with GELU before the linear map; none in the paper.
    #[serde(default)]
    pub hidden: Vec<usize>,
    /// What the prediction serves beside the loss.
    #[serde(default)]
    pub usage: ContextUse,
}

/// The classifiers of a model with their inputs beside the features and the
/// projection to the space of the node embeddings.
///
/// Parameters: `heads.<attribute>.*`, `side.*`, `projection.*`,
/// `prototypes.<attribute>.nodes` (`[classes, width]`, not trained) and
/// `prototypes.<attribute>.scale`, `joint.<attribute>.factors` (not trained).
#[derive(Debug)]
pub struct Classifier {
    side: Option<DenseNet>,
    side_inputs: usize,
    projection: Option<DenseNet>,
    fuse: bool,
    heads: Vec<Head>,
    joint: Option<JointHeads>,
}

/// The classifier of one attribute.
#[derive(Debug)]
struct Head {
    attribute: Attribute,
    network: DenseNet,
    prototypes: Option<Prototypes>,
}

/// The node embeddings of a head's classes.
#[derive(Debug)]
struct Prototypes {
    nodes: Var,
    scale: Var,
}

/// A model's output for a batch.
#[derive(Debug)]
pub struct Outputs {
    /// The features `[batch, features]`.
    pub features: Tensor,
    /// One `[batch, classes]` for each head, in the heads' order; with the context
    /// `joint` logarithms of marginal probabilities.
    pub logits: Vec<Tensor>,
    /// The predicted node embedding `[batch, width]` of knowledge graph models.
    pub projection: Option<Tensor>,
}

impl Classifier {
    /// A head for each vocabulary over `features` features; parameters are
    /// created in `store`.
    ///
    /// # Errors
    /// When a parameter cannot be created.
    pub fn new(
        store: &ParameterStore,
        features: usize,
        vocabularies: &[Vocabulary],
        config: &ClassifierConfig,
    ) -> Result<Self> {
        let root = store.root();
        let (mut inputs, mut side_inputs) = (features, 0);
        let mut side = None;
        if let Some(config) = &config.side {
            side_inputs = config.inputs;
            let shape = DenseNetConfig {
                widths: config.encoder.into_iter().collect(),
                activation: Activation::Tanh,
                ..DenseNetConfig::default()
            };
            let encoder = DenseNet::new(&root.sub("side"), side_inputs, &shape)?;
            inputs += encoder.outputs();
            side = Some(encoder);
        }
        let mut projection = None;
        let usage = config.projection.as_ref().map(|config| config.usage);
        let usage = usage.unwrap_or_default();
        if let Some(config) = &config.projection {
            let shape = layers(&config.hidden, config.width, Activation::Gelu);
            projection = Some(DenseNet::new(&root.sub("projection"), features, &shape)?);
            if usage.fuse {
                inputs += config.width;
            }
        }
        let heads = vocabularies
            .iter()
            .map(|vocabulary| {
                let shape = layers(&config.hidden, vocabulary.len(), Activation::Relu);
                let scope = root.sub("heads").sub(vocabulary.attribute);
                let prototypes = match &config.projection {
                    Some(projection) if usage.prototypes => {
                        let shape = [vocabulary.len(), projection.width];
                        Some(Prototypes::new(store, vocabulary.attribute, &shape)?)
                    }
                    _ => None,
                };
                Ok(Head {
                    attribute: vocabulary.attribute,
                    network: DenseNet::new(&scope, inputs, &shape)?,
                    prototypes,
                })
            })
            .collect::<Result<_>>()?;
        let joint = usage
            .joint
            .then(|| JointHeads::new(store, vocabularies))
            .transpose()?;
        Ok(Self {
            side,
            side_inputs,
            projection,
            fuse: usage.fuse,
            heads,
            joint,
        })
    }

    /// The attribute of each head.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = Attribute> {
        self.heads.iter().map(|head| head.attribute)
    }

    /// The number of values beside the features; 0 without such an input.
    pub fn side_inputs(&self) -> usize {
        self.side_inputs
    }

    /// Sets the nodes that prototype logits compare with: for each head
    /// `[classes, width]`, row by row; a row of zeros for a class without a node.
    ///
    /// # Errors
    /// When a number of values is wrong.
    pub fn set_prototypes(&self, nodes: Vec<Vec<f32>>) -> Result<()> {
        for (head, nodes) in self.heads.iter().zip(nodes) {
            if let Some(prototypes) = &head.prototypes {
                let shape = prototypes.nodes.shape();
                let nodes = Tensor::from_vec(nodes, shape, prototypes.nodes.device())?;
                prototypes.nodes.set(&nodes)?;
            }
        }
        Ok(())
    }

    /// Sets which classes go together, for the context `joint`.
    ///
    /// # Errors
    /// When the counts are of other classes.
    pub fn set_co_occurrence(&self, counts: &CoOccurrence) -> Result<()> {
        match &self.joint {
            Some(joint) => joint.set(counts),
            None => Ok(()),
        }
    }

    /// Classifies features `[batch, features]` beside `side` `[batch, side_inputs]`.
    ///
    /// # Errors
    /// When a shape does not fit, or `side` is there without its input or not
    /// there with it.
    pub fn forward(
        &self,
        features: &Tensor,
        side: Option<&Tensor>,
        context: &Context,
    ) -> Result<Outputs> {
        let mut inputs = vec![features.clone()];
        match (&self.side, side) {
            (Some(encoder), Some(side)) => inputs.push(encoder.forward(side, context)?),
            (None, None) => {}
            _ => {
                return Err(Error::SideInput {
                    expected: self.side_inputs,
                });
            }
        }
        let projection = match &self.projection {
            Some(projection) => Some(projection.forward(features, context)?),
            None => None,
        };
        if let (true, Some(projection)) = (self.fuse, &projection) {
            inputs.push(projection.clone());
        }
        let input = match inputs.as_slice() {
            [only] => only.clone(),
            several => Tensor::cat(several, 1)?,
        };
        let mut logits: Vec<Tensor> = self
            .heads
            .iter()
            .map(|head| {
                let logits = head.network.forward(&input, context)?;
                match (&head.prototypes, &projection) {
                    (Some(prototypes), Some(projection)) => {
                        Ok((logits + prototypes.logits(projection)?)?)
                    }
                    _ => Ok(logits),
                }
            })
            .collect::<Result<_>>()?;
        if let Some(joint) = &self.joint {
            logits = joint.marginals(&logits)?;
        }
        Ok(Outputs {
            features: features.clone(),
            logits,
            projection,
        })
    }
}

impl Prototypes {
    fn new(store: &ParameterStore, attribute: Attribute, shape: &[usize]) -> Result<Self> {
        let scope = store.root().sub("prototypes").sub(attribute);
        Ok(Self {
            nodes: scope.parameter("nodes", shape, Initialisation::Zeros, Role::Buffer)?,
            scale: scope.parameter("scale", &[1], Initialisation::Ones, Role::Normalisation)?,
        })
    }

    /// The scaled cosine of `projection` `[batch, width]` to each class's node:
    /// `[batch, classes]`.
    fn logits(&self, projection: &Tensor) -> Result<Tensor> {
        let cosine = cosine_similarity(projection, &self.nodes.as_detached_tensor())?;
        Ok(cosine.broadcast_mul(&self.scale)?)
    }
}

/// Layers of the widths `hidden` with an activation, then a linear one.
fn layers(hidden: &[usize], outputs: usize, activation: Activation) -> DenseNetConfig {
    let mut widths = hidden.to_vec();
    widths.push(outputs);
    DenseNetConfig {
        widths,
        activation,
        linear_output: true,
        ..DenseNetConfig::default()
    }
}
