use candle_core::{Shape, Tensor, Var, bail};

use artkg_kernels::layer_norm as kernels;

use crate::context::Context;
use crate::error::Result;
use crate::initialisation::Initialisation;
use crate::module::Module;
use crate::operation::{Backward, Operation, apply};
use crate::parameters::{Role, Scope};

/// Layer normalisation over the last dimension (Ba et al., 2016).
#[derive(Clone, Debug)]
pub struct LayerNorm {
    weight: Var,
    bias: Var,
    epsilon: f32,
}

impl LayerNorm {
    /// Creates the parameters `weight` (ones) and `bias` (zeros), `[features]`;
    /// epsilon is 1e-5 as in PyTorch.
    ///
    /// # Errors
    /// When a name is taken.
    pub fn new(scope: &Scope, features: usize) -> Result<Self> {
        Self::with_epsilon(scope, features, 1e-5)
    }

    /// As [`LayerNorm::new`], with another epsilon: vision transformers have 1e-6.
    ///
    /// # Errors
    /// When a name is taken.
    pub fn with_epsilon(scope: &Scope, features: usize, epsilon: f32) -> Result<Self> {
        let shape = [features];
        let role = Role::Normalisation;
        Ok(Self {
            weight: scope.parameter("weight", &shape, Initialisation::Ones, role)?,
            bias: scope.parameter("bias", &shape, Initialisation::Zeros, role)?,
            epsilon,
        })
    }
}

impl Module for LayerNorm {
    fn forward(&self, input: &Tensor, _context: &Context) -> Result<Tensor> {
        layer_norm(input, &self.weight, &self.bias, self.epsilon)
    }
}

/// Brings the last dimension of `input` `[..., features]` to mean 0 and variance
/// 1, then applies `weight` and `bias`, `[features]`. Differentiable in all three.
///
/// # Errors
/// When the shapes do not fit or a tensor is not `f32`.
pub fn layer_norm(input: &Tensor, weight: &Tensor, bias: &Tensor, epsilon: f32) -> Result<Tensor> {
    apply(&[input, weight, bias], Normalise { epsilon })
}

/// `[..., features]` with weight and bias, `[features]`.
struct Normalise {
    epsilon: f32,
}

impl Operation for Normalise {
    fn name(&self) -> &'static str {
        "layer norm"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        let [input, weight, bias] = [0, 1, 2].map(|operand: usize| operands[operand]);
        let features = weight.elem_count();
        if input.dims().last() != Some(&features) || bias.elem_count() != features || features == 0
        {
            bail!(
                "layer norm of {features} features does not fit an input of shape {:?} and {} biases",
                input.dims(),
                bias.elem_count()
            );
        }
        Ok(input.clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let (input, weight, bias) = (operands[0], operands[1], operands[2]);
        Ok(kernels::forward(input, weight, bias, self.epsilon))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (input, weight) = (pass.operands[0], pass.operands[1]);
        let found = kernels::gradients(input, weight, pass.gradient, self.epsilon);
        Ok(vec![
            Some(found.input),
            Some(found.weight),
            Some(found.bias),
        ])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};
    use crate::parameters::ParameterStore;

    #[test]
    fn rows_get_mean_zero_and_variance_one() {
        let store = ParameterStore::new(0, &Device::Cpu);
        let layer = LayerNorm::new(&store.root(), 16).unwrap();
        let input = random_tensor(&[3, 16], 5.0, 1).affine(1.0, 100.0).unwrap();
        let output = layer.forward(&input, &Context::evaluation()).unwrap();
        for row in output.to_vec2::<f32>().unwrap() {
            let mean = row.iter().sum::<f32>() / 16.0;
            let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / 16.0;
            assert!(mean.abs() < 1e-5, "{mean}");
            assert!((variance - 1.0).abs() < 1e-4, "{variance}");
        }
    }

    #[test]
    fn gradients_match_differences() {
        let arguments = [
            random_tensor(&[2, 3, 6], 2.0, 1),
            random_tensor(&[6], 1.0, 2),
            random_tensor(&[6], 1.0, 3),
        ];
        assert_gradients(&arguments, 2e-3, |a| layer_norm(&a[0], &a[1], &a[2], 1e-5));
    }

    #[test]
    fn unfitting_shapes_are_named() {
        let input = random_tensor(&[2, 6], 1.0, 1);
        let weight = random_tensor(&[5], 1.0, 1);
        let error = layer_norm(&input, &weight, &weight, 1e-5)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("5 features") && error.contains("[2, 6]"),
            "{error}"
        );
    }
}
