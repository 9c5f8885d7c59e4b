use std::collections::BTreeMap;
use std::fmt::Debug;

use artkg_nn::{Context, Linear, Precision, Tensor, cross_entropy};

use crate::architecture::Architecture;
use crate::error::Result;
use crate::network::layer::Layer;
use crate::request::Bottleneck;
use crate::stage::Stage;

/// The share of an auxiliary classifier's loss in training (Szegedy et al.,
/// CVPR 2015, section 5).
const AUXILIARY_SHARE: f64 = 0.3;

/// A network that turns images into features, cut into stages.
///
/// Images are `[batch, height, width, 3]`, normalised; every activation keeps
/// that channels-last layout. The stages let a caller freeze the front part,
/// cache the activation at the boundary, and train the rest from there.
pub trait Backbone: Debug + Send + Sync {
    /// The architecture.
    fn architecture(&self) -> Architecture;

    /// Where downsampling blocks have their stride; [`Bottleneck::V1_5`] for
    /// architectures without variants.
    fn bottleneck(&self) -> Bottleneck;

    /// The classifier, when the backbone was created with one.
    fn classifier(&self) -> Option<&Linear>;

    /// The first boundary behind the parameter `name`, as its store calls it;
    /// `None` for classifiers and for parameters of something else.
    fn stage_of_parameter(&self, name: &str) -> Option<Stage>;

    /// The shape of one item at a boundary for images of `input_size` (height,
    /// width): `[height, width, channels]`, or `[features]` at [`Stage::Fc6`]
    /// and [`Stage::Pooled`].
    ///
    /// # Errors
    /// [`crate::Error::NoStage`] when the backbone has no such stage, [`crate::Error::ImageSize`] when
    /// the images are too small for it.
    fn boundary_shape(&self, stage: Stage, input_size: (usize, usize)) -> Result<Vec<usize>>;

    /// All layers in order for images of `input_size` (height, width), with the
    /// classifier when there is one.
    ///
    /// # Errors
    /// As [`Backbone::boundary_shape`].
    fn layers(&self, input_size: (usize, usize)) -> Result<Vec<Layer>>;

    /// Layers with weights on the longest way from image to class, shortcuts and
    /// gates left out: what the papers count.
    fn depth(&self) -> usize;

    /// Runs the parts between two boundaries on `input`, the activation at `from`.
    ///
    /// # Errors
    /// [`crate::Error::Order`] when `from` comes after `to`, [`crate::Error::ActivationShape`] when
    /// the shape of `input` is not that of its boundary, [`crate::Error::NoStage`] when the
    /// backbone has no such stage.
    fn forward_stages(
        &self,
        input: &Tensor,
        from: Stage,
        to: Stage,
        context: &Context,
    ) -> Result<Tensor>;

    /// Runs the parts before `until` in evaluation mode, outside of any graph:
    /// no gradient flows into them and no activation is kept.
    ///
    /// # Errors
    /// As [`Backbone::forward_stages`].
    fn forward_frozen(&self, images: &Tensor, until: Stage) -> Result<Tensor>;

    /// The classifier's scores `[batch, classes]` from the activation at a
    /// boundary and, in training, those of the auxiliary classifiers behind it.
    ///
    /// # Errors
    /// As [`Backbone::forward_stages`]; [`crate::Error::NoClassifier`] without a
    /// classifier.
    fn logits(
        &self,
        activation: &Tensor,
        from: Stage,
        context: &Context,
    ) -> Result<(Tensor, Vec<Tensor>)>;

    /// The inference form of the parts before `until`: batch norm folded into
    /// the filters, a copy that later training does not change. It multiplies in
    /// `precision` where the processor can, and takes and gives `f32`.
    ///
    /// # Errors
    /// When a tensor operation fails.
    fn fold(&self, until: Stage, precision: Precision) -> Result<Box<dyn InferenceBackbone>>;

