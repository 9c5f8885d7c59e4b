//! Fully connected layers over rows of values: convolutions of a column of pixels with
//! 1×1 filters, which lie as `[outputs, inputs]`.

#[cfg(test)]
mod tests;

use half::bf16;

pub use crate::convolution::{Finish, Then};

use crate::convolution::{Placement, summed_filter_gradient, windowed_product};
use crate::images::Images;
use crate::kernel::{
    Element, Kernel, OuterKernel, Panels, kernel, kernel_bf16, kernel_bf16_wide, outer_kernel,
};
use crate::window::{Geometry, WindowShape};

/// The sizes of a layer applied to rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// The number of rows.
    pub rows: usize,
    /// Values of a row.
    pub inputs: usize,
    /// Values of a row of the result.
    pub outputs: usize,
}

impl Linear {
    /// `input · weightᵀ + bias` of `[rows, inputs]`, `[outputs, inputs]`, `[outputs]`.
    ///
    /// # Panics
    /// Here and below, when slices have other sizes.
    pub fn forward(&self, input: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f32> {
        self.forward_with(kernel(), input, weight, bias)
    }

    /// The gradient of the input.
    pub fn input_gradient(&self, weight: &[f32], gradient: &[f32]) -> Vec<f32> {
        self.input_gradient_with(kernel(), weight, gradient)
    }

    /// The gradient of the weight.
    pub fn weight_gradient(&self, input: &[f32], gradient: &[f32]) -> Vec<f32> {
        self.weight_gradient_with(outer_kernel(), input, gradient)
    }

    fn forward_with(
        &self,
        kernel: &Kernel<f32>,
        input: &[f32],
        weight: &[f32],
        bias: &[f32],
    ) -> Vec<f32> {
        let weights = Weights::turned(kernel, weight, bias, (self.outputs, self.inputs));
        multiply(&weights, kernel, input, Finish::NOTHING, Then::Nothing)
    }

    fn input_gradient_with(
        &self,
        kernel: &Kernel<f32>,
        weight: &[f32],
        gradient: &[f32],
    ) -> Vec<f32> {
        assert_eq!(weight.len(), self.outputs * self.inputs);
        let weights = Weights {
            panels: Panels::pack(kernel, weight, self.inputs, &[self.outputs]),
            bias: None,
            sizes: (self.inputs, self.outputs),
        };
        multiply(&weights, kernel, gradient, Finish::NOTHING, Then::Nothing)
    }

    fn weight_gradient_with(
        &self,
        kernel: &OuterKernel,
        input: &[f32],
        gradient: &[f32],
    ) -> Vec<f32> {
        // That of the filters of a convolution from outputs to inputs.
        let geometry = geometry(self.rows, (self.inputs, self.outputs));
        assert_eq!(input.len(), self.rows * self.inputs);
        summed_filter_gradient(kernel, &geometry, gradient, input)
    }
}

/// Weight and bias of a layer in the order in which a kernel reads them.
#[derive(Clone, Debug)]
pub struct Weights<E> {
    panels: Panels<E>,
    /// Padded with zeros to whole panels.
    bias: Option<Vec<f32>>,
    /// Outputs and inputs.
    sizes: (usize, usize),
}

impl Weights<f32> {
    /// Packs `weight`, `[outputs, inputs]`, and `bias`, `[outputs]`.
    pub fn new(weight: &[f32], bias: &[f32], sizes: (usize, usize)) -> Self {
        Self::turned(kernel(), weight, bias, sizes)
    }

    fn turned(kernel: &Kernel<f32>, weight: &[f32], bias: &[f32], sizes: (usize, usize)) -> Self {
        assert_eq!(weight.len(), sizes.0 * sizes.1);
        Self {
            panels: Panels::pack_transposed(kernel, weight, sizes, &[0]),
            bias: Some(padded(kernel, bias, sizes)),
            sizes,
        }
    }

    /// The layer's results for rows of `input`, finished.
    ///
    /// # Panics
    /// When values are not whole rows, or those of `finish` and `then` not as many.
    pub fn apply(&self, input: &[f32], finish: Finish<'_, f32>, then: Then<'_, f32>) -> Vec<f32> {
        multiply(self, kernel(), input, finish, then)
    }
}

impl Weights<bf16> {
    /// As for `f32`; `None` where the processor has no products of `bf16`.
    pub fn new(weight: &[f32], bias: &[f32], sizes: (usize, usize)) -> Option<Self> {
        Some(Self::shortened(kernel_bf16()?, weight, bias, sizes))
    }

