use candle_core::Tensor;
use half::bf16;

use artkg_kernels::linear::{Finish, Then, Weights};

use crate::error::{Error, Result};
use crate::linear::Linear;
use crate::precision::{Precision, to_bf16, to_f32};
use crate::values::{Values, ValuesOf};

/// What becomes of the result of a [`FoldedLinear`] before it is written.
#[derive(Clone, Copy, Debug, Default)]
pub enum Epilogue<'a> {
    /// Nothing.
    #[default]
    None,
    /// `x Φ(x)`.
    Gelu,
    /// `x σ(1.702 x)`.
    QuickGelu,
    /// `max(x, 0)`.
    Relu,
    /// `residual + scale ⊙ x`.
    AddScaled {
        /// Laid out like the result.
        residual: &'a Tensor,
        /// A value for each output; `None` for ones.
        scale: Option<&'a Tensor>,
    },
}

/// A fully connected layer for inference: its weight packed once, in either precision.
///
/// Parameters are copied when it is made: later training does not reach it, and nothing
/// is differentiated through it.
#[derive(Clone, Debug)]
pub struct FoldedLinear {
    weights: AnyWeights,
}

#[derive(Clone, Debug)]
enum AnyWeights {
    F32(Weights<f32>),
    Bf16(Weights<bf16>),
}

impl FoldedLinear {
    /// The inference form of `linear`. Where the processor has no instructions for
    /// `precision`, `f32` takes its place.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn new(linear: &Linear, precision: Precision) -> Result<Self> {
        let (weight, bias) = (linear.weight(), linear.bias());
        let sizes = weight.dims2()?;
        let (weight, bias) = (weight.contiguous()?, bias.contiguous()?);
        let (weight, bias) = (Values::of(&weight)?, Values::of(&bias)?);
        let short = (precision == Precision::Bf16)
            .then(|| Weights::<bf16>::new(&weight, &bias, sizes))
            .flatten();
        let weights = match short {
            Some(weights) => AnyWeights::Bf16(weights),
            None => AnyWeights::F32(Weights::<f32>::new(&weight, &bias, sizes)),
        };
        Ok(Self { weights })
    }

    /// `input · weightᵀ + bias` over the last dimension of `input`, then `epilogue`.
    ///
    /// Input and residual are `f32` or `bf16`. The result is what the layer computes in,
    /// and `f32` where a residual is added: what runs along a whole network is not
    /// rounded at every layer.
    ///
    /// # Errors
    /// [`Error::Argument`] when shapes do not fit.
    pub fn forward(&self, input: &Tensor, epilogue: Epilogue<'_>) -> Result<Tensor> {
        let dims = self.result_dims(input)?;
        if let Epilogue::AddScaled { residual, scale } = epilogue {
            return self.add_scaled(input, dims, residual, scale);
        }
        let device = input.device();
        Ok(match &self.weights {
            AnyWeights::F32(weights) => {
                let (finish, then) = finish(epilogue);
                let output = weights.apply(&Values::of(&to_f32(input)?)?, finish, then);
                Tensor::from_vec(output, dims, device)?
            }
            AnyWeights::Bf16(weights) => {
                let (finish, then) = finish(epilogue);
                let output = weights.apply(&ValuesOf::of(&to_bf16(input)?)?, finish, then);
                Tensor::from_vec(output, dims, device)?
            }
        })
    }

    /// `residual + scale ⊙ (input · weightᵀ + bias)`.
    fn add_scaled(
        &self,
        input: &Tensor,
        dims: Vec<usize>,
        residual: &Tensor,
        scale: Option<&Tensor>,
    ) -> Result<Tensor> {
        let unfitting = |what: &str, tensor: &Tensor| {
            Error::Argument(format!(
                "{what} of shape {:?} does not fit the result of a linear layer, {dims:?}",
                tensor.dims()
            ))
        };
        if residual.dims() != dims {
            return Err(unfitting("a residual", residual));
        }
        if let Some(scale) = scale
            && scale.elem_count() != self.sizes().0
        {
            return Err(unfitting("a scale", scale));
        }
        let residual = to_f32(residual)?;
        let residual = Values::of(&residual)?;
        let scale = scale.map(to_f32).transpose()?;
        let scale = scale.as_ref().map(Values::of).transpose()?;
        let (finish, then) = match scale.as_deref() {
            Some(scale) => {
                let residual = &*residual;
                (Finish::NOTHING, Then::AddScaled { residual, scale })
            }
            None => {
                let residual = Some(&*residual);
                let relu = false;
                (Finish { residual, relu }, Then::Nothing)
            }
        };
        let output = match &self.weights {
            AnyWeights::F32(weights) => weights.apply(&Values::of(&to_f32(input)?)?, finish, then),
            AnyWeights::Bf16(weights) => {
                weights.apply_wide(&ValuesOf::of(&to_bf16(input)?)?, finish, then)
            }
        };
        Ok(Tensor::from_vec(output, dims, input.device())?)
    }

    /// Outputs and inputs.
    fn sizes(&self) -> (usize, usize) {
        match &self.weights {
            AnyWeights::F32(weights) => weights.sizes(),
            AnyWeights::Bf16(weights) => weights.sizes(),
        }
    }

    /// The dimensions of the result for `input`.
    fn result_dims(&self, input: &Tensor) -> Result<Vec<usize>> {
        let (outputs, inputs) = self.sizes();
        let mut dims = input.dims().to_vec();
        match dims.last_mut() {
            Some(last) if *last == inputs => *last = outputs,
            _ => {
                return Err(Error::Argument(format!(
                    "a linear layer of {inputs} inputs cannot take an input of shape {:?}",
                    input.dims()
                )));
            }
        }
        Ok(dims)
    }
}

