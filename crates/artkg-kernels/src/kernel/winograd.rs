//! The transforms of Winograd's convolution F(4×4, 3×3) (Lavin and Gray, CVPR
//! 2016): 36 products where the definition takes 144.
//!
//! Tiles of 6×6 input pixels become 36 values for each channel, which are
//! multiplied with transformed filters position by position; 36 sums for each
//! output channel become 4×4 output pixels.

use super::lanes::Lanes;
use super::tile::Epilogue;

/// Pixels along the side of an input tile.
pub(crate) const INPUT_SIDE: usize = 6;
/// Pixels along the side of an output tile.
pub(crate) const OUTPUT_SIDE: usize = 4;
/// Values of a transformed tile for each channel.
pub(crate) const POSITIONS: usize = INPUT_SIDE * INPUT_SIDE;

/// One tile of the input on its way to the products.
pub(crate) struct InputTile {
    /// The tile's pixels, row by row; each is valid for all channels.
    pub(crate) pixels: [*const f32; POSITIONS],
    /// Where the first position's first channel goes.
    pub(crate) output: *mut f32,
    /// Values from one position to the next.
    pub(crate) position_stride: usize,
    /// The number of channels.
    pub(crate) channels: usize,
}

/// One tile of the output on its way from the products.
pub(crate) struct OutputTile {
    /// The first position's first channel.
    pub(crate) sums: *const f32,
    /// Values from one position to the next.
    pub(crate) position_stride: usize,
    /// Where the pixels go, row by row, in values from `output`; `None` for those
    /// outside of the image.
    pub(crate) targets: [Option<usize>; OUTPUT_SIDE * OUTPUT_SIDE],
    /// Where results go.
    pub(crate) output: *mut f32,
    /// The number of channels.
    pub(crate) channels: usize,
    /// What becomes of a pixel before it is written.
    pub(crate) epilogue: Epilogue<f32>,
}

/// One tile of the output's gradient on its way to the products.
pub(crate) struct GradientTile {
    /// The tile's pixels, row by row; each is valid for all channels.
    pub(crate) pixels: [*const f32; OUTPUT_SIDE * OUTPUT_SIDE],
    /// Where the first position's first channel goes.
    pub(crate) output: *mut f32,
    /// Values from one position to the next.
    pub(crate) position_stride: usize,
    /// The number of channels.
    pub(crate) channels: usize,
}

/// Transforms a tile of the output's gradient: `A · tile · Aᵀ`.
///
/// # Safety
/// The processor has the instructions of `L`, and the tile's pointers are valid.
#[inline(always)]
pub(super) unsafe fn transform_gradient<L, Vector>(tile: &GradientTile)
where
    L: Lanes<Element = f32, Result = f32, Vector = Vector, Operand = Vector>,
    Vector: Copy,
{
    // SAFETY: as the caller promises.
    unsafe {
        let mut channel = 0;
        while channel < tile.channels {
            let count = (tile.channels - channel).min(L::LANES);
            let mut rows = [[L::zero(); OUTPUT_SIDE]; INPUT_SIDE];
            for column in 0..OUTPUT_SIDE {
                let mut pixels = [L::zero(); OUTPUT_SIDE];
                for row in 0..OUTPUT_SIDE {
                    let pixel = tile.pixels[row * OUTPUT_SIDE + column].add(channel);
                    pixels[row] = L::load(pixel, count);
                }
                let transformed = gradient_line::<L, Vector>(pixels);
                for row in 0..INPUT_SIDE {
                    rows[row][column] = transformed[row];
                }
            }
            for (row, values) in rows.into_iter().enumerate() {
                let transformed = gradient_line::<L, Vector>(values);
                for column in 0..INPUT_SIDE {
                    let position = row * INPUT_SIDE + column;
                    let target = tile.output.add(position * tile.position_stride + channel);
                    L::store(target, transformed[column], count);
                }
            }
            channel += L::LANES;
        }
    }
}

/// `A · line`.
#[inline(always)]
unsafe fn gradient_line<L, Vector>(line: [Vector; OUTPUT_SIDE]) -> [Vector; INPUT_SIDE]
where
    L: Lanes<Element = f32, Result = f32, Vector = Vector, Operand = Vector>,
    Vector: Copy,
{
    // SAFETY: the caller's processor has the instructions.
    unsafe {
        let scaled =
            |factor: f32, value: Vector, sum: Vector| L::multiply_add(L::fill(factor), value, sum);
        let [d0, d1, d2, d3] = line;
        let (even, odd) = (L::add(d0, d2), L::add(d1, d3));
        let far_even = scaled(4.0, d2, d0);
        // Half of it: 2 · d1 + 8 · d3.
        let far_odd = scaled(4.0, d3, d1);
        [
            d0,
            L::add(even, odd),
            scaled(-1.0, odd, even),
            scaled(2.0, far_odd, far_even),
            scaled(-2.0, far_odd, far_even),
            d3,
        ]
    }
}

