use std::path::PathBuf;

use artkg_nn::DType;

/// Everything that can go wrong with backbones and their weights. Networks, variants
/// and stages are given by their names.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine refused a tensor, a file or a parameter.
    #[error(transparent)]
    Network(#[from] artkg_nn::Error),
    /// Weights that are named wrongly, not available or not readable.
    #[error(transparent)]
    Source(#[from] artkg_weights::Error),
    /// A name that nothing has.
    #[error(transparent)]
    UnknownName(Box<UnknownName>),
    /// A bottleneck's variant that does not exist.
    #[error(
        "no bottleneck variant is named {0:?}; there are v1 (stride on the first 1×1) and v1.5 \
         (stride on the 3×3)"
    )]
    UnknownVariant(String),
    /// A variant of a network that has none.
    #[error(
        "{architecture} has no variants, only resnet50, 101 and 152 have; say {architecture} \
         instead of {asked}"
    )]
    NoVariants {
        /// The network.
        architecture: &'static str,
        /// What was asked for.
        asked: String,
    },
    /// A boundary that a network does not have.
    #[error(
        "{architecture} has no stage {stage}; its stages are {}", known.join(", ")
    )]
    NoStage {
        /// The network.
        architecture: &'static str,
        /// The boundary.
        stage: &'static str,
        /// Those that it has.
        known: Vec<&'static str>,
    },
    /// A weight file that does not fit the backbone.
    #[error("{}: {misfit}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        #[source]
        misfit: Box<Misfit>,
    },
    /// The hub has no ImageNet weights of v1 bottlenecks.
    #[error("the ImageNet weights on the hub are of the v1.5 variant, not {0}")]
    NoImagenetV1(String),
    /// Torchvision's weights of a network are not on the hub.
    #[error(
        "torchvision's weights of {0} are not on the hub as safetensors; save them with Python \
         (`safetensors.torch.save_file(torchvision.models.{0}(weights=\"IMAGENET1K_V1\")\
         .state_dict(), \"{0}.safetensors\")`)"
    )]
    NotAsSafetensors(&'static str),
    /// A network that learned from other images than ImageNet's.
    #[error("{0} was not trained on ImageNet: it has no such weights")]
    NotOfImagenet(&'static str),
    /// Nobody has published weights of a network.
    #[error("there are no public weights of {0} for this form of the network; take seresnet50")]
    NoPublicWeights(&'static str),
    /// Images too small for a network.
    #[error(
        "{architecture} cannot take images of {} × {} pixels: {source}", size.0, size.1
    )]
    ImageSize {
        /// The network.
        architecture: &'static str,
        /// Height and width.
        size: (usize, usize),
        /// Where it fails.
        source: Box<Self>,
    },
    /// Images that cannot be cut into whole patches.
    #[error("their sides must be multiples of the patch, {0} pixels")]
    Patches(usize),
    /// Boundaries in the wrong order.
    #[error("stage {from} comes after stage {to}: there is nothing to run between them")]
    Order {
        /// Where the run was to begin.
        from: &'static str,
        /// Where it was to end.
        to: &'static str,
    },
    /// A boundary behind the part that was folded.
    #[error("this backbone was folded up to {until} only and cannot run to {to}")]
    Folded {
        /// The last boundary that there is.
        until: &'static str,
        /// The one that was asked for.
        to: &'static str,
    },
    /// An activation that cannot be one at its boundary.
    #[error(
        "the activation at {stage} has shape {}, not {found:?}",
        batch_of(expected)
    )]
    ActivationShape {
        /// The boundary.
        stage: &'static str,
        /// The shape of one item there; of images only the channels matter.
        expected: Vec<usize>,
        /// The shape of the activation.
        found: Vec<usize>,
    },
    /// Scores of a network without a classifier.
    #[error("this {0} has no classifier; create it with classes")]
    NoClassifier(&'static str),
    /// An impossible rate of dropout.
    #[error("a dropout rate of {0}: must be 0 or more and less than 1")]
    Dropout(f32),
    /// An impossible rate of stochastic depth.
    #[error("stochastic depth of {0}: must be 0 or more and less than 1")]
    StochasticDepth(f32),
    /// A batch of no image.
    #[error("a batch needs an image")]
    EmptyBatch,
}

/// A name that nothing has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no {what} is named {name:?}{}; there are {}",
    suggestion.map(|name| format!("; did you mean {name}?")).unwrap_or_default(),
    known.join(", ")
)]
pub struct UnknownName {
    /// What was named: `backbone`, `stage`.
    pub what: &'static str,
    /// The name.
    pub name: String,
    /// The most similar name that there is, where one is similar.
    pub suggestion: Option<&'static str>,
    /// All names that there are.
    pub known: Vec<&'static str>,
}

/// What does not fit between a file of weights and a backbone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Misfit {
    /// The metadata name a variant that does not exist.
    #[error("its metadata's variant: {0}")]
    UnknownVariant(#[source] Error),
    /// The metadata name another network.
    #[error("these are weights of {stored}, not of {wanted}")]
    Architecture {
        /// The file's network.
        stored: &'static str,
        /// The backbone.
        wanted: &'static str,
    },
    /// The metadata name the other variant.
    #[error(
        "these are weights of the {stored} variant and would give worse results in a {wanted} \
         network"
    )]
    Variant {
        /// The network.
        architecture: &'static str,
        /// The file's variant.
        stored: &'static str,
        /// The backbone's.
        wanted: &'static str,
    },
    /// A tensor of whole numbers.
    #[error("{name} is of type {dtype:?}; weights are floating-point numbers")]
    DataType {
        /// The tensor.
        name: String,
        /// What it holds.
        dtype: DType,
    },
    /// Tensors that the backbone has no use for.
    #[error(
        "{count} of its tensors belong to another network, {first} first{}",
        looks(looks_like)
    )]
    LeftOver {
        /// How many.
        count: usize,
        /// The first by name.
        first: String,
        /// The network whose names the file has.
        looks_like: Option<&'static str>,
    },
    /// Parameters that are missing, misshapen or not finite.
    #[error("{source}{}", looks(looks_like))]
    Parameters {
        /// Which.
        source: artkg_nn::Error,
        /// The network whose names the file has.
        looks_like: Option<&'static str>,
    },
}

impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Self::Network(error.into())
    }
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;

fn batch_of(item: &[usize]) -> String {
    match item {
        [width] => format!("[batch, {width}]"),
        [_, width] => format!("[batch, tokens, {width}]"),
        [.., channels] => format!("[batch, height, width, {channels}]"),
        [] => "[batch]".to_owned(),
    }
}

fn looks(like: &Option<&'static str>) -> String {
    let said = |architecture| format!(" (its layers are those of {architecture})");
    like.map(said).unwrap_or_default()
}
