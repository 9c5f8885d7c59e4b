use pulp::{Simd, WithSimd};
use rayon::prelude::*;

/// Vectors that AdaGrad learns (Duchi, Hazan and Singer, JMLR 2011), a row at a
/// time: rows that a batch does not touch cost nothing.
pub(super) struct Table {
    width: usize,
    values: Vec<f32>,
    /// The sums of the squares of the gradients.
    square_sums: Vec<f32>,
}

/// A gradient of a row of a [`Table`].
pub(super) struct RowGradient<'a> {
    pub(super) row: u32,
    pub(super) gradient: &'a [f32],
}

/// What AdaGrad adds to the roots of the sums of squares.
const EPSILON: f32 = 1e-10;

impl Table {
    /// Rows of `width` values.
    pub(super) fn new(width: usize, values: Vec<f32>) -> Self {
        Self {
            width,
            square_sums: vec![0.0; values.len()],
            values,
        }
    }

    #[inline(always)]
    pub(super) fn row(&self, row: u32) -> &[f32] {
        &self.values[row as usize * self.width..][..self.width]
    }

    /// All rows.
    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }

    /// Steps down the gradients, which are sorted by row; those of one row add up in
    /// their order. Threads share the rows, which leaves the result the same.
    pub(super) fn step(&mut self, gradients: &[RowGradient<'_>], rate: f32) {
        let width = self.width;
        let rows = self.values.len() / width;
        let share = rows.div_ceil(4 * rayon::current_num_threads()).max(1);
        self.values
            .par_chunks_mut(share * width)
            .zip(self.square_sums.par_chunks_mut(share * width))
            .enumerate()
            .for_each(|(number, (values, square_sums))| {
                let first = number * share;
                let place = |limit| gradients.partition_point(|g| (g.row as usize) < limit);
                let own = &gradients[place(first)..place(first + share)];
                pulp::Arch::new().dispatch(Step {
                    width,
                    first,
                    values,
                    square_sums,
                    gradients: own,
                    rate,
                });
            });
    }
}

/// A step of the rows from `first` on.
struct Step<'a, 'g> {
    width: usize,
    first: usize,
    values: &'a mut [f32],
    square_sums: &'a mut [f32],
    gradients: &'a [RowGradient<'g>],
    rate: f32,
}

impl WithSimd for Step<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let mut sum = vec![0.0; self.width];
        for same_row in self.gradients.chunk_by(|a, b| a.row == b.row) {
            sum.fill(0.0);
            for gradient in same_row {
                for (sum, value) in sum.iter_mut().zip(gradient.gradient) {
                    *sum += value;
                }
            }
            let start = (same_row[0].row as usize - self.first) * self.width;
            let values = &mut self.values[start..start + self.width];
            let square_sums = &mut self.square_sums[start..start + self.width];
            for ((value, square_sum), gradient) in values.iter_mut().zip(square_sums).zip(&sum) {
                *square_sum += gradient * gradient;
                *value -= self.rate * gradient / (square_sum.sqrt() + EPSILON);
            }
        }
    }
}