/// Transforms an input tile: `Bᵀ · tile · B`.
///
/// # Safety
/// The processor has the instructions of `L`, and the tile's pointers are valid.
#[inline(always)]
pub(super) unsafe fn transform_input<L, Vector>(tile: &InputTile)
where
    L: Lanes<Element = f32, Result = f32, Vector = Vector, Operand = Vector>,
    Vector: Copy,
{
    // SAFETY: as the caller promises.
    unsafe {
        let mut channel = 0;
        while channel < tile.channels {
            let count = (tile.channels - channel).min(L::LANES);
            let mut rows = [[L::zero(); INPUT_SIDE]; INPUT_SIDE];
            for column in 0..INPUT_SIDE {
                let mut pixels = [L::zero(); INPUT_SIDE];
                for row in 0..INPUT_SIDE {
                    let pixel = tile.pixels[row * INPUT_SIDE + column].add(channel);
                    pixels[row] = L::load(pixel, count);
                }
                let transformed = input_line::<L, Vector>(pixels);
                for row in 0..INPUT_SIDE {
                    rows[row][column] = transformed[row];
                }
            }
            for (row, values) in rows.into_iter().enumerate() {
                let transformed = input_line::<L, Vector>(values);
                for column in 0..INPUT_SIDE {
                    let position = row * INPUT_SIDE + column;
                    let target = tile.output.add(position * tile.position_stride + channel);
                    L::store(target, transformed[column], count);
                }
            }
            channel += L::LANES;
        }
    }
}

/// `Bᵀ · line`.
#[inline(always)]
unsafe fn input_line<L, Vector>(line: [Vector; INPUT_SIDE]) -> [Vector; INPUT_SIDE]
where
    L: Lanes<Element = f32, Result = f32, Vector = Vector, Operand = Vector>,
    Vector: Copy,
{
    // SAFETY: the caller's processor has the instructions.
    unsafe {
        let scaled =
            |factor: f32, value: Vector, sum: Vector| L::multiply_add(L::fill(factor), value, sum);
        let [d0, d1, d2, d3, d4, d5] = line;
        let even = scaled(-4.0, d2, d4);
        let odd = scaled(-4.0, d1, d3);
        let difference_even = scaled(-1.0, d2, d4);
        let difference_odd = scaled(-1.0, d1, d3);
        [
            scaled(4.0, d0, scaled(-5.0, d2, d4)),
            L::add(even, odd),
            scaled(-1.0, odd, even),
            scaled(2.0, difference_odd, difference_even),
            scaled(-2.0, difference_odd, difference_even),
            scaled(4.0, d1, scaled(-5.0, d3, d5)),
        ]
    }
}

/// Transforms the sums of an output tile, `Aᵀ · sums · A`, and writes its pixels.
///
/// # Safety
/// The processor has the instructions of `L`, and the tile's pointers are valid;
/// of the bias, whole vectors.
#[inline(always)]
pub(super) unsafe fn transform_output<L, Vector>(tile: &OutputTile)
where
    L: Lanes<Element = f32, Result = f32, Vector = Vector, Operand = Vector>,
    Vector: Copy,
{
    let Epilogue {
        bias,
        residual,
        floor,
    } = tile.epilogue;
    // SAFETY: as the caller promises.
    unsafe {
        let floor = L::fill(floor);
        let mut channel = 0;
        while channel < tile.channels {
            let count = (tile.channels - channel).min(L::LANES);
            let bias = if bias.is_null() {
                L::zero()
            } else {
                L::load_f32(bias.add(channel))
            };
            let mut rows = [[L::zero(); INPUT_SIDE]; OUTPUT_SIDE];
            for column in 0..INPUT_SIDE {
                let mut sums = [L::zero(); INPUT_SIDE];
                for row in 0..INPUT_SIDE {
                    let position = row * INPUT_SIDE + column;
                    let sum = tile.sums.add(position * tile.position_stride + channel);
                    sums[row] = L::load(sum, count);
                }
                let transformed = output_line::<L, Vector>(sums);
                for row in 0..OUTPUT_SIDE {
                    rows[row][column] = transformed[row];
                }
            }
            for (values, targets) in rows.into_iter().zip(tile.targets.chunks_exact(OUTPUT_SIDE)) {
                let pixels = output_line::<L, Vector>(values);
                for column in 0..OUTPUT_SIDE {
                    let Some(target) = targets[column] else {
                        continue;
                    };
                    let mut value = L::add(pixels[column], bias);
                    if !residual.is_null() {
                        value = L::add(value, L::load(residual.add(target + channel), count));
                    }
                    let value = L::at_least(value, floor);
                    L::store(tile.output.add(target + channel), value, count);
                }
            }
            channel += L::LANES;
        }
    }
}

