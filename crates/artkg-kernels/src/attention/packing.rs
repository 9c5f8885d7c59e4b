use std::ops::Range;

use crate::kernel::{Element, Epilogue, Kernel, Run, Tile, for_each_tile};
use crate::vector::vectorised;

/// Most rows of a tile, of all kernels.
const MOST_ROWS: usize = 16;

/// Rows of values that lie `stride` apart.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, E> {
    pub(super) values: &'a [E],
    pub(super) stride: usize,
    pub(super) count: usize,
    /// Values of a row.
    pub(super) columns: usize,
}

impl<'a, E: Element> Rows<'a, E> {
    /// All of them.
    pub(super) fn iter(self) -> impl Iterator<Item = &'a [E]> {
        (0..self.count).map(move |row| &self.values[row * self.stride..][..self.columns])
    }

    /// Those from `first` on, `count` of them.
    pub(super) fn part(self, first: usize, count: usize) -> Self {
        assert!(first + count <= self.count);
        Self {
            values: &self.values[first * self.stride..],
            count,
            ..self
        }
    }

    /// Copies them to `target`, where they lie `pitch` apart, with zeros in between.
    pub(super) fn copy(self, target: &mut [E], pitch: usize) {
        for (row, target) in self.iter().zip(target.chunks_exact_mut(pitch.max(1))) {
            let (target, gap) = target.split_at_mut(self.columns);
            target.copy_from_slice(row);
            gap.fill(E::default());
        }
    }
}

/// The right operand of products in the order in which a kernel reads it: panels of as
/// many columns as it has, each with its steps one after the other.
pub(super) struct Packed<'a, E> {
    values: &'a [E],
    /// Elements of a column, with those that complete steps.
    depth: usize,
    columns: usize,
}

/// The number of elements of a packed matrix.
pub(super) fn packed_length<E, R>(kernel: &Kernel<E, R>, rows: usize, columns: usize) -> usize {
    rows.next_multiple_of(kernel.depth) * columns.next_multiple_of(kernel.columns)
}

/// Packs a matrix, which has a row for each of `rows`. What columns the last panel
/// lacks is unspecified.
pub(super) fn pack<'a, E: Element, R>(
    kernel: &Kernel<E, R>,
    rows: Rows<'_, E>,
    target: &'a mut [E],
) -> Packed<'a, E> {
    let (width, step) = (kernel.columns, kernel.depth);
    let depth = rows.count.next_multiple_of(step);
    let panels = target.chunks_exact_mut((depth * width).max(1));
    for (first, panel) in (0..rows.columns).step_by(width).zip(panels) {
        let columns = first..(first + width).min(rows.columns);
        match step {
            1 => join::<E, 1>(rows, columns, width, panel),
            2 => join::<E, 2>(rows, columns, width, panel),
            _ => unreachable!("steps of products take one or two elements"),
        }
    }
    Packed {
        values: target,
        depth,
        columns: rows.columns,
    }
}

/// Writes `columns` of the rows to a panel: those of `STEP` rows beside each other, with
/// zeros for rows that a step lacks.
fn join<E: Element, const STEP: usize>(
    rows: Rows<'_, E>,
    columns: Range<usize>,
    width: usize,
    panel: &mut [E],
) {
    let (places, _) = panel.as_chunks_mut::<STEP>();
    vectorised(
        #[inline(always)]
        || {
            for (step, places) in places.chunks_exact_mut(width).enumerate() {
                for element in 0..STEP {
                    let row = step * STEP + element;
                    if row < rows.count {
                        let row = &rows.values[row * rows.stride..][columns.clone()];
                        for (place, value) in places.iter_mut().zip(row) {
                            place[element] = *value;
                        }
                    } else {
                        for place in &mut *places {
                            place[element] = E::default();
                        }
                    }
                }
            }
        },
    );
}