    fn shortened(
        kernel: &Kernel<bf16>,
        weight: &[f32],
        bias: &[f32],
        sizes: (usize, usize),
    ) -> Self {
        let (outputs, inputs) = sizes;
        assert_eq!(weight.len(), outputs * inputs);
        let columns = (0..inputs).flat_map(|input| weight.iter().skip(input).step_by(inputs));
        let turned: Vec<f32> = columns.copied().collect();
        Self {
            panels: Panels::pack(kernel, &turned, outputs, &[inputs]),
            bias: Some(padded(kernel, bias, sizes)),
            sizes,
        }
    }

    /// As for `f32`.
    ///
    /// # Panics
    /// As for `f32`.
    pub fn apply(
        &self,
        input: &[bf16],
        finish: Finish<'_, bf16>,
        then: Then<'_, bf16>,
    ) -> Vec<bf16> {
        multiply(self, present(kernel_bf16()), input, finish, then)
    }

    /// As [`Weights::apply`], with results that are not rounded to `bf16`.
    ///
    /// # Panics
    /// As for `f32`.
    pub fn apply_wide(
        &self,
        input: &[bf16],
        finish: Finish<'_, f32>,
        then: Then<'_, f32>,
    ) -> Vec<f32> {
        multiply(self, present(kernel_bf16_wide()), input, finish, then)
    }
}

/// A kernel that the processor has.
fn present<R>(kernel: Option<&'static Kernel<bf16, R>>) -> &'static Kernel<bf16, R> {
    let Some(kernel) = kernel else {
        unreachable!("weights in bf16 are made where there are kernels for them")
    };
    kernel
}

impl<E> Weights<E> {
    /// Outputs and inputs.
    pub fn sizes(&self) -> (usize, usize) {
        self.sizes
    }
}

/// The results of a layer for rows of `input`, finished.
fn multiply<E: Element, R: Element>(
    weights: &Weights<E>,
    kernel: &Kernel<E, R>,
    input: &[E],
    finish: Finish<'_, R>,
    then: Then<'_, R>,
) -> Vec<R> {
    let (outputs, inputs) = weights.sizes;
    let rows = input.len() / inputs.max(1);
    let length = rows * outputs;
    let fits = |residual: Option<&[R]>| residual.is_none_or(|values| values.len() == length);
    assert!(input.len() == rows * inputs && fits(finish.residual));
    if let Then::AddScaled { residual, scale } = then {
        assert!(fits(Some(residual)) && scale.len() == outputs);
    }
    let window = geometry(rows, weights.sizes).window(kernel.depth);
    let placement = Placement {
        first: 0,
        image: length,
        row: outputs,
        column: outputs,
    };
    let mut values = Vec::with_capacity(length);
    // SAFETY: each row is a pixel with all of its outputs: every value is written
    // once.
    unsafe {
        windowed_product(
            kernel,
            &window,
            input,
            &weights.panels,
            placement,
            (weights.bias.as_deref(), finish, then),
            values.as_mut_ptr(),
        );
        values.set_len(length);
    }
    values
}

/// Each row as a pixel, with a 1×1 kernel of `(outputs, inputs)`.
fn geometry(rows: usize, (outputs, inputs): (usize, usize)) -> Geometry {
    let column = |channels| Images {
        batch: 1,
        height: rows,
        width: 1,
        channels,
    };
    Geometry {
        input: column(inputs),
        output: column(outputs),
        shape: WindowShape {
            kernel: (1, 1),
            stride: (1, 1),
            padding: (0, 0),
        },
    }
}

/// The bias with zeros up to whole panels.
fn padded<E, R>(kernel: &Kernel<E, R>, bias: &[f32], (outputs, _): (usize, usize)) -> Vec<f32> {
    assert_eq!(bias.len(), outputs);
    let mut padded = bias.to_vec();
    padded.resize(outputs.next_multiple_of(kernel.columns), 0.0);
    padded
}
