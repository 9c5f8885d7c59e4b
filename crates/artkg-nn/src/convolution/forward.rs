use std::sync::OnceLock;

use super::geometry::Geometry;
use super::product::{Finish, Placement, windowed_product};
use super::shape::ConvolutionShape;
use super::winograd::{self, FilterUse, TransformedFilters};
use crate::kernel::{Element, Kernel, Panels, kernel, winograd_kernel};

/// The filters and the bias of a convolution in the order in which a kernel
/// reads them.
#[derive(Clone, Debug)]
pub(super) struct Filters<E> {
    pub(super) panels: Panels<E>,
    /// Padded with zeros to whole panels.
    pub(super) bias: Option<Vec<f32>>,
    sizes: (usize, usize),
    /// Made when they are first of use.
    transformed: OnceLock<TransformedFilters>,
}

impl<E: Element> Filters<E> {
    /// Packs the matrix `filters` of `sizes`, `[kernel_height * kernel_width *
    /// channels_in, channels_out]`.
    pub(super) fn pack(
        kernel: &Kernel<E>,
        filters: &[f32],
        bias: Option<&[f32]>,
        sizes: (usize, usize),
        shape: ConvolutionShape,
    ) -> Self {
        let runs = vec![sizes.0 / shape.kernel.0; shape.kernel.0];
        Self {
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

    /// Rows and columns of the matrix.
    pub(super) fn sizes(&self) -> (usize, usize) {
        self.sizes
    }
}

impl Filters<f32> {
    /// The convolution of `input`, by whichever way is faster.
    pub(super) fn convolve(
        &self,
        geometry: &Geometry,
        input: &[f32],
        finish: Finish<'_, f32>,
        use_of: FilterUse,
    ) -> Vec<f32> {
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

/// The convolution of `input` with packed filters.
pub(super) fn forward<E: Element>(
    kernel: &Kernel<E>,
    geometry: &Geometry,
    input: &[E],
    filters: &Filters<E>,
    finish: Finish<'_, E>,
) -> Vec<E> {
    let output = geometry.output;
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
            (bias, finish),
            target,
        );
        values.set_len(output.len());
    }
    values
}