    /// The name with its variant where it has one: `resnet18`, `resnet50-v1`.
    fn name(&self) -> String {
        if self.architecture().has_variants() {
            format!("{}-{}", self.architecture(), self.bottleneck())
        } else {
            self.architecture().to_string()
        }
    }

    /// The width of the pooled features.
    fn features(&self) -> usize {
        self.architecture().features()
    }

    /// Pooled features `[batch, features]` of images: see [`Stage::Pooled`]. In
    /// training with the dropout that comes before the network's classifier.
    ///
    /// # Errors
    /// As [`Backbone::forward_stages`].
    fn forward(&self, images: &Tensor, context: &Context) -> Result<Tensor> {
        self.forward_stages(images, Stage::Input, Stage::Pooled, context)
    }

    /// Pooled features from the (cached) activation at a boundary.
    ///
    /// # Errors
    /// As [`Backbone::forward_stages`].
    fn forward_from(&self, stage: Stage, activation: &Tensor, context: &Context) -> Result<Tensor> {
        self.forward_stages(activation, stage, Stage::Pooled, context)
    }

    /// The loss of the classifier: cross entropy, to which training adds 0.3 of
    /// that of each auxiliary classifier.
    ///
    /// # Errors
    /// As [`Backbone::logits`], and when a target is no class.
    fn classification_loss(
        &self,
        images: &Tensor,
        targets: &[u32],
        label_smoothing: f32,
        context: &Context,
    ) -> Result<Tensor> {
        let (logits, auxiliary) = self.logits(images, Stage::Input, context)?;
        let mut loss = cross_entropy(&logits, targets, label_smoothing)?;
        for logits in &auxiliary {
            let auxiliary = cross_entropy(logits, targets, label_smoothing)?;
            loss = (loss + (auxiliary * AUXILIARY_SHARE)?)?;
        }
        Ok(loss)
    }

    /// What a weight file's metadata must say to be loaded safely:
    /// `architecture`, and `variant` where it has one.
    fn metadata(&self) -> BTreeMap<String, String> {
        let architecture = self.architecture();
        let mut metadata = BTreeMap::from([("architecture".to_owned(), architecture.to_string())]);
        if architecture.has_variants() {
            metadata.insert("variant".to_owned(), self.bottleneck().to_string());
        }
        metadata
    }
}

/// A backbone for inference only: no graph, no batch norm, no training.
pub trait InferenceBackbone: Debug + Send + Sync {
    /// The boundary that it was folded up to.
    fn until(&self) -> Stage;

    /// Runs the parts between two boundaries on `input`, the activation at `from`.
    ///
    /// # Errors
    /// [`crate::Error::Order`] when `from` comes after `to`, [`crate::Error::Folded`] when `to` comes
    /// after [`InferenceBackbone::until`], [`crate::Error::ActivationShape`] when the shape of
    /// `input` does not fit.
    fn forward_stages(&self, input: &Tensor, from: Stage, to: Stage) -> Result<Tensor>;

    /// The activation at [`InferenceBackbone::until`] of images: the pooled
    /// features when everything was folded.
    ///
    /// # Errors
    /// As [`InferenceBackbone::forward_stages`].
    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        self.forward_stages(images, Stage::Input, self.until())
    }
}

/// What a new backbone has beyond its architecture.
#[derive(Clone, Copy, Debug, Default)]
pub struct BackboneOptions {
    /// The number of outputs of the classifier; no classifier by default.
    pub classes: Option<usize>,
    /// Start each residual block as the identity, by a zero scale in its last
    /// batch norm (Goyal et al., 2017); helps training from scratch.
    pub zero_init_residual: bool,
    /// The rate of the dropout before fully connected layers and the classifier.
    /// By default the published one: 0.5 for AlexNet and VGG, 0.2 for GoogLeNet
    /// (0.7 in its auxiliary classifiers), none for ResNets.
    pub dropout: Option<f32>,
    /// With `classes`, also GoogLeNet's two auxiliary classifiers, which
    /// evaluation and inference never run; other networks have none.
    pub auxiliary: bool,
}
