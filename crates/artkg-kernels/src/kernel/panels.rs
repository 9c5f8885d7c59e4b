use rayon::prelude::*;

use super::element::Element;
use super::microkernel::Kernel;

/// The right operand of products, cut into panels of as many columns as a
/// kernel's tile has, each with its steps one after the other.
///
/// Columns and elements of a step that are missing at the end are zero.
#[derive(Clone, Debug)]
pub(crate) struct Panels<Element> {
    values: Vec<Element>,
    /// Columns of a panel.
    width: usize,
    /// Columns of the matrix.
    columns: usize,
    /// Elements of one panel.
    length: usize,
}

impl<E: Element> Panels<E> {
    /// Packs the rows of `matrix`, `columns` values each. Rows are read in
    /// `runs` of the given lengths, which steps do not cross.
    pub(crate) fn pack<R>(
        kernel: &Kernel<E, R>,
        matrix: &[f32],
        columns: usize,
        runs: &[usize],
    ) -> Self {
        let (width, depth) = (kernel.columns, kernel.depth);
        let steps: usize = runs.iter().map(|length| length.div_ceil(depth)).sum();
        Self::filled(width, columns, steps * depth, |first, count, panel| {
            let mut rows = matrix.chunks_exact(columns);
            let mut steps = panel.chunks_exact_mut(depth * width);
            for &length in runs {
                let mut left = length;
                while left > 0 {
                    // There are as many steps as counted above.
                    let Some(step) = steps.next() else { return };
                    for (element, row) in rows.by_ref().take(depth.min(left)).enumerate() {
                        let row = &row[first..first + count];
                        if depth == 1 {
                            // Side by side: whole vectors at a time.
                            for (target, value) in step.iter_mut().zip(row) {
                                *target = E::from_f32(*value);
                            }
                            continue;
                        }
                        for (column, value) in row.iter().enumerate() {
                            step[column * depth + element] = E::from_f32(*value);
                        }
                    }
                    left -= depth.min(left);
                }
            }
        })
    }

    /// Panels of `rows` rows made from these: `convert` gets one of them and its
    /// width, and fills its counterpart.
    pub(crate) fn map(&self, rows: usize, convert: impl Fn(&[E], usize, &mut [E]) + Sync) -> Self {
        let width = self.width;
        Self::filled(width, self.columns, rows, |first, _, panel| {
            convert(self.panel(first / width), width, panel);
        })
    }

    /// The steps of the panel `index`, first to last.
    pub(crate) fn panel(&self, index: usize) -> &[E] {
        &self.values[index * self.length..][..self.length]
    }

    /// The number of rows, with those that complete steps.
    pub(crate) fn rows(&self) -> usize {
        self.length / self.width
    }

    /// The number of panels.
    pub(crate) fn count(&self) -> usize {
        self.columns.div_ceil(self.width)
    }

    /// The first column of the panel `index`, and the number of its columns.
    pub(crate) fn columns(&self, index: usize) -> (usize, usize) {
        let first = index * self.width;
        (first, self.width.min(self.columns - first))
    }

    /// Panels of `rows` rows, each filled by `fill` with the panel's first column
    /// and number of columns.
    fn filled(
        width: usize,
        columns: usize,
        rows: usize,
        fill: impl Fn(usize, usize, &mut [E]) + Sync,
    ) -> Self {
        let length = rows * width;
        let mut values = vec![E::default(); length * columns.div_ceil(width)];
        values
            .par_chunks_mut(length.max(1))
            .enumerate()
            .for_each(|(index, panel)| {
                let first = index * width;
                fill(first, width.min(columns - first), panel);
            });
        Self {
            values,
            width,
            columns,
            length,
        }
    }
}

impl Panels<f32> {
    /// Packs the blocks of `matrix` at `positions`, each of `rows` × `columns`
    /// values, transposed and one below the other: panels of `rows` columns.
    pub(crate) fn pack_transposed(
        kernel: &Kernel<f32>,
        matrix: &[f32],
        (rows, columns): (usize, usize),
        positions: &[usize],
    ) -> Self {
        /// Columns that are turned at a time: a cache line.
        const LINE: usize = 16;

        let width = kernel.columns;
        let depth = positions.len() * columns;
        Self::filled(width, rows, depth, |first, count, panel| {
            for (position, panel) in positions
                .iter()
                .zip(panel.chunks_exact_mut(columns * width))
            {
                let block = &matrix[(position * rows + first) * columns..][..count * columns];
                for start in (0..columns).step_by(LINE) {
                    let end = (start + LINE).min(columns);
                    let panel = &mut panel[start * width..end * width];
                    for (row, values) in block.chunks_exact(columns).enumerate() {
                        for (step, value) in panel.chunks_exact_mut(width).zip(&values[start..end])
                        {
                            step[row] = *value;
                        }
                    }
                }
            }
        })
    }
}
