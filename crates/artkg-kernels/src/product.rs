//! Matrix products, the one place where the engine meets its linear algebra
//! library.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// `left · right` of `[rows, inner]` and `[inner, columns]`, on all threads. The sums
/// of large products may depend on how many there are.
pub fn multiply(
    left: &[f32],
    right: &[f32],
    (rows, inner, columns): (usize, usize, usize),
) -> Vec<f32> {
    let mut output = vec![0.0; rows * columns];
    share_out(
        &mut output,
        matrix(left, rows, inner),
        matrix(right, inner, columns),
    );
    output
}

/// `leftᵀ · right` of `[inner, rows]` and `[inner, columns]`; see [`multiply`].
pub fn transposed_multiply(
    left: &[f32],
    right: &[f32],
    (rows, inner, columns): (usize, usize, usize),
) -> Vec<f32> {
    let mut output = vec![0.0; rows * columns];
    let left = matrix(left, inner, rows).transpose();
    share_out(&mut output, left, matrix(right, inner, columns));
    output
}

/// A matrix that is only read; any strides.
type Matrix<'a> = MatRef<'a, f32>;
/// A matrix that is written; any strides.
type MatrixMut<'a> = MatMut<'a, f32>;

/// Views `values` as `rows` × `columns`, row after row.
fn matrix(values: &[f32], rows: usize, columns: usize) -> Matrix<'_> {
    MatRef::from_row_major_slice(values, rows, columns)
}

/// Views `values` as a writable `rows` × `columns` matrix, row after row.
fn matrix_mut(values: &mut [f32], rows: usize, columns: usize) -> MatrixMut<'_> {
    MatMut::from_row_major_slice_mut(values, rows, columns)
}

/// `destination = left · right` on the calling thread.
///
/// Callers split the work over threads themselves, where they know its shape.
fn product(destination: MatrixMut<'_>, left: Matrix<'_>, right: Matrix<'_>) {
    matmul(destination, Accum::Replace, left, right, 1.0, Par::Seq);
}

/// Cuts `matrix` into blocks of at most `rows` × `columns`, row of blocks after
/// row of blocks, each with the indices of its first row and column.
fn blocks(
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

/// Multiplications below which a product stays on one thread: sharing them out
/// takes longer, and blocks as small as these add up in another order than the
/// whole.
const SHARED: usize = 1 << 20;

/// `output = left · right` on all threads, each with a block of the output.
///
/// The longer side of the output is cut, so that all threads share the smaller
/// factor, and the cut depends on nothing but the shape and the thread count:
/// the same machine gives the same values.
fn share_out(output: &mut [f32], left: Matrix<'_>, right: Matrix<'_>) {
    let (rows, columns) = (left.nrows(), right.ncols());
    let threads = match rows * columns * left.ncols() {
        ..SHARED => 1,
        _ => rayon::current_num_threads(),
    };
    let (height, width) = if rows >= columns {
        (rows.div_ceil(threads), columns)
    } else {
        (rows, columns.div_ceil(threads))
    };
    blocks(
        matrix_mut(output, rows, columns),
        height.max(1),
        width.max(1),
    )
    .into_par_iter()
    .for_each(|(row, column, block)| {
        let (height, width) = (block.nrows(), block.ncols());
        let left = left.subrows(row, height);
        product(block, left, right.subcols(column, width));
    });
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