/// `Aᵀ · line`.
#[inline(always)]
unsafe fn output_line<L, Vector>(line: [Vector; INPUT_SIDE]) -> [Vector; OUTPUT_SIDE]
where
    L: Lanes<Element = f32, Result = f32, Vector = Vector, Operand = Vector>,
    Vector: Copy,
{
    // SAFETY: the caller's processor has the instructions.
    unsafe {
        let scaled =
            |factor: f32, value: Vector, sum: Vector| L::multiply_add(L::fill(factor), value, sum);
        let [m0, m1, m2, m3, m4, m5] = line;
        let (near_sum, near_difference) = (L::add(m1, m2), scaled(-1.0, m2, m1));
        let (far_sum, far_difference) = (L::add(m3, m4), scaled(-1.0, m4, m3));
        [
            L::add(m0, L::add(near_sum, far_sum)),
            scaled(2.0, far_difference, near_difference),
            scaled(4.0, far_sum, near_sum),
            L::add(scaled(8.0, far_difference, near_difference), m5),
        ]
    }
}

/// Transforms 3×3 filters, `G · filter · Gᵀ`: the values of nine taps, one after
/// the other, to those of all positions. `rows` is as large as two thirds of
/// `positions`.
#[inline(always)]
pub(crate) fn transform_filters(taps: [&[f32]; 9], rows: &mut [f32], positions: &mut [f32]) {
    let width = taps[0].len();
    #[inline(always)]
    fn combine(target: &mut [f32], factors: [f32; 3], values: [&[f32]; 3]) {
        let values = values[0].iter().zip(values[1]).zip(values[2]);
        for (target, ((first, second), third)) in target.iter_mut().zip(values) {
            *target = factors[0] * first + factors[1] * second + factors[2] * third;
        }
    }
    for (row, target) in rows
        .chunks_exact_mut(3 * width)
        .take(INPUT_SIDE)
        .enumerate()
    {
        for (column, target) in target.chunks_exact_mut(width).enumerate() {
            let values = [taps[column], taps[3 + column], taps[6 + column]];
            combine(target, G[row], values);
        }
    }
    let rows = rows.chunks_exact(3 * width).take(INPUT_SIDE);
    for (row, target) in rows.zip(positions.chunks_exact_mut(INPUT_SIDE * width)) {
        let values = [&row[..width], &row[width..2 * width], &row[2 * width..]];
        for (column, target) in target.chunks_exact_mut(width).enumerate() {
            combine(target, G[column], values);
        }
    }
}

/// The gradient of 3×3 filters from that of their transforms, `Gᵀ · positions · G`:
/// the values of 36 positions to those of nine taps, one after the other. `rows`
/// is half as large as the positions together.
#[inline(always)]
pub(crate) fn transform_filter_gradient(
    positions: [&[f32]; POSITIONS],
    rows: &mut [f32],
    taps: &mut [f32],
) {
    let width = positions[0].len();
    rows.fill(0.0);
    taps.fill(0.0);
    #[inline(always)]
    fn add(target: &mut [f32], factor: f32, values: &[f32]) {
        for (target, value) in target.iter_mut().zip(values) {
            *target += factor * value;
        }
    }
    for (position, values) in positions.into_iter().enumerate() {
        let (row, column) = (position / INPUT_SIDE, position % INPUT_SIDE);
        for tap in 0..3 {
            let start = (tap * INPUT_SIDE + column) * width;
            add(&mut rows[start..start + width], G[row][tap], values);
        }
    }
    for (index, values) in rows.chunks_exact(width).enumerate() {
        let (row, column) = (index / INPUT_SIDE, index % INPUT_SIDE);
        for tap in 0..3 {
            let start = (row * 3 + tap) * width;
            add(&mut taps[start..start + width], G[column][tap], values);
        }
    }
}

/// The transform of filters.
const G: [[f32; 3]; INPUT_SIDE] = [
    [0.25, 0.0, 0.0],
    [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
    [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
    [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
    [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
    [0.0, 0.0, 1.0],
];
