use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Shape, bail};
use rayon::prelude::*;

use crate::tape::apply3;
use crate::values::contiguous;
use crate::vector::{sum_of, vectorised};
use crate::{Context, Initialisation, Module, Result, Role, Scope, Tensor, Var};

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
        let shape = [features];
        let role = Role::Normalisation;
        Ok(Self {
            weight: scope.parameter("weight", &shape, Initialisation::Ones, role)?,
            bias: scope.parameter("bias", &shape, Initialisation::Zeros, role)?,
            epsilon: 1e-5,
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
    let operation = Normalise { epsilon };
    apply3(
        &input.contiguous()?,
        &weight.contiguous()?,
        &bias.contiguous()?,
        operation,
    )
}

#[derive(Clone, Copy)]
struct Normalise {
    epsilon: f32,
}

impl Normalise {
    /// The mean of a row and the reciprocal of its deviation.
    #[inline(always)]
    fn statistics(self, row: &[f32]) -> (f32, f32) {
        let share = 1.0 / row.len() as f32;
        let mean = share * sum_of(row.len(), |index| row[index]);
        let variance = share * sum_of(row.len(), |index| (row[index] - mean).powi(2));
        (mean, (variance + self.epsilon).sqrt().recip())
    }

    /// With n = (x - mean) * scale and g = gradient * weight:
    /// dx = scale * (g - average(g) - n * average(g * n)).
    #[inline(always)]
    fn input_gradient(self, output: &mut [f32], input: &[f32], weight: &[f32], gradient: &[f32]) {
        let (mean, scale) = self.statistics(input);
        for ((output, gradient), weight) in output.iter_mut().zip(gradient).zip(weight) {
            *output = gradient * weight;
        }
        let share = 1.0 / output.len() as f32;
        let average = share * sum_of(output.len(), |index| output[index]);
        let projection =
            share * scale * sum_of(output.len(), |index| output[index] * (input[index] - mean));
        for (output, input) in output.iter_mut().zip(input) {
            let normalised = (input - mean) * scale;
            *output = scale * (*output - average - normalised * projection);
        }
    }
}

impl CustomOp3 for Normalise {
    fn name(&self) -> &'static str {
        "layer norm"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let input = contiguous(input, input_layout)?;
        let weight = contiguous(weight, weight_layout)?;
        let bias = contiguous(bias, bias_layout)?;
        let features = weight.len();
        if input_layout.dims().last() != Some(&features) || bias.len() != features || features == 0
        {
            bail!(
                "layer norm of {features} features does not fit an input of shape {:?} and {} biases",
                input_layout.dims(),
                bias.len()
            );
        }
        let mut output = vec![0.0; input.len()];
        output
            .par_chunks_exact_mut(features)
            .zip(input.par_chunks_exact(features))
            .for_each(|(output, input)| {
                vectorised(
                    #[inline(always)]
                    || {
                        let (mean, scale) = self.statistics(input);
                        let parameters = weight.iter().zip(bias);
                        for ((output, input), (weight, bias)) in
                            output.iter_mut().zip(input).zip(parameters)
                        {
                            *output = (input - mean) * scale * weight + bias;
                        }
                    },
                );
            });
        Ok((CpuStorage::F32(output), input_layout.shape().clone()))
    }

    fn bwd(
        &self,
        input: &Tensor,
        weight: &Tensor,
        _bias: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let for_input = input.apply_op3_no_bwd(weight, &gradient, &InputGradient(*self))?;
        // One op gives both: `[2, features]`, weight first.
        let for_parameters = input.apply_op2_no_bwd(&gradient, &ParameterGradients(*self))?;
        Ok((
            Some(for_input),
            Some(for_parameters.get(0)?),
            Some(for_parameters.get(1)?),
        ))
    }
}

/// The input's gradient from the input, the weight and the output's gradient.
struct InputGradient(Normalise);

impl CustomOp3 for InputGradient {
    fn name(&self) -> &'static str {
        "input gradient of layer norm"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let input = contiguous(input, input_layout)?;
        let weight = contiguous(weight, weight_layout)?;
        let gradient = contiguous(gradient, gradient_layout)?;
        let features = weight.len();
        let mut output = vec![0.0; input.len()];
        output
            .par_chunks_exact_mut(features)
            .zip(input.par_chunks_exact(features))
            .zip(gradient.par_chunks_exact(features))
            .for_each(|((output, input), gradient)| {
                vectorised(
                    #[inline(always)]
                    || self.0.input_gradient(output, input, weight, gradient),
                );
            });
        Ok((CpuStorage::F32(output), input_layout.shape().clone()))
    }
}

/// The gradients of weight and bias, `[2, features]`, from the input and the
/// output's gradient.
struct ParameterGradients(Normalise);

impl CustomOp2 for ParameterGradients {
    fn name(&self) -> &'static str {
        "parameter gradients of layer norm"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let features = input_layout.dims().last().copied().unwrap_or(1);
        let input = contiguous(input, input_layout)?;
        let gradient = contiguous(gradient, gradient_layout)?;
        let mut sums = vec![0f64; 2 * features];
        let (weights, biases) = sums.split_at_mut(features);
        let rows = input.chunks_exact(features);
        for (input, gradient) in rows.zip(gradient.chunks_exact(features)) {
            let (mean, scale) = self.0.statistics(input);
            for (index, gradient) in gradient.iter().enumerate() {
                weights[index] += f64::from(gradient * (input[index] - mean) * scale);
                biases[index] += f64::from(*gradient);
            }
        }
        let sums = sums.into_iter().map(|sum| sum as f32).collect();
        Ok((CpuStorage::F32(sums), Shape::from((2, features))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};
    use crate::{Device, ParameterStore};

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
