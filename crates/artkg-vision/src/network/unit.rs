use std::cell::RefCell;

use artkg_nn::{
    BatchNorm, Context, Convolution, ConvolutionShape, Epilogue, FoldedConvolution, FoldedLinear,
    Linear, Module, Precision, Scope, Tensor, add, add_scaled, dropout, gelu, profile, quick_gelu,
    relu, stochastic_depth,
};

use super::layer::Specification;
use crate::error::Result;

/// What becomes of a layer's output before anyone sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Finish<'a> {
    /// Nothing.
    None,
    /// `max(x, 0)`.
    Relu,
    /// The end of a residual block: `max(x + residual, 0)`.
    AddRelu(&'a Tensor),
    /// `x Φ(x)`.
    Gelu,
    /// `x σ(1.702 x)`.
    QuickGelu,
    /// The end of a branch of a transformer: `residual + scale ⊙ x`.
    AddScaled {
        residual: &'a Tensor,
        /// A factor for each channel; `None` for ones.
        scale: Option<&'a Tensor>,
    },
}

impl<'a> Finish<'a> {
    /// What is added to the output.
    fn residual(&self) -> Option<&'a Tensor> {
        match *self {
            Self::AddRelu(residual) | Self::AddScaled { residual, .. } => Some(residual),
            _ => None,
        }
    }

    /// The same with another tensor of the same values to add.
    fn with_residual(self, other: &'a Tensor) -> Self {
        match self {
            Self::AddRelu(_) => Self::AddRelu(other),
            Self::AddScaled { scale, .. } => Self::AddScaled {
                residual: other,
                scale,
            },
            same => same,
        }
    }

    /// Applies it with operations that gradients flow through.
    fn apply(self, output: Tensor) -> Result<Tensor> {
        Ok(match self {
            Self::None => output,
            Self::Relu => relu(&output)?,
            Self::AddRelu(residual) => relu(&add(&output, residual)?)?,
            Self::Gelu => gelu(&output)?,
            Self::QuickGelu => quick_gelu(&output)?,
            Self::AddScaled { residual, scale } => match scale {
                Some(scale) => add_scaled(residual, &output, scale)?,
                None => add(residual, &output)?,
            },
        })
    }
}

/// A layer with weights and what belongs to it: batch norm, and how it ends.
/// Topologies are written once over it, for training and for inference.
pub(crate) trait Unit {
    /// What a pass needs to know.
    type Pass<'pass>: Copy;

    /// What is fixed of the layer.
    fn specification(&self) -> &Specification;

    /// `finish(norm(layer(input)))`.
    fn forward(&self, input: &Tensor, finish: Finish<'_>, pass: Self::Pass<'_>) -> Result<Tensor>;

    /// An output that the pass keeps: outside of the graph where nobody asks for
    /// gradients.
    fn settled(output: Tensor, _pass: Self::Pass<'_>) -> Tensor {
        output
    }

    /// Drops values at random, in training.
    fn dropout(input: Tensor, _rate: f32, _pass: Self::Pass<'_>) -> Result<Tensor> {
        Ok(input)
    }

    /// Shows an activation to the auxiliary classifiers, in training.
    fn tap(_activation: &Tensor, _pass: Self::Pass<'_>) {}
}

/// A unit whose parameters are trained.
#[derive(Debug)]
pub(crate) struct TrainableUnit {
    specification: Specification,
    layer: TrainableLayer,
}

#[derive(Debug)]
enum TrainableLayer {
    Convolution(Convolution, Option<BatchNorm>),
    Linear {
        linear: Linear,
        /// The share of items that lack it in training, where it ends a branch.
        drop_rate: f32,
    },
}

/// A pass through trainable units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrainablePass<'pass> {
    /// Training or evaluation.
    pub(crate) context: &'pass Context,
    /// Cut the graph after each unit, so that its activations are freed.
    pub(crate) detached: bool,
    /// Collects what auxiliary classifiers see.
    pub(crate) taps: Option<&'pass RefCell<Vec<Tensor>>>,
}

