use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Shape, bail};
use rayon::prelude::*;

use crate::product::{Matrix, blocks, matrix, matrix_mut, product};
use crate::sums::column_sums;
use crate::tape::apply3;
use crate::values::contiguous;
use crate::{Context, Error, Initialisation, Module, Result, Role, Scope, Tensor, Var};

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
    let rows = input.elem_count() / inputs.max(1);
    let input = input.contiguous()?;
    let (weight, bias) = (weight.contiguous()?, bias.contiguous()?);
    if input.rank() == 2 {
        return apply3(&input, &weight, &bias, FullyConnected);
    }
    let output = apply3(
        &input.reshape((rows, inputs))?,
        &weight,
        &bias,
        FullyConnected,
    )?;
    Ok(output.reshape(shape)?)
}

/// `input · weightᵀ + bias` of `[rows, inputs]`, `[outputs, inputs]`, `[outputs]`.
struct FullyConnected;

impl CustomOp3 for FullyConnected {
    fn name(&self) -> &'static str {
        "linear"
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
        let (rows, inputs) = input_layout.shape().dims2()?;
        let outputs = weight_layout.dims()[0];
        let bias = contiguous(bias, bias_layout)?;
        if bias.len() != outputs {
            bail!(
                "a linear layer of {outputs} outputs cannot have {} biases",
                bias.len()
            );
        }
        let mut output = vec![0.0; rows * outputs];
        multiply(
            &mut output,
            matrix(contiguous(input, input_layout)?, rows, inputs),
            matrix(contiguous(weight, weight_layout)?, outputs, inputs).transpose(),
        );
        for row in output.chunks_exact_mut(outputs) {
            for (value, bias) in row.iter_mut().zip(bias) {
                *value += bias;
            }
        }
        Ok((CpuStorage::F32(output), Shape::from((rows, outputs))))
    }

    fn bwd(
        &self,
        input: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        // The features of a frozen backbone need no gradient: a third of the work.
        let gradient = gradient.contiguous()?;
        let for_input = input
            .track_op()
            .then(|| gradient.apply_op2_no_bwd(weight, &Product { transposed: false }));
        let for_weight = weight
            .track_op()
            .then(|| gradient.apply_op2_no_bwd(input, &Product { transposed: true }));
        let for_bias = bias
            .track_op()
            .then(|| gradient.apply_op1_no_bwd(&ColumnSums));
        Ok((
            for_input.transpose()?,
            for_weight.transpose()?,
            for_bias.transpose()?,
        ))
    }
}

/// `left · right`, or `leftᵀ · right`, without a backward pass of its own.
struct Product {
    transposed: bool,
}

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "matrix product"
    }

    fn cpu_fwd(
        &self,
        left: &CpuStorage,
        left_layout: &Layout,
        right: &CpuStorage,
        right_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (left_rows, left_columns) = left_layout.shape().dims2()?;
        let (right_rows, columns) = right_layout.shape().dims2()?;
        let mut left = matrix(contiguous(left, left_layout)?, left_rows, left_columns);
        if self.transposed {
            left = left.transpose();
        }
        let rows = left.nrows();
        let mut output = vec![0.0; rows * columns];
        let right = matrix(contiguous(right, right_layout)?, right_rows, columns);
        multiply(&mut output, left, right);
        Ok((CpuStorage::F32(output), Shape::from((rows, columns))))
    }
}

/// The sums over all rows.
struct ColumnSums;

impl CustomOp1 for ColumnSums {
    fn name(&self) -> &'static str {
        "column sums"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (_, columns) = layout.shape().dims2()?;
        let sums = column_sums(contiguous(storage, layout)?, columns);
        Ok((CpuStorage::F32(sums), Shape::from(columns)))
    }
}

/// Multiplications below which a product stays on one thread: sharing them out
/// takes longer, and blocks as small as these add up in another order than the
/// whole.
const SHARED: usize = 1 << 20;

/// `output = left · right` on all threads, each with a block of the output.
///
/// The longer side of the output is cut, so that all threads share the smaller
/// factor, and the cut depends on nothing but the shape and the thread count:
/// the same machine gives the same values.
fn multiply(output: &mut [f32], left: Matrix<'_>, right: Matrix<'_>) {
    let (rows, columns) = (left.nrows(), right.ncols());
    let threads = match rows * columns * left.ncols() {
        ..SHARED => 1,
        _ => rayon::current_num_threads(),
    };
    let (height, width) = if rows >= columns {
        (rows.div_ceil(threads), columns)
    } else {
        (rows, columns.div_ceil(threads))
    };
    blocks(
        matrix_mut(output, rows, columns),
        height.max(1),
        width.max(1),
    )
    .into_par_iter()
    .for_each(|(row, column, block)| {
        let (height, width) = (block.nrows(), block.ncols());
        let left = left.subrows(row, height);
        product(block, left, right.subcols(column, width));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};
    use crate::{Device, ParameterStore};

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
