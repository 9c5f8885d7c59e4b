use super::lanes::Lanes;

/// A tile of `rows` × `columns` sums of outer products: the result at (row,
/// column) grows by the sum over all steps of `left[row] · right[column]`.
///
/// Both operands are read where they lie: the rows side by side at each step,
/// the columns too.
pub(crate) struct OuterTile<'a> {
    /// Rows that are computed.
    pub(crate) rows: usize,
    /// Columns that are computed.
    pub(crate) columns: usize,
    /// The first row at offset zero.
    pub(crate) left: *const f32,
    /// Values from one step of `left` to the next.
    pub(crate) left_stride: usize,
    /// The first column at offset zero.
    pub(crate) right: *const f32,
    /// Values from one step of `right` to the next.
    pub(crate) right_stride: usize,
    /// The steps.
    pub(crate) strips: &'a [Strip],
    /// Where the first row and column is added.
    pub(crate) output: *mut f32,
    /// Values from one row of the output to the next.
    pub(crate) output_stride: usize,
}

/// Steps one after the other, from the given offsets in both operands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strip {
    pub(crate) left: usize,
    pub(crate) right: usize,
    pub(crate) steps: usize,
}

/// Adds a tile of `ROWS` rows and up to `VECTORS` vectors to the output.
///
/// # Safety
/// The processor has the instructions of `L`, and every pointer of the tile is
/// valid for what it says is read or written.
#[inline(always)]
pub(super) unsafe fn accumulate<L, Vector, const ROWS: usize, const VECTORS: usize>(
    tile: &OuterTile<'_>,
) where
    L: Lanes<Element = f32, Result = f32, Vector = Vector, Operand = Vector>,
    Vector: Copy,
{
    if tile.columns == VECTORS * L::LANES {
        // SAFETY: as the caller promises.
        unsafe { accumulate_columns::<L, Vector, ROWS, VECTORS>(tile, L::LANES) }
    } else {
        let last = tile.columns - (VECTORS - 1) * L::LANES;
        // SAFETY: as the caller promises.
        unsafe { accumulate_columns::<L, Vector, ROWS, VECTORS>(tile, last) }
    }
}

/// As [`accumulate`], with `last` lanes of the last vector in use.
#[inline(always)]
unsafe fn accumulate_columns<L, Vector, const ROWS: usize, const VECTORS: usize>(
    tile: &OuterTile<'_>,
    last: usize,
) where
    L: Lanes<Element = f32, Result = f32, Vector = Vector, Operand = Vector>,
    Vector: Copy,
{
    let lanes = |vector: usize| if vector + 1 < VECTORS { L::LANES } else { last };
    // SAFETY: as the caller promises.
    unsafe {
        let mut sums = [[L::zero(); VECTORS]; ROWS];
        for strip in tile.strips {
            let mut left = tile.left.add(strip.left);
            let mut right = tile.right.add(strip.right);
            for _ in 0..strip.steps {
                let mut columns = [L::zero(); VECTORS];
                for vector in 0..VECTORS {
                    columns[vector] = L::load(right.add(vector * L::LANES), lanes(vector));
                }
                for row in 0..ROWS {
                    let value = L::fill(*left.add(row));
                    for vector in 0..VECTORS {
                        sums[row][vector] =
                            L::multiply_add(value, columns[vector], sums[row][vector]);
                    }
                }
                left = left.wrapping_add(tile.left_stride);
                right = right.wrapping_add(tile.right_stride);
            }
        }
        for row in 0..ROWS {
            for vector in 0..VECTORS {
                let target = tile
                    .output
                    .add(row * tile.output_stride + vector * L::LANES);
                let sum = L::add(L::load(target, lanes(vector)), sums[row][vector]);
                L::store(target, sum, lanes(vector));
            }
        }
    }
}
