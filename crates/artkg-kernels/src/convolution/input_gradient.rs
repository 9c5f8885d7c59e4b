use super::product::{Finish, Placement, windowed_product};
use super::then::Then;
use super::window::Window;
use super::winograd::{self, FilterUse, TransformedFilters};
use crate::kernel::{Kernel, Panels, winograd_kernel};
use crate::window::{Geometry, WindowShape};

/// The gradient of the input of a convolution.
///
/// Input pixels whose row and column leave the same remainder by the stride
/// ("phase") read the same positions of the kernel, so each phase is a
/// convolution of the gradient by itself and nothing is scattered.
pub(super) fn input_gradient(
    kernel: &Kernel<f32>,
    geometry: &Geometry,
    filters: &[f32],
    gradient: &[f32],
) -> Vec<f32> {
    let (stride, input) = (geometry.shape.stride, geometry.input);
    let sizes = (input.channels, geometry.output.channels);
    if let Some(turned) = turned(geometry)
        && winograd::pays(&turned, FilterUse::Once)
    {
        let positions: Vec<usize> = (0..geometry.shape.area()).rev().collect();
        let panels = Panels::pack_transposed(kernel, filters, sizes, &positions);
        return winograd::forward(
            (kernel, winograd_kernel()),
            &turned,
            gradient,
            &TransformedFilters::new(&panels, sizes.1),
            None,
            Finish::NOTHING,
        );
    }
    let phases = (0..stride.0).flat_map(|row| (0..stride.1).map(move |column| (row, column)));
    let phases: Vec<Phase> = phases.map(|phase| Phase::new(geometry, phase)).collect();
    // Pixels of phases that no position of the kernel reads stay zero.
    let mut values = if phases.iter().all(Phase::is_written) {
        Vec::with_capacity(input.len())
    } else {
        vec![0.0; input.len()]
    };
    for phase in phases.iter().filter(|phase| phase.is_written()) {
        let window = Window::new(
            geometry.output,
            phase.size,
            (1, 1),
            &phase.taps,
            kernel.depth,
        );
        let panels = Panels::pack_transposed(kernel, filters, sizes, &phase.positions);
        let row = input.width * input.channels;
        let placement = Placement {
            first: phase.first.0 * row + phase.first.1 * input.channels,
            image: input.height * row,
            row: stride.0 * row,
            column: stride.1 * input.channels,
        };
        // SAFETY: the places are the phase's pixels of the input, each with all
        // of its channels.
        unsafe {
            windowed_product(
                kernel,
                &window,
                gradient,
                &panels,
                placement,
                (None, Finish::NOTHING, Then::Nothing),
                values.as_mut_ptr(),
            );
        }
    }
    // SAFETY: either all values were there, or the phases have written them all.
    unsafe { values.set_len(input.len()) };
    values
}

/// With stride 1, the convolution of the output's gradient by turned filters that
/// gives the input's.
fn turned(geometry: &Geometry) -> Option<Geometry> {
    let shape = geometry.shape;
    let padding = |kernel: usize, padding: usize| (kernel - 1).checked_sub(padding);
    (shape.stride == (1, 1)).then_some(())?;
    Some(Geometry {
        input: geometry.output,
        output: geometry.input,
        shape: WindowShape {
            padding: (
                padding(shape.kernel.0, shape.padding.0)?,
                padding(shape.kernel.1, shape.padding.1)?,
            ),
            ..shape
        },
    })
}

/// The input pixels whose row and column leave the same remainder by the stride.
struct Phase {
    /// The remainders: the first pixel.
    first: (usize, usize),
    /// The number of its rows and columns.
    size: (usize, usize),
    /// The positions in the kernel that read its pixels, last to first, so that
    /// what they read of the gradient is in reading order.
    positions: Vec<usize>,
    /// Where each position's gradient lies, from the pixel's own place.
    taps: Vec<(isize, isize)>,
}

impl Phase {
    fn new(geometry: &Geometry, first: (usize, usize)) -> Self {
        let (shape, input) = (geometry.shape, geometry.input);
        let rows = positions(shape.kernel.0, shape.stride.0, shape.padding.0, first.0);
        let columns = positions(shape.kernel.1, shape.stride.1, shape.padding.1, first.1);
        let mut phase = Self {
            first,
            size: (
                input
                    .height
                    .saturating_sub(first.0)
                    .div_ceil(shape.stride.0),
                input.width.saturating_sub(first.1).div_ceil(shape.stride.1),
            ),
            positions: Vec::with_capacity(rows.len() * columns.len()),
            taps: Vec::with_capacity(rows.len() * columns.len()),
        };
        for &(row, tap_row) in &rows {
            for &(column, tap_column) in &columns {
                phase.positions.push(row * shape.kernel.1 + column);
                phase.taps.push((tap_row, tap_column));
            }
        }
        phase
    }

    /// Whether any position of the kernel reads its pixels.
    fn is_written(&self) -> bool {
        !self.positions.is_empty()
    }
}

/// The kernel positions along one axis that read input pixels of a phase, last
/// to first, and the offset of the gradient pixel each belongs to.
fn positions(kernel: usize, stride: usize, padding: usize, phase: usize) -> Vec<(usize, isize)> {
    // Output o reads input o · stride + position − padding; input pixels are
    // i = t · stride + phase, so o = t + (phase + padding − position) / stride.
    (0..kernel)
        .rev()
        .filter_map(|position| {
            let distance = (phase + padding) as isize - position as isize;
            let stride = stride as isize;
            (distance.rem_euclid(stride) == 0).then(|| (position, distance.div_euclid(stride)))
        })
        .collect()
}
