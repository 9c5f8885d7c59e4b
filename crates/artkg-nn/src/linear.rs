use candle_core::{Shape, Tensor, Var, bail};

use artkg_kernels::column_sums;
use artkg_kernels::linear as kernels;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::initialisation::Initialisation;
use crate::module::Module;
use crate::operation::{Backward, Operation, apply};
use crate::parameters::{Role, Scope};

/// A fully connected layer: `input · weightᵀ + bias`.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Var,
    bias: Var,
}

impl Linear {
    /// Creates the parameters `weight` `[outputs, inputs]` and `bias`
    /// `[outputs]`, both uniform in `±1 / sqrt(inputs)` as in PyTorch.
    ///
    /// # Errors
    /// When `inputs` or `outputs` is 0, or the names are taken.
    pub fn new(scope: &Scope, inputs: usize, outputs: usize) -> Result<Self> {
        Self::with_role(scope, inputs, outputs, Role::Weight)
    }

    /// A layer over whole images of `[height, width, channels]`, flattened in
    /// that order. In files the columns of `weight` are in PyTorch's order,
    /// channels first.
    ///
    /// # Errors
    /// As [`Linear::new`].
    pub fn over_images(scope: &Scope, image: [usize; 3], outputs: usize) -> Result<Self> {
        let [height, width, channels] = image;
        let pixels = height * width;
        let role = Role::ImageWeight { pixels };
        Self::with_role(scope, pixels * channels, outputs, role)
    }

    fn with_role(scope: &Scope, inputs: usize, outputs: usize, role: Role) -> Result<Self> {
        if inputs == 0 || outputs == 0 {
            return Err(Error::Argument(format!(
                "a linear layer needs inputs and outputs, got {inputs} inputs and {outputs} outputs"
            )));
        }
        let initialisation = Initialisation::Uniform {
            bound: 1.0 / (inputs as f32).sqrt(),
        };
        Ok(Self {
            weight: scope.parameter("weight", &[outputs, inputs], initialisation, role)?,
            bias: scope.parameter("bias", &[outputs], initialisation, Role::Bias)?,
        })
    }

    /// The number of input features.
    pub fn inputs(&self) -> usize {
        self.weight.dims()[1]
    }

    /// The number of output features.
    pub fn outputs(&self) -> usize {
        self.weight.dims()[0]
    }

    /// The weight, `[outputs, inputs]`.
    pub fn weight(&self) -> &Var {
        &self.weight
    }

    /// The bias, `[outputs]`.
    pub fn bias(&self) -> &Var {
        &self.bias
    }
}

impl Module for Linear {
    fn forward(&self, input: &Tensor, _context: &Context) -> Result<Tensor> {
        linear(input, &self.weight, &self.bias)
    }
}

/// `input · weightᵀ + bias` over the last dimension of `input`.
///
/// `input` is `[..., inputs]`, `weight` `[outputs, inputs]`, `bias` `[outputs]`;
/// the result is `[..., outputs]`. Differentiable in all three.
///
/// # Errors
/// When the shapes do not fit or a tensor is not `f32`.
pub fn linear(input: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let (outputs, inputs) = weight.dims2()?;
    let mut shape = input.dims().to_vec();
    match shape.last_mut() {
        Some(last) if *last == inputs => *last = outputs,
        _ => {
            return Err(Error::Argument(format!(
                "a linear layer of {inputs} inputs cannot take an input of shape {:?}",
                input.dims()
            )));
        }
    }
    let sizes = kernels::Linear {
        rows: input.elem_count() / inputs.max(1),
        inputs,
        outputs,
    };
    let shape = Shape::from(shape);
    apply(&[input, weight, bias], FullyConnected { shape, sizes })
}

/// `input · weightᵀ + bias` of `[rows, inputs]`, `[outputs, inputs]`, `[outputs]`.
struct FullyConnected {
    /// That of the result, with as many rows.
    shape: Shape,
    sizes: kernels::Linear,
}

impl Operation for FullyConnected {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        let biases = operands[2].elem_count();
        if biases != self.sizes.outputs {
            bail!(
                "a linear layer of {} outputs cannot have {biases} biases",
                self.sizes.outputs
            );
        }
        Ok(self.shape.clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(self.sizes.forward(operands[0], operands[1], operands[2]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        // The features of a frozen backbone need no gradient: a third of the work.
        let (input, weight, gradient) = (pass.operands[0], pass.operands[1], pass.gradient);
        Ok(vec![
            pass.when_wanted(0, || self.sizes.input_gradient(weight, gradient)),
            pass.when_wanted(1, || self.sizes.weight_gradient(input, gradient)),
            pass.when_wanted(2, || column_sums(gradient, self.sizes.outputs)),
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
    fn values_follow_the_definition() {
        let device = &Device::Cpu;
        let input = Tensor::new(&[[1f32, 2.0, 3.0], [0.0, -1.0, 1.0]], device).unwrap();
        let weight = Tensor::new(&[[1f32, 0.0, 0.0], [1.0, 1.0, 1.0]], device).unwrap();
        let bias = Tensor::new(&[10f32, 20.0], device).unwrap();
        let output = linear(&input, &weight, &bias).unwrap();
        assert_eq!(
            output.to_vec2::<f32>().unwrap(),
            [[11.0, 26.0], [10.0, 20.0]]
        );
    }

    #[test]
    fn gradients_match_differences() {
        // Taller and wider than the thread count, and neither a multiple of it.
        for (rows, inputs, outputs) in [(7, 5, 3), (3, 5, 7), (1, 1, 1)] {
            let arguments = [
                random_tensor(&[rows, inputs], 1.0, 1),
                random_tensor(&[outputs, inputs], 1.0, 2),
                random_tensor(&[outputs], 1.0, 3),
            ];
            assert_gradients(&arguments, 1e-3, |a| linear(&a[0], &a[1], &a[2]));
        }
    }

    #[test]
    fn any_rank_and_any_stride() {
        let input = random_tensor(&[2, 4, 3], 1.0, 1);
        let weight = random_tensor(&[5, 4], 1.0, 2);
        let bias = random_tensor(&[5], 1.0, 3);
        let output = linear(&input.transpose(1, 2).unwrap(), &weight, &bias).unwrap();
        assert_eq!(output.dims(), [2, 3, 5]);
        assert_gradients(&[input, weight, bias], 1e-3, |a| {
            linear(&a[0].transpose(1, 2)?, &a[1], &a[2])
        });
    }

    #[test]
    fn an_unfitting_input_is_named() {
        let store = ParameterStore::new(0, &Device::Cpu);
        let layer = Linear::new(&store.root(), 4, 2).unwrap();
        let input = random_tensor(&[2, 3], 1.0, 1);
        let error = layer.forward(&input, &Context::evaluation()).unwrap_err();
        assert!(error.to_string().contains("4 inputs"), "{error}");
        assert!(error.to_string().contains("[2, 3]"), "{error}");
        assert!(Linear::new(&store.root().sub("empty"), 0, 2).is_err());
    }

    #[test]
    fn the_initial_bound_is_that_of_pytorch() {
        let store = ParameterStore::new(0, &Device::Cpu);
        let layer = Linear::new(&store.root(), 100, 50).unwrap();
        let weight = layer
            .weight()
            .flatten_all()
            .unwrap()
            .to_vec1::<f32>()
            .unwrap();
        assert!(weight.iter().all(|value| value.abs() <= 0.1));
        assert!(weight.iter().any(|value| value.abs() > 0.099));
    }
}
