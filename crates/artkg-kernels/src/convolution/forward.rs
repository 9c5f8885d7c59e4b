use std::sync::OnceLock;

use half::bf16;

use super::product::{Finish, Placement, windowed_product};
use super::then::Then;
use super::winograd::{self, FilterUse, TransformedFilters};
use crate::kernel::{Element, Kernel, Panels, kernel, kernel_bf16, winograd_kernel};
use crate::window::{Geometry, WindowShape};

/// The filters and the bias of a convolution in the order in which a kernel
/// reads them.
#[derive(Clone, Debug)]
pub struct Filters<E> {
    pub(super) panels: Panels<E>,
    /// Padded with zeros to whole panels.
    pub(super) bias: Option<Vec<f32>>,
    sizes: (usize, usize),
    /// Made when they are first of use.
    transformed: OnceLock<TransformedFilters>,
}

/// Packs the matrix `filters` of `sizes` for `kernel`.
pub(super) fn pack<E: Element>(
    kernel: &Kernel<E>,
    filters: &[f32],
    bias: Option<&[f32]>,
    sizes: (usize, usize),
    shape: WindowShape,
) -> Filters<E> {
    let runs = vec![sizes.0 / shape.kernel.0; shape.kernel.0];
    Filters {
        panels: Panels::pack(kernel, filters, sizes.1, &runs),
        bias: bias.map(|bias| {
            let mut padded = bias.to_vec();
            padded.resize(bias.len().next_multiple_of(kernel.columns), 0.0);
            padded
        }),
        sizes,
        transformed: OnceLock::new(),
    }
}

impl<E> Filters<E> {
    /// Rows and columns of the matrix.
    pub fn sizes(&self) -> (usize, usize) {
        self.sizes
    }
}

impl Filters<f32> {
    /// Packs the matrix `filters` of `sizes`, `[kernel_height * kernel_width *
    /// channels_in, channels_out]`, and `bias`, `[channels_out]`.
    pub fn new(
        filters: &[f32],
        bias: Option<&[f32]>,
        sizes: (usize, usize),
        shape: WindowShape,
    ) -> Self {
        pack(kernel(), filters, bias, sizes, shape)
    }

    /// The convolution of `input`, by whichever way is faster.
    pub fn convolve(
        &self,
        geometry: &Geometry,
        input: &[f32],
        finish: Finish<'_, f32>,
        use_of: FilterUse,
    ) -> Vec<f32> {
        assert_eq!(self.sizes, geometry.filter_sizes());
        if !winograd::pays(geometry, use_of) {
            return forward(kernel(), geometry, input, self, finish);
        }
        let inputs = geometry.input.channels;
        let transformed = self
            .transformed
            .get_or_init(|| TransformedFilters::new(&self.panels, inputs));
        winograd::forward(
            (kernel(), winograd_kernel()),
            geometry,
            input,
            transformed,
            self.bias.as_deref(),
            finish,
        )
    }
}

impl Filters<bf16> {
    /// As for `f32`; `None` where the processor has no products of `bf16`.
    pub fn new(
        filters: &[f32],
        bias: Option<&[f32]>,
        sizes: (usize, usize),
        shape: WindowShape,
    ) -> Option<Self> {
        let kernel = kernel_bf16()?;
        Some(pack(kernel, filters, bias, sizes, shape))
    }

    /// The convolution of `input`.
    pub fn convolve(
        &self,
        geometry: &Geometry,
        input: &[bf16],
        finish: Finish<'_, bf16>,
    ) -> Vec<bf16> {
        let Some(kernel) = kernel_bf16() else {
            unreachable!("filters in bf16 are made where there is a kernel for them")
        };
        forward(kernel, geometry, input, self, finish)
    }
}

/// The convolution of `input` with packed filters.
pub(super) fn forward<E: Element>(
    kernel: &Kernel<E>,
    geometry: &Geometry,
    input: &[E],
    filters: &Filters<E>,
    finish: Finish<'_, E>,
) -> Vec<E> {
    let output = geometry.output;
    assert_eq!(filters.sizes, geometry.filter_sizes());
    assert_eq!(geometry.input.batch, output.batch);
    let placement = Placement {
        first: 0,
        image: output.height * output.width * output.channels,
        row: output.width * output.channels,
        column: output.channels,
    };
    if let Some(residual) = finish.residual {
        assert_eq!(residual.len(), output.len());
    }
    let window = geometry.window(kernel.depth);
    let mut values = Vec::with_capacity(output.len());
    // SAFETY: the places are the pixels of the output, each with all of its
    // channels: every value is written once.
    unsafe {
        let target = values.as_mut_ptr();
        let bias = filters.bias.as_deref();
        windowed_product(
            kernel,
            &window,
            input,
            &filters.panels,
            placement,
            (bias, finish, Then::Nothing),
            target,
        );
        values.set_len(output.len());
    }
    values
}
