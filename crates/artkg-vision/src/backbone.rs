use std::collections::BTreeMap;
use std::fmt::Debug;

use artkg_nn::{Context, Linear, Scope, Tensor};
use candle_core::D;

use crate::{Architecture, Bottleneck, Error, ResNet, Result, Stage};

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

    /// The classifier `fc`, when the backbone was created with one.
    fn classifier(&self) -> Option<&Linear>;

    /// The shape of one item at a boundary for images of `input_size` (height,
    /// width): `[height, width, channels]`, or `[features]` at [`Stage::Pooled`].
    fn boundary_shape(&self, stage: Stage, input_size: (usize, usize)) -> Vec<usize>;

    /// Runs the parts between two boundaries on `input`, the activation at `from`.
    ///
    /// # Errors
    /// [`Error::Input`] when `from` comes after `to` or the shape of `input` is
    /// not that of its boundary.
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

    /// The inference form of the parts before `until`: batch norm folded into
    /// the filters, a copy that later training does not change.
    ///
    /// # Errors
    /// When a tensor operation fails.
    fn fold(&self, until: Stage) -> Result<Box<dyn InferenceBackbone>>;

    /// The name with its variant where it has one: `resnet18`, `resnet50-v1`.
    fn name(&self) -> String {
        if self.architecture().has_bottlenecks() {
            format!("{}-{}", self.architecture(), self.bottleneck())
        } else {
            self.architecture().to_string()
        }
    }

    /// The width of the pooled features.
    fn features(&self) -> usize {
        self.architecture().features()
    }

    /// Pooled features `[batch, features]` of images.
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

    /// Pooled features with everything before `frozen` frozen and the rest in
    /// the given context.
    ///
    /// # Errors
    /// As [`Backbone::forward_stages`].
    fn forward_partly_frozen(
        &self,
        images: &Tensor,
        frozen: Stage,
        context: &Context,
    ) -> Result<Tensor> {
        let activation = self.forward_frozen(images, frozen)?;
        self.forward_from(frozen, &activation, context)
    }

    /// What a weight file's metadata must say to be loaded safely:
    /// `architecture` and `variant`.
    fn metadata(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("architecture".to_owned(), self.architecture().to_string()),
            ("variant".to_owned(), self.bottleneck().to_string()),
        ])
    }
}

/// A backbone for inference only: no graph, no batch norm, no training.
pub trait InferenceBackbone: Debug + Send + Sync {
    /// The boundary that it was folded up to.
    fn until(&self) -> Stage;

    /// Runs the parts between two boundaries on `input`, the activation at `from`.
    ///
    /// # Errors
    /// [`Error::Input`] when `from` comes after `to`, `to` after
    /// [`InferenceBackbone::until`], or the shape of `input` does not fit.
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
    /// The number of outputs of the classifier `fc`; no classifier by default.
    pub classes: Option<usize>,
    /// Start each residual block as the identity, by a zero scale in its last
    /// batch norm (Goyal et al., 2017); helps training from scratch.
    pub zero_init_residual: bool,
}

/// Creates a backbone with fresh parameters in `scope`.
///
/// # Errors
/// When a parameter's name is taken or a tensor cannot be made.
pub fn create_backbone(
    scope: &Scope<'_>,
    architecture: Architecture,
    bottleneck: Bottleneck,
    options: BackboneOptions,
) -> Result<Box<dyn Backbone>> {
    Ok(Box::new(ResNet::with_options(
        scope,
        architecture,
        bottleneck,
        options,
    )?))
}

/// Checks that `input` can be the activation at `from`, which has `channels`
/// channels, and that `to` is reached from there within `until`.
pub(crate) fn check_input(
    input: &Tensor,
    channels: usize,
    from: Stage,
    to: Stage,
    until: Stage,
) -> Result<()> {
    if from > to {
        return Err(Error::Input(format!(
            "stage {from} comes after stage {to}: there is nothing to run between them"
        )));
    }
    if to > until {
        return Err(Error::Input(format!(
            "this backbone was folded up to {until} only and cannot run to {to}"
        )));
    }
    let rank = if from == Stage::Pooled { 2 } else { 4 };
    let fits = input.rank() == rank && input.dim(D::Minus1)? == channels;
    if !fits {
        let expected = if rank == 2 {
            format!("[batch, {channels}]")
        } else {
            format!("[batch, height, width, {channels}]")
        };
        return Err(Error::Input(format!(
            "the activation at {from} has shape {expected}, not {:?}",
            input.dims()
        )));
    }
    Ok(())
}
