use super::lanes::Lanes;

/// Some results side by side of a convolution of each channel by itself, for a vector of
/// channels. Pixels lie `step` values apart in every operand but the output.
pub(crate) struct DepthwiseTile {
    /// Rows and columns of a window.
    pub(crate) kernel: usize,
    /// Results side by side.
    pub(crate) columns: usize,
    /// Channels that are written.
    pub(crate) channels: usize,
    /// The first value that the first result reads.
    pub(crate) source: *const f32,
    /// Values from a pixel to its right neighbour.
    pub(crate) step: usize,
    /// Values of the source from a row to the next.
    pub(crate) row: usize,
    /// A pixel for each position of the window.
    pub(crate) filters: *const f32,
    /// What is added; null for nothing.
    pub(crate) bias: *const f32,
    /// The first result.
    pub(crate) output: *mut f32,
    /// Values from a result to its right neighbour.
    pub(crate) output_step: usize,
}

/// Some positions side by side of a window, in which the products of pixels with
/// gradients are summed, for a vector of channels. Pixels lie `step` values apart.
pub(crate) struct DepthwiseGradientTile {
    /// Positions side by side.
    pub(crate) positions: usize,
    /// Rows of gradients.
    pub(crate) rows: usize,
    /// Gradients of a row.
    pub(crate) columns: usize,
    /// The pixel that the first position reads for the first gradient.
    pub(crate) source: *const f32,
    /// Values of the source from a row to the next.
    pub(crate) source_row: usize,
    /// The first gradient.
    pub(crate) gradient: *const f32,
    /// Values of the gradient from a row to the next.
    pub(crate) gradient_row: usize,
    /// Values from a pixel to its right neighbour.
    pub(crate) step: usize,
    /// The sum of the first position; the others follow.
    pub(crate) sums: *mut f32,
}

/// Computes a tile of `COLUMNS` results.
///
/// # Safety
/// The processor has the instructions of `L`, and every pointer is valid for whole
/// vectors of what the tile says is read, and of the output for its channels.
#[inline(always)]
pub(super) unsafe fn convolve<L, Vector, const COLUMNS: usize>(tile: &DepthwiseTile)
where
    L: Lanes<Element = f32, Result = f32, Vector = Vector, Operand = Vector>,
    Vector: Copy,
{
    // SAFETY: as the caller promises.
    unsafe {
        let bias = if tile.bias.is_null() {
            L::zero()
        } else {
            L::load_f32(tile.bias)
        };
        let mut sums = [bias; COLUMNS];
        let mut filters = tile.filters;
        for row in 0..tile.kernel {
            let mut source = tile.source.add(row * tile.row);
            for _ in 0..tile.kernel {
                let weight = L::load_f32(filters);
                for column in 0..COLUMNS {
                    let value = L::load_f32(source.add(column * tile.step));
                    sums[column] = L::multiply_add(value, weight, sums[column]);
                }
                filters = filters.add(tile.step);
                source = source.add(tile.step);
            }
        }
        for column in 0..COLUMNS {
            let target = tile.output.add(column * tile.output_step);
            L::store(target, sums[column], tile.channels);
        }
    }
}

/// Adds to the sums of `POSITIONS` positions.
///
/// # Safety
/// The processor has the instructions of `L`, and every pointer is valid for whole
/// vectors of what the tile says is read or written.
#[inline(always)]
pub(super) unsafe fn correlate<L, Vector, const POSITIONS: usize>(tile: &DepthwiseGradientTile)
where
    L: Lanes<Element = f32, Result = f32, Vector = Vector, Operand = Vector>,
    Vector: Copy,
{
    // SAFETY: as the caller promises.
    unsafe {
        let mut sums = [L::zero(); POSITIONS];
        for row in 0..tile.rows {
            let mut source = tile.source.add(row * tile.source_row);
            let mut gradient = tile.gradient.add(row * tile.gradient_row);
            for _ in 0..tile.columns {
                let factor = L::load_f32(gradient);
                for position in 0..POSITIONS {
                    let value = L::load_f32(source.add(position * tile.step));
                    sums[position] = L::multiply_add(value, factor, sums[position]);
                }
                source = source.add(tile.step);
                gradient = gradient.add(tile.step);
            }
        }
        for position in 0..POSITIONS {
            let target = tile.sums.add(position * tile.step);
            let sum = L::add(L::load_f32(target), sums[position]);
            L::store(target, sum, L::LANES);
        }
    }
}
