use std::cell::RefCell;

use artkg_nn::{
    BatchNorm, Context, Convolution, ConvolutionShape, DType, FoldedConvolution, Linear, Module,
    Precision, Scope, Tensor, dropout, linear, profile, relu, reshape,
};

use super::layer::Specification;
use crate::error::Result;

/// A layer with weights and what belongs to it: batch norm, an optional residual
/// to add, an optional ReLU. Topologies are written once over it, for training
/// and for inference.
pub(crate) trait Unit {
    /// What a pass needs to know.
    type Pass<'pass>: Copy;

    /// What is fixed of the layer.
    fn specification(&self) -> &Specification;

    /// `relu(norm(layer(input)) + residual)`.
    fn forward(
        &self,
        input: &Tensor,
        residual: Option<&Tensor>,
        relu: bool,
        pass: Self::Pass<'_>,
    ) -> Result<Tensor>;

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
    Linear(Linear),
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
        let weights = linear.inputs() * linear.outputs();
        Self {
            specification: Specification {
                name: scope.path().to_owned(),
                norm: None,
                window: None,
                outputs: linear.outputs(),
                weights,
                parameters: weights + linear.outputs(),
            },
            layer: TrainableLayer::Linear(linear),
        }
    }

    /// The linear layer, where the unit is one.
    pub(crate) fn as_linear(&self) -> Option<&Linear> {
        match &self.layer {
            TrainableLayer::Linear(linear) => Some(linear),
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
            TrainableLayer::Linear(linear) => FoldedLayer::Linear {
                weight: linear.weight().as_detached_tensor().copy()?,
                bias: linear.bias().as_detached_tensor().copy()?,
            },
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
        residual: Option<&Tensor>,
        relu: bool,
        pass: TrainablePass<'_>,
    ) -> Result<Tensor> {
        let output = in_profile(
            &self.specification,
            input,
            residual,
            |input, residual| match &self.layer {
                TrainableLayer::Convolution(convolution, Some(norm)) => {
                    let convolved = convolution.forward(input, pass.context)?;
                    Ok(norm.forward_fused(&convolved, residual, relu, pass.context)?)
                }
                TrainableLayer::Convolution(convolution, None) if relu && residual.is_none() => {
                    Ok(convolution.forward_relu(input)?)
                }
                TrainableLayer::Convolution(convolution, None) => {
                    finish(convolution.forward(input, pass.context)?, residual, relu)
                }
                TrainableLayer::Linear(linear) => {
                    let input = flattened(input)?;
                    finish(linear.forward(&input, pass.context)?, residual, relu)
                }
            },
        )?;
        Ok(if pass.detached {
            output.detach()
        } else {
            output
        })
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
    Linear { weight: Tensor, bias: Tensor },
}

impl Unit for FoldedUnit {
    type Pass<'pass> = ();

    fn specification(&self) -> &Specification {
        &self.specification
    }

    fn forward(
        &self,
        input: &Tensor,
        residual: Option<&Tensor>,
        relu: bool,
        (): (),
    ) -> Result<Tensor> {
        in_profile(
            &self.specification,
            input,
            residual,
            |input, residual| match &self.layer {
                FoldedLayer::Convolution(folded) => Ok(folded.forward(input, residual, relu)?),
                FoldedLayer::Linear { weight, bias } => {
                    let input = flattened(&input.to_dtype(DType::F32)?)?;
                    finish(linear(&input, weight, bias)?, residual, relu)
                }
            },
        )
    }
}

/// Runs a layer with weights where a profile can see it.
fn in_profile(
    specification: &Specification,
    input: &Tensor,
    residual: Option<&Tensor>,
    run: impl FnOnce(&Tensor, Option<&Tensor>) -> Result<Tensor>,
) -> Result<Tensor> {
    let describe = |output: &Tensor| specification.describe(output);
    match residual {
        Some(residual) => profile::layer(describe, &[input, residual], |inputs| {
            run(inputs[0], Some(inputs[1]))
        }),
        None => profile::layer(describe, &[input], |inputs| run(inputs[0], None)),
    }
}

/// Images as rows of their values; rows as they are.
fn flattened(input: &Tensor) -> Result<Tensor> {
    match *input.dims() {
        [batch, ref item @ ..] if item.len() > 1 => {
            let length = item.iter().product();
            Ok(reshape(input, &[batch, length])?)
        }
        _ => Ok(input.clone()),
    }
}

fn finish(output: Tensor, residual: Option<&Tensor>, wants_relu: bool) -> Result<Tensor> {
    let output = match residual {
        Some(residual) => (output + residual)?,
        None => output,
    };
    Ok(if wants_relu { relu(&output)? } else { output })
}
