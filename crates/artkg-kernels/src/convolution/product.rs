//! A window's matrix times a packed one: the core of two of the three passes.

use rayon::prelude::*;

use super::then::{Then, apply};
use super::window::Window;
use crate::kernel::{Element, Epilogue, Kernel, Panels, Tile, for_each_tile, with_scratch};
use crate::shared::Shared;

/// Bytes of the source that a strip reads: a part of the level 2 cache that
/// leaves room for a panel.
const STRIP_BYTES: usize = 256 * 1024;
/// Fewest and most grid pixels of a strip: a panel is read from memory once for
/// each strip, so strips are not small.
const STRIP_PIXELS: (usize, usize) = (98, 1568);
/// Bytes of panels that a tile of rows meets while it is in the level 1 cache:
/// the next tile finds them in the level 2 cache, and results are written in long
/// pieces.
const BLOCK_BYTES: usize = 512 * 1024;
/// Tasks that work is cut into at least, where it is large enough.
const TASKS: usize = 8;
/// Panels from which on copying what they are multiplied with can pay.
const SEVERAL_PANELS: usize = 4;

/// Where the results of grid pixels go: offsets of the first one and steps from
/// image to image, row to row and column to column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placement {
    pub(crate) first: usize,
    pub(crate) image: usize,
    pub(crate) row: usize,
    pub(crate) column: usize,
}

impl Placement {
    /// The offset of a grid pixel.
    fn offset(&self, image: usize, row: usize, column: usize) -> usize {
        self.first + image * self.image + row * self.row + column * self.column
    }
}

/// What happens to sums before they are written.
#[derive(Clone, Copy, Debug)]
pub struct Finish<'a, E> {
    /// Values laid out like the output.
    pub residual: Option<&'a [E]>,
    /// Whether results below zero become zero.
    pub relu: bool,
}

impl<E> Finish<'_, E> {
    /// Sums as they are.
    pub const NOTHING: Self = Self {
        residual: None,
        relu: false,
    };

    /// The least result.
    pub(super) fn floor(&self) -> f32 {
        if self.relu { 0.0 } else { f32::NEG_INFINITY }
    }
}

/// The product of the matrix of a window on `source` with `panels` plus a bias
/// for each column (padded to whole panels), written to `output` at the places
/// of `placement`; `then` has the last word.
///
/// # Safety
/// `output` is valid for writes at every place of `placement` and the columns
/// after it, and no two places overlap.
pub(crate) unsafe fn windowed_product<E: Element, R: Element>(
    kernel: &Kernel<E, R>,
    window: &Window,
    source: &[E],
    panels: &Panels<E>,
    placement: Placement,
    (bias, finish, then): (Option<&[f32]>, Finish<'_, R>, Then<'_, R>),
    output: *mut R,
) {
    let rows = window.rows();
    if rows == 0 || window.columns() == 0 || panels.count() == 0 {
        return;
    }
    assert_eq!(panels.rows(), window.steps(kernel.depth) * kernel.depth);
    if let Some(bias) = bias {
        assert!(bias.len() >= panels.count() * kernel.columns);
    }
    let spread = window.spread::<E>();
    let window = spread
        .as_ref()
        .filter(|_| panels.count() >= SEVERAL_PANELS)
        .unwrap_or(window);
    let output = Shared(output);
    let (strip, group) = cut::<E>(window, panels.count());
    let panel_bytes = panels.rows() * kernel.columns * size_of::<E>();
    let block = (BLOCK_BYTES / panel_bytes.max(1)).max(1);
    let groups = panels.count().div_ceil(group);
    (0..rows.div_ceil(strip) * groups)
        .into_par_iter()
        .with_max_len(1)
        .for_each(|task| {
            let first = task / groups * strip;
            let rows = first..(first + strip).min(rows);
            let group = task % groups * group..(task % groups * group + group).min(panels.count());
            with_scratch(window.buffer_length(rows.clone()), |buffer| {
                let reading = window.read(source, rows.clone(), buffer);
                let targets = targets(window, rows, placement);
                for first in group.clone().step_by(block) {
                    let block = first..(first + block).min(group.end);
                    let (left, _) = panels.columns(block.start);
                    let (last, width) = panels.columns(block.end - 1);
                    for_each_tile(targets.len(), kernel.rows, |start, count| {
                        let targets = &targets[start..start + count];
                        for index in block.clone() {
                            let (first, columns) = panels.columns(index);
                            let epilogue = Epilogue {
                                bias: bias.map_or(std::ptr::null(), |bias| bias[first..].as_ptr()),
                                residual: finish.residual.map_or(std::ptr::null(), |residual| {
                                    residual.as_ptr().wrapping_add(first)
                                }),
                                floor: finish.floor(),
                            };
                            let tile = Tile {
                                source: reading.source.as_ptr(),
                                starts: &reading.starts[start..start + count],
                                runs: window.runs(),
                                panel: panels.panel(index).as_ptr(),
                                columns,
                                output: output.pointer().wrapping_add(first),
                                targets,
                                epilogue,
                            };
                            // SAFETY: the reading reaches no further than its
                            // source, panels and bias are whole, and the caller
                            // vouches for the output, like which the residual is
                            // laid out.
                            unsafe { kernel.compute(&tile) };
                        }
                        // SAFETY: these columns of these rows are written, and the
                        // caller vouches for the output.
                        unsafe {
                            let columns = left..last + width;
                            apply(then, output.pointer(), targets, columns);
                        }
                    });
                }
            });
        });
}

/// How work is cut: the grid rows of a strip and the panels of a group. Results
/// do not depend on it.
fn cut<E>(window: &Window, panels: usize) -> (usize, usize) {
    let (rows, columns) = (window.rows(), window.columns());
    let pixels = STRIP_BYTES / (window.density() * size_of::<E>()).max(1);
    let pixels = pixels.clamp(STRIP_PIXELS.0, STRIP_PIXELS.1);
    let mut strips = (rows * columns).div_ceil(pixels);
    strips = strips
        .max(TASKS.min(rows * columns / STRIP_PIXELS.0))
        .max(1);
    if strips > 1 {
        // The last round of tasks keeps all threads busy.
        strips = strips.next_multiple_of(rayon::current_num_threads());
    }
    let strips = strips.min(rows);
    let groups = TASKS.div_ceil(strips).min(panels);
    (rows.div_ceil(strips), panels.div_ceil(groups))
}

/// Where the first columns of the grid pixels of `rows` go.
fn targets(window: &Window, rows: std::ops::Range<usize>, placement: Placement) -> Vec<usize> {
    let mut targets = Vec::with_capacity(rows.len() * window.columns());
    for (image, rows) in window.images(rows) {
        for row in rows {
            let columns = 0..window.columns();
            targets.extend(columns.map(|column| placement.offset(image, row, column)));
        }
    }
    targets
}