/// Where a unit's batch norm has its parameters, and what it adds to variances.
pub(crate) struct Norm<'store> {
    pub(crate) scope: Scope<'store>,
    pub(crate) epsilon: f64,
}

impl<'store> Norm<'store> {
    /// With PyTorch's epsilon.
    pub(crate) fn new(scope: Scope<'store>) -> Self {
        Self {
            scope,
            epsilon: 1e-5,
        }
    }
}

impl TrainableUnit {
    /// A convolution from and to numbers of channels.
    pub(crate) fn convolution(
        scope: &Scope<'_>,
        norm: Option<&Norm<'_>>,
        channels: (usize, usize),
        shape: ConvolutionShape,
        bias: bool,
    ) -> Result<Self> {
        let (inputs, outputs) = channels;
        let weights = shape.kernel.0 * shape.kernel.1 * inputs * outputs;
        let specification = Specification {
            name: scope.path().to_owned(),
            norm: norm.map(|norm| norm.scope.path().to_owned()),
            window: Some(shape),
            inputs,
            outputs,
            weights,
            parameters: weights + usize::from(bias) * outputs + norm.map_or(0, |_| 2 * outputs),
        };
        let convolution = Convolution::new(scope, inputs, outputs, shape, bias)?;
        let norm = norm
            .map(|norm| BatchNorm::new(&norm.scope, outputs).map(|n| n.with_epsilon(norm.epsilon)))
            .transpose()?;
        Ok(Self {
            specification,
            layer: TrainableLayer::Convolution(convolution, norm),
        })
    }

    /// A fully connected layer whose parameters are in `scope`.
    pub(crate) fn linear(scope: &Scope<'_>, linear: Linear) -> Self {
        Self::branch_end(scope, linear, 0.0)
    }

    /// [`TrainableUnit::linear`] at the end of a branch that a share of `drop_rate`
    /// of the items lacks in training.
    pub(crate) fn branch_end(scope: &Scope<'_>, linear: Linear, drop_rate: f32) -> Self {
        let weights = linear.inputs() * linear.outputs();
        Self {
            specification: Specification {
                name: scope.path().to_owned(),
                norm: None,
                window: None,
                inputs: linear.inputs(),
                outputs: linear.outputs(),
                weights,
                parameters: weights + linear.outputs(),
            },
            layer: TrainableLayer::Linear { linear, drop_rate },
        }
    }

    /// The linear layer, where the unit is one.
    pub(crate) fn as_linear(&self) -> Option<&Linear> {
        match &self.layer {
            TrainableLayer::Linear { linear, .. } => Some(linear),
            TrainableLayer::Convolution(..) => None,
        }
    }

    /// Starts the unit at zero: its residual block begins as the identity.
    pub(crate) fn start_at_zero(&self) -> Result<()> {
        if let TrainableLayer::Convolution(_, Some(norm)) = &self.layer {
            let weight = norm.weight();
            weight.set(&weight.zeros_like()?)?;
        }
        Ok(())
    }

    /// The inference form, a copy.
    pub(crate) fn fold(&self, precision: Precision) -> Result<FoldedUnit> {
        let layer = match &self.layer {
            TrainableLayer::Convolution(convolution, Some(norm)) => {
                FoldedLayer::Convolution(FoldedConvolution::new(convolution, norm, precision)?)
            }
            TrainableLayer::Convolution(convolution, None) => {
                FoldedLayer::Convolution(FoldedConvolution::plain(convolution, precision)?)
            }
            TrainableLayer::Linear { linear, .. } => {
                FoldedLayer::Linear(FoldedLinear::new(linear, precision)?)
            }
        };
        Ok(FoldedUnit {
            specification: self.specification.clone(),
            layer,
        })
    }
}

impl Unit for TrainableUnit {
    type Pass<'pass> = TrainablePass<'pass>;

    fn specification(&self) -> &Specification {
        &self.specification
    }

