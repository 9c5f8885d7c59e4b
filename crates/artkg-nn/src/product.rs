//! Matrix products, the one place where the engine meets its linear algebra
//! library.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// A matrix that is only read; any strides.
pub(crate) type Matrix<'a> = MatRef<'a, f32>;
/// A matrix that is written; any strides.
pub(crate) type MatrixMut<'a> = MatMut<'a, f32>;

/// Views `values` as `rows` × `columns`, row after row.
pub(crate) fn matrix(values: &[f32], rows: usize, columns: usize) -> Matrix<'_> {
    MatRef::from_row_major_slice(values, rows, columns)
}

/// Views `values` as a writable `rows` × `columns` matrix, row after row.
pub(crate) fn matrix_mut(values: &mut [f32], rows: usize, columns: usize) -> MatrixMut<'_> {
    MatMut::from_row_major_slice_mut(values, rows, columns)
}

/// `destination = left · right` on the calling thread.
///
/// Callers split the work over threads themselves, where they know its shape.
pub(crate) fn product(destination: MatrixMut<'_>, left: Matrix<'_>, right: Matrix<'_>) {
    matmul(destination, Accum::Replace, left, right, 1.0, Par::Seq);
}

/// Cuts `matrix` into blocks of at most `rows` × `columns`, row of blocks after
/// row of blocks, each with the indices of its first row and column.
pub(crate) fn blocks(
    matrix: MatrixMut<'_>,
    rows: usize,
    columns: usize,
) -> Vec<(usize, usize, MatrixMut<'_>)> {
    let mut result = Vec::new();
    let mut below = matrix;
    let mut first_row = 0;
    while below.nrows() > 0 {
        let height = rows.min(below.nrows());
        let (mut right, rest) = below.split_at_row_mut(height);
        below = rest;
        let mut first_column = 0;
        while right.ncols() > 0 {
            let width = columns.min(right.ncols());
            let (block, rest) = right.split_at_col_mut(width);
            result.push((first_row, first_column, block));
            right = rest;
            first_column += width;
        }
        first_row += height;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_replace() {
        let left = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let right = [1.0, 0.0, 0.0, 1.0, 1.0, 1.0];
        let mut result = vec![9.0; 4];
        product(
            matrix_mut(&mut result, 2, 2),
            matrix(&left, 2, 3),
            matrix(&right, 3, 2),
        );
        assert_eq!(result, [4.0, 5.0, 10.0, 11.0]);
    }

    #[test]
    fn an_empty_sum_is_zero() {
        let mut result = vec![9.0; 4];
        product(
            matrix_mut(&mut result, 2, 2),
            matrix(&[], 2, 0),
            matrix(&[], 0, 2),
        );
        assert_eq!(result, [0.0; 4]);
    }

    #[test]
    fn blocks_cover_the_matrix_once() {
        let mut values = vec![0.0; 5 * 7];
        for (row, column, mut block) in blocks(matrix_mut(&mut values, 5, 7), 2, 3) {
            assert!(block.nrows() <= 2 && block.ncols() <= 3);
            for i in 0..block.nrows() {
                for j in 0..block.ncols() {
                    block[(i, j)] += ((row + i) * 7 + column + j) as f32;
                }
            }
        }
        assert!(
            values
                .iter()
                .enumerate()
                .all(|(i, value)| *value == i as f32)
        );
    }
}