/// Packs a matrix, which has a column for each of `rows`.
pub(super) fn pack_turned<'a, E: Element, R>(
    kernel: &Kernel<E, R>,
    rows: Rows<'_, E>,
    target: &'a mut [E],
) -> Packed<'a, E> {
    let (width, step) = (kernel.columns, kernel.depth);
    let depth = rows.columns.next_multiple_of(step);
    let panels = target.chunks_exact_mut((depth * width).max(1));
    for (first, panel) in (0..rows.count).step_by(width).zip(panels) {
        let rows = rows.part(first, width.min(rows.count - first));
        match step {
            1 => turn::<E, 1>(rows, width, panel),
            2 => turn::<E, 2>(rows, width, panel),
            _ => unreachable!("steps of products take one or two elements"),
        }
    }
    Packed {
        values: target,
        depth,
        columns: rows.count,
    }
}

/// Writes rows as columns of a panel, `STEP` elements beside each other, with zeros for
/// elements that the last step lacks.
fn turn<E: Element, const STEP: usize>(rows: Rows<'_, E>, width: usize, panel: &mut [E]) {
    /// Steps that are turned at a time: what is written stays in the level 1 cache.
    const STEPS: usize = 16;

    let (places, _) = panel.as_chunks_mut::<STEP>();
    let whole = rows.columns / STEP;
    for first in (0..whole).step_by(STEPS) {
        let steps = first..(first + STEPS).min(whole);
        for (column, row) in rows.iter().enumerate() {
            let (elements, _) = row.as_chunks::<STEP>();
            let targets = places[first * width..].chunks_exact_mut(width);
            for (target, elements) in targets.zip(&elements[steps.clone()]) {
                target[column] = *elements;
            }
        }
    }
    let rest = rows.columns % STEP;
    if rest > 0 {
        for (column, row) in rows.iter().enumerate() {
            let mut elements = [E::default(); STEP];
            elements[..rest].copy_from_slice(&row[whole * STEP..]);
            places[whole * width + column] = elements;
        }
    }
}

/// `left · right` of `rows` rows that lie `pitch` apart, written to `output`, whose rows
/// lie `output_pitch` apart. `left` has elements up to whole steps.
pub(super) fn multiply<E: Element>(
    kernel: &Kernel<E, f32>,
    (left, pitch, rows): (&[E], usize, usize),
    right: &Packed<'_, E>,
    (output, output_pitch): (&mut [f32], usize),
) {
    let (depth, columns) = (right.depth, right.columns);
    if rows == 0 || columns == 0 {
        return;
    }
    assert!(depth <= pitch && left.len() >= (rows - 1) * pitch + depth);
    assert!(columns <= output_pitch && output.len() >= (rows - 1) * output_pitch + columns);
    let panel = depth * kernel.columns;
    assert!(right.values.len() >= columns.div_ceil(kernel.columns) * panel);
    assert!(kernel.rows <= MOST_ROWS);
    let starts: [usize; MOST_ROWS] = std::array::from_fn(|row| row * pitch);
    let targets: [usize; MOST_ROWS] = std::array::from_fn(|row| row * output_pitch);
    let runs = [Run {
        offset: 0,
        length: depth,
    }];
    for (index, first) in (0..columns).step_by(kernel.columns).enumerate() {
        for_each_tile(rows, kernel.rows, |start, count| {
            let tile = Tile {
                source: left[start * pitch..].as_ptr(),
                starts: &starts[..count],
                runs: &runs,
                panel: right.values[index * panel..].as_ptr(),
                columns: kernel.columns.min(columns - first),
                output: output[start * output_pitch + first..].as_mut_ptr(),
                targets: &targets[..count],
                epilogue: Epilogue {
                    bias: std::ptr::null(),
                    residual: std::ptr::null(),
                    floor: f32::NEG_INFINITY,
                },
            };
            // SAFETY: rows, panels and results are as long as asserted above.
            unsafe { kernel.compute(&tile) };
        });
    }
}