    fn forward(
        &self,
        input: &Tensor,
        finish: Finish<'_>,
        pass: TrainablePass<'_>,
    ) -> Result<Tensor> {
        let output = in_profile(&self.specification, input, finish, |input, finish| {
            match (&self.layer, finish) {
                (TrainableLayer::Convolution(convolution, Some(norm)), finish) => {
                    let convolved = convolution.forward(input, pass.context)?;
                    let normed = |residual, relu| {
                        norm.forward_fused(&convolved, residual, relu, pass.context)
                    };
                    match finish {
                        Finish::Relu => Ok(normed(None, true)?),
                        Finish::AddRelu(residual) => Ok(normed(Some(residual), true)?),
                        finish => finish.apply(normed(None, false)?),
                    }
                }
                (TrainableLayer::Convolution(convolution, None), Finish::Relu) => {
                    Ok(convolution.forward_relu(input)?)
                }
                (TrainableLayer::Convolution(convolution, None), finish) => {
                    finish.apply(convolution.forward(input, pass.context)?)
                }
                (TrainableLayer::Linear { linear, drop_rate }, finish) => {
                    let input = self.specification.rows(input)?;
                    let mut output = linear.forward(&input, pass.context)?;
                    if let Finish::AddScaled { .. } = finish {
                        output = stochastic_depth(&output, *drop_rate, pass.context)?;
                    }
                    finish.apply(output)
                }
            }
        })?;
        Ok(Self::settled(output, pass))
    }

    fn settled(output: Tensor, pass: TrainablePass<'_>) -> Tensor {
        match pass.detached {
            true => output.detach(),
            false => output,
        }
    }

    fn dropout(input: Tensor, rate: f32, pass: TrainablePass<'_>) -> Result<Tensor> {
        Ok(dropout(&input, rate, pass.context)?)
    }

    fn tap(activation: &Tensor, pass: TrainablePass<'_>) {
        if let Some(taps) = pass.taps {
            taps.borrow_mut().push(activation.clone());
        }
    }
}

/// A unit for inference: batch norm folded into the filters, no graph.
#[derive(Debug)]
pub(crate) struct FoldedUnit {
    specification: Specification,
    layer: FoldedLayer,
}

#[derive(Debug)]
enum FoldedLayer {
    Convolution(FoldedConvolution),
    Linear(FoldedLinear),
}

impl Unit for FoldedUnit {
    type Pass<'pass> = ();

    fn specification(&self) -> &Specification {
        &self.specification
    }

    fn forward(&self, input: &Tensor, finish: Finish<'_>, (): ()) -> Result<Tensor> {
        in_profile(
            &self.specification,
            input,
            finish,
            |input, finish| match &self.layer {
                FoldedLayer::Convolution(folded) => match finish {
                    Finish::Relu => Ok(folded.forward(input, None, true)?),
                    Finish::AddRelu(residual) => Ok(folded.forward(input, Some(residual), true)?),
                    finish => finish.apply(folded.forward(input, None, false)?),
                },
                FoldedLayer::Linear(folded) => {
                    let input = self.specification.rows(input)?;
                    let epilogue = match finish {
                        Finish::None => Epilogue::None,
                        Finish::Relu => Epilogue::Relu,
                        Finish::AddRelu(_) => {
                            return finish.apply(folded.forward(&input, Epilogue::None)?);
                        }
                        Finish::Gelu => Epilogue::Gelu,
                        Finish::QuickGelu => Epilogue::QuickGelu,
                        Finish::AddScaled { residual, scale } => {
                            Epilogue::AddScaled { residual, scale }
                        }
                    };
                    Ok(folded.forward(&input, epilogue)?)
                }
            },
        )
    }
}

/// Runs a layer with weights where a profile can see it.
fn in_profile(
    specification: &Specification,
    input: &Tensor,
    finish: Finish<'_>,
    run: impl FnOnce(&Tensor, Finish<'_>) -> Result<Tensor>,
) -> Result<Tensor> {
    let describe = |output: &Tensor| specification.describe(output);
    match finish.residual() {
        Some(residual) => profile::layer(describe, &[input, residual], |inputs| {
            run(inputs[0], finish.with_residual(inputs[1]))
        }),
        None => profile::layer(describe, &[input], |inputs| run(inputs[0], finish)),
    }
}