/// An epilogue without residual, as kernels take it.
fn finish<E>(epilogue: Epilogue<'_>) -> (Finish<'static, E>, Then<'static, E>) {
    let relu = matches!(epilogue, Epilogue::Relu);
    let then = match epilogue {
        Epilogue::Gelu => Then::Gelu,
        Epilogue::QuickGelu => Then::QuickGelu,
        Epilogue::None | Epilogue::Relu | Epilogue::AddScaled { .. } => Then::Nothing,
    };
    let residual = None;
    (Finish { residual, relu }, then)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::finite_difference::random_tensor;
    use crate::gelu::gelu;
    use crate::layer_scale::add_scaled;
    use crate::linear::linear;
    use crate::parameters::ParameterStore;
    use crate::relu::relu;
    use crate::sigmoid_units::quick_gelu;

    const INPUTS: usize = 37;
    const OUTPUTS: usize = 50;

    fn layer() -> Linear {
        let store = ParameterStore::new(3, &Device::Cpu);
        Linear::new(&store.root(), INPUTS, OUTPUTS).unwrap()
    }

    /// The largest difference between the layer's results and those of its parts, for
    /// every epilogue.
    fn difference(precision: Precision) -> f32 {
        let layer = layer();
        let folded = FoldedLinear::new(&layer, precision).unwrap();
        let input = random_tensor(&[2, 9, INPUTS], 1.0, 1);
        let residual = random_tensor(&[2, 9, OUTPUTS], 1.0, 2);
        let scale = random_tensor(&[OUTPUTS], 1.0, 3);
        let plain = linear(&input, layer.weight(), layer.bias()).unwrap();
        let added = |scale| Epilogue::AddScaled {
            residual: &residual,
            scale,
        };
        let ones = scale.ones_like().unwrap();
        let cases = [
            (Epilogue::None, plain.clone()),
            (Epilogue::Gelu, gelu(&plain).unwrap()),
            (Epilogue::QuickGelu, quick_gelu(&plain).unwrap()),
            (Epilogue::Relu, relu(&plain).unwrap()),
            (
                added(Some(&scale)),
                add_scaled(&residual, &plain, &scale).unwrap(),
            ),
            (added(None), add_scaled(&residual, &plain, &ones).unwrap()),
        ];
        let differences = cases.map(|(epilogue, expected)| {
            let found = to_f32(&folded.forward(&input, epilogue).unwrap()).unwrap();
            assert_eq!(found.dims(), expected.dims());
            let difference = (found - expected).unwrap().abs().unwrap();
            difference.max_all().unwrap().to_scalar::<f32>().unwrap()
        });
        differences.into_iter().fold(0.0, f32::max)
    }

    #[test]
    fn is_the_layer_and_what_follows() {
        let difference = difference(Precision::F32);
        assert!(difference < 1e-5, "{difference}");
    }

    #[test]
    #[ignore = "needs a processor with bf16 products"]
    fn is_nearly_the_same_in_bf16() {
        assert!(Precision::Bf16.is_supported());
        let difference = difference(Precision::Bf16);
        assert!((1e-5..0.03).contains(&difference), "{difference}");
    }

    #[test]
    #[ignore = "needs a processor with bf16 products"]
    fn results_are_short_unless_a_residual_is_added() {
        let folded = FoldedLinear::new(&layer(), Precision::Bf16).unwrap();
        let input = to_bf16(&random_tensor(&[3, INPUTS], 1.0, 1)).unwrap();
        let residual = random_tensor(&[3, OUTPUTS], 1.0, 2);
        let output = folded.forward(&input, Epilogue::Gelu).unwrap();
        assert_eq!(output.dtype(), candle_core::DType::BF16);
        let scale = None;
        let residual = &residual;
        let output = folded.forward(&input, Epilogue::AddScaled { residual, scale });
        assert_eq!(output.unwrap().dtype(), candle_core::DType::F32);
    }

    #[test]
    fn unfitting_shapes_are_named() {
        let folded = FoldedLinear::new(&layer(), Precision::F32).unwrap();
        let input = random_tensor(&[2, INPUTS + 1], 1.0, 1);
        let error = folded
            .forward(&input, Epilogue::None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("37 inputs") && error.contains("[2, 38]"),
            "{error}"
        );
        let input = random_tensor(&[2, INPUTS], 1.0, 1);
        let short = random_tensor(&[1, OUTPUTS], 1.0, 1);
        let epilogue = Epilogue::AddScaled {
            residual: &short,
            scale: None,
        };
        let error = folded.forward(&input, epilogue).unwrap_err().to_string();
        assert!(
            error.contains("[1, 50]") && error.contains("[2, 50]"),
            "{error}"
        );
        let residual = random_tensor(&[2, OUTPUTS], 1.0, 1);
        let epilogue = Epilogue::AddScaled {
            residual: &residual,
            scale: Some(&input),
        };
        let error = folded.forward(&input, epilogue).unwrap_err().to_string();
        assert!(error.contains("a scale of shape [2, 37]"), "{error}");
    }
}
