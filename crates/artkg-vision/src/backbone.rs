use std::cell::RefCell;
use std::collections::BTreeMap;

use artkg_nn::{Context, Linear, Precision, Tensor, cross_entropy, recorded};

use crate::architecture::Architecture;
use crate::error::{Error, Result};
use crate::inference_backbone::InferenceBackbone;
use crate::network::layer::Layer;
use crate::network::{AuxiliaryClassifier, Finish, Network, TrainablePass, TrainableUnit, Unit};
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
#[derive(Debug)]
pub struct Backbone {
    pub(crate) architecture: Architecture,
    pub(crate) bottleneck: Bottleneck,
    pub(crate) network: Network<TrainableUnit>,
    pub(crate) classifier: Option<TrainableUnit>,
    pub(crate) auxiliary: Vec<AuxiliaryClassifier>,
}

impl Backbone {
    /// The architecture.
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// Where downsampling blocks have their stride; [`Bottleneck::V1_5`] for
    /// architectures without variants.
    pub fn bottleneck(&self) -> Bottleneck {
        self.bottleneck
    }

    /// The classifier, when the backbone was created with one.
    pub fn classifier(&self) -> Option<&Linear> {
        self.classifier.as_ref().and_then(TrainableUnit::as_linear)
    }

    /// The first boundary behind the parameter `name`, as its store calls it;
    /// `None` for classifiers and for parameters of something else.
    pub fn stage_of_parameter(&self, name: &str) -> Option<Stage> {
        self.network.stage_of_parameter(name)
    }

    /// The shape of one item at a boundary for images of `input_size` (height,
    /// width): `[height, width, channels]`, or `[features]` at [`Stage::Fc6`]
    /// and [`Stage::Pooled`].
    ///
    /// # Errors
    /// [`crate::Error::NoStage`] when the backbone has no such stage, [`crate::Error::ImageSize`] when
    /// the images are too small for it.
    pub fn boundary_shape(&self, stage: Stage, input_size: (usize, usize)) -> Result<Vec<usize>> {
        Ok(self.network.trace(stage, input_size)?.1)
    }

    /// All layers in order for images of `input_size` (height, width), with the
    /// classifier when there is one.
    ///
    /// # Errors
    /// As [`Backbone::boundary_shape`].
    pub fn layers(&self, input_size: (usize, usize)) -> Result<Vec<Layer>> {
        let (mut layers, shape) = self.network.trace(Stage::Pooled, input_size)?;
        if let Some(classifier) = &self.classifier {
            layers.push(classifier.specification().layer(&shape)?);
        }
        Ok(layers)
    }

    /// Layers with weights on the longest way from image to class, shortcuts and
    /// gates left out: what the papers count.
    pub fn depth(&self) -> usize {
        // The classifier counts, also where heads take its place.
        self.network.depth() + 1
    }

    /// Runs the parts between two boundaries on `input`, the activation at `from`.
    ///
    /// # Errors
    /// [`crate::Error::Order`] when `from` comes after `to`, [`crate::Error::ActivationShape`] when
    /// the shape of `input` is not that of its boundary, [`crate::Error::NoStage`] when the
    /// backbone has no such stage.
    pub fn forward_stages(
        &self,
        input: &Tensor,
        from: Stage,
        to: Stage,
        context: &Context,
    ) -> Result<Tensor> {
        self.network.check(input, from, to)?;
        let pass = TrainablePass {
            context,
            detached: false,
            taps: None,
        };
        recorded(input, |input| self.network.run(input, from, to, pass))
    }

    /// Runs the parts before `until` in evaluation mode, outside of any graph:
    /// no gradient flows into them and no activation is kept.
    ///
    /// # Errors
    /// As [`Backbone::forward_stages`].
    pub fn forward_frozen(&self, images: &Tensor, until: Stage) -> Result<Tensor> {
        self.network.check(images, Stage::Input, until)?;
        let pass = TrainablePass {
            context: &Context::evaluation(),
            detached: true,
            taps: None,
        };
        let activation = self.network.run(images, Stage::Input, until, pass)?;
        Ok(activation.detach())
    }

    /// The classifier's scores `[batch, classes]` from the activation at a
    /// boundary and, in training, those of the auxiliary classifiers behind it.
    ///
    /// # Errors
    /// As [`Backbone::forward_stages`]; [`crate::Error::NoClassifier`] without a
    /// classifier.
    pub fn logits(
        &self,
        activation: &Tensor,
        from: Stage,
        context: &Context,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        self.network.check(activation, from, Stage::Pooled)?;
        let taps = RefCell::default();
        let pass = TrainablePass {
            context,
            detached: false,
            taps: context.is_training().then_some(&taps),
        };
        let classifier = self.classifier.as_ref();
        let classifier = classifier.ok_or(Error::NoClassifier(self.architecture.name()))?;
        let run = |activation: &Tensor| self.network.run(activation, from, Stage::Pooled, pass);
        let features = if self.auxiliary.is_empty() {
            recorded(activation, run)?
        } else {
            // Auxiliary classifiers branch off in the middle.
            run(activation)?
        };
        let logits = classifier.forward(&features, Finish::None, pass)?;
        let auxiliary = self
            .auxiliary
            .iter()
            .zip(taps.borrow().iter())
            .map(|(classifier, tap)| classifier.forward(tap, pass))
            .collect::<Result<_>>()?;
        Ok((logits, auxiliary))
    }

    /// The inference form of the parts before `until`: batch norm folded into
    /// the filters, a copy that later training does not change. It multiplies in
    /// `precision` where the processor can, and takes and gives `f32`.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn fold(&self, until: Stage, precision: Precision) -> Result<InferenceBackbone> {
        let network = self.network.map(until, |unit| unit.fold(precision))?;
        Ok(InferenceBackbone { network })
    }

    /// The name with its variant where it has one: `resnet18`, `resnet50-v1`.
    pub fn name(&self) -> String {
        if self.architecture().has_variants() {
            format!("{}-{}", self.architecture(), self.bottleneck())
        } else {
            self.architecture().to_string()
        }
    }

    /// The width of the pooled features.
    pub fn features(&self) -> usize {
        self.architecture().features()
    }

    /// Pooled features `[batch, features]` of images: see [`Stage::Pooled`]. In
    /// training with the dropout that comes before the network's classifier.
    ///
    /// # Errors
    /// As [`Backbone::forward_stages`].
    pub fn forward(&self, images: &Tensor, context: &Context) -> Result<Tensor> {
        self.forward_stages(images, Stage::Input, Stage::Pooled, context)
    }

    /// Pooled features from the (cached) activation at a boundary.
    ///
    /// # Errors
    /// As [`Backbone::forward_stages`].
    pub fn forward_from(
        &self,
        stage: Stage,
        activation: &Tensor,
        context: &Context,
    ) -> Result<Tensor> {
        self.forward_stages(activation, stage, Stage::Pooled, context)
    }

    /// The loss of the classifier: cross entropy, to which training adds 0.3 of
    /// that of each auxiliary classifier.
    ///
    /// # Errors
    /// As [`Backbone::logits`], and when a target is no class.
    pub fn classification_loss(
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
    pub fn metadata(&self) -> BTreeMap<String, String> {
        let architecture = self.architecture();
        let mut metadata = BTreeMap::from([("architecture".to_owned(), architecture.to_string())]);
        if architecture.has_variants() {
            metadata.insert("variant".to_owned(), self.bottleneck().to_string());
        }
        metadata
    }
}
