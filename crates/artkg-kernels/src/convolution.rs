//! The three passes of a convolution, each by the fastest way that the processor
//! and the sizes allow.

mod filter_gradient;
mod forward;
mod geometry;
mod input_gradient;
mod product;
mod slivers;
#[cfg(test)]
mod tests;
mod then;
mod window;
mod winograd;

pub(crate) use filter_gradient::filter_gradient as summed_filter_gradient;
pub use forward::Filters;
pub use product::Finish;
pub(crate) use product::{Placement, windowed_product};
pub use then::Then;
pub use winograd::FilterUse;

use crate::kernel::{kernel, outer_kernel, winograd_kernel};
use crate::window::Geometry;

/// The convolution of `input` with `filters`, `[kernel_height * kernel_width *
/// channels_in, channels_out]`, plus `bias`; results below zero become zero when
/// `relu` is set.
pub fn forward(
    geometry: &Geometry,
    input: &[f32],
    filters: &[f32],
    bias: Option<&[f32]>,
    relu: bool,
) -> Vec<f32> {
    let filters = Filters::<f32>::new(filters, bias, geometry.filter_sizes(), geometry.shape);
    let finish = Finish {
        relu,
        ..Finish::NOTHING
    };
    filters.convolve(geometry, input, finish, FilterUse::Once)
}

/// The gradient of the input.
pub fn input_gradient(geometry: &Geometry, filters: &[f32], gradient: &[f32]) -> Vec<f32> {
    assert_eq!(geometry.input.batch, geometry.output.batch);
    input_gradient::input_gradient(kernel(), geometry, filters, gradient)
}

/// The gradient of the filters.
pub fn filter_gradient(geometry: &Geometry, input: &[f32], gradient: &[f32]) -> Vec<f32> {
    assert_eq!(geometry.input.batch, geometry.output.batch);
    if winograd::pays_for_filters(geometry) {
        let kernels = (outer_kernel(), winograd_kernel());
        winograd::filter_gradient(kernels, geometry, input, gradient)
    } else {
        filter_gradient::filter_gradient(outer_kernel(), geometry, input, gradient)
    }
}
