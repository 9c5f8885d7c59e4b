use artkg_nn::{
    BatchNorm, Context, Convolution, ConvolutionShape, FoldedConvolution, Module, Scope, Tensor,
};

use crate::Result;

/// A convolution with what belongs to it: batch norm, an optional residual to
/// add, an optional ReLU. The network's topology is written once over it, for
/// training and for inference.
pub(super) trait Unit {
    /// What a pass needs to know.
    type Pass<'pass>: Copy;

    /// `relu(norm(convolution(input)) + residual)`.
    fn forward(
        &self,
        input: &Tensor,
        residual: Option<&Tensor>,
        relu: bool,
        pass: Self::Pass<'_>,
    ) -> Result<Tensor>;
}

/// A unit whose parameters are trained.
#[derive(Debug)]
pub(super) struct TrainableUnit {
    convolution: Convolution,
    norm: BatchNorm,
}

/// A pass through trainable units.
#[derive(Clone, Copy, Debug)]
pub(super) struct TrainablePass<'pass> {
    /// Training or evaluation.
    pub(super) context: &'pass Context,
    /// Cut the graph after each unit, so that its activations are freed.
    pub(super) detached: bool,
}

impl TrainableUnit {
    /// A unit whose convolution and batch norm are named as given.
    pub(super) fn new(
        convolution: &Scope<'_>,
        norm: &Scope<'_>,
        channels: (usize, usize),
        shape: ConvolutionShape,
    ) -> Result<Self> {
        Ok(Self {
            convolution: Convolution::new(convolution, channels.0, channels.1, shape, false)?,
            norm: BatchNorm::new(norm, channels.1)?,
        })
    }

    /// Starts the unit at zero: its residual block begins as the identity.
    pub(super) fn start_at_zero(&self) -> Result<()> {
        let weight = self.norm.weight();
        Ok(weight.set(&weight.zeros_like()?)?)
    }

    /// The inference form.
    pub(super) fn fold(&self) -> Result<FoldedConvolution> {
        Ok(FoldedConvolution::new(&self.convolution, &self.norm)?)
    }
}

impl Unit for TrainableUnit {
    type Pass<'pass> = TrainablePass<'pass>;

    fn forward(
        &self,
        input: &Tensor,
        residual: Option<&Tensor>,
        relu: bool,
        pass: TrainablePass<'_>,
    ) -> Result<Tensor> {
        let convolved = self.convolution.forward(input, pass.context)?;
        let output = self
            .norm
            .forward_fused(&convolved, residual, relu, pass.context)?;
        Ok(if pass.detached {
            output.detach()
        } else {
            output
        })
    }
}

impl Unit for FoldedConvolution {
    type Pass<'pass> = ();

    fn forward(
        &self,
        input: &Tensor,
        residual: Option<&Tensor>,
        relu: bool,
        (): (),
    ) -> Result<Tensor> {
        Ok(FoldedConvolution::forward(self, input, residual, relu)?)
    }
}
