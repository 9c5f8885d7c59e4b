use super::lanes::Lanes;

/// Values side by side that each row of a tile reads, `offset` values after the
/// row's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) offset: usize,
    pub(crate) length: usize,
}

/// Cuts `count` rows into tiles of nearly the same size, none above `most`, and
/// calls `visit` with the range of each.
pub(crate) fn for_each_tile(count: usize, most: usize, mut visit: impl FnMut(usize, usize)) {
    let tiles = count.div_ceil(most);
    let mut start = 0;
    for tile in 0..tiles {
        let end = count * (tile + 1) / tiles;
        visit(start, end - start);
        start = end;
    }
}

/// A tile of results of a product: a row for each of `starts`, `columns` columns.
///
/// The result at (row, column) is the sum over the steps of all runs, one after
/// the other, of the row's elements with the panel's column.
pub(crate) struct Tile<'a, Element, Result = Element> {
    /// What rows read.
    pub(crate) source: *const Element,
    /// Where each row starts in the source.
    pub(crate) starts: &'a [usize],
    /// What each row reads, from its start on.
    pub(crate) runs: &'a [Run],
    /// The first step of the panel.
    pub(crate) panel: *const Element,
    /// Columns that are computed, up to the width of a panel.
    pub(crate) columns: usize,
    /// Where results go.
    pub(crate) output: *mut Result,
    /// Where the first column of each row goes in the output; one for each of
    /// `starts`.
    pub(crate) targets: &'a [usize],
    /// What becomes of a sum before it is written.
    pub(crate) epilogue: Epilogue<Result>,
}

/// What becomes of a sum before it is written: `max(sum + bias + residual,
/// floor)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Epilogue<Result> {
    /// The bias of the tile's first column, followed by those of a whole panel;
    /// null for none.
    pub(crate) bias: *const f32,
    /// What is added, laid out like the output; null for none.
    pub(crate) residual: *const Result,
    /// The least result.
    pub(crate) floor: f32,
}

/// Computes a tile of `ROWS` rows and `VECTORS` vectors.
///
/// # Safety
/// The processor has the instructions of `L`, the tile has `ROWS` starts and as
/// many targets, and every pointer is valid for what the tile says is read or
/// written: of the source, the runs, their lengths rounded up to a multiple of
/// `L::DEPTH`; of panel and bias, whole vectors.
#[inline(always)]
pub(super) unsafe fn compute<L: Lanes, const ROWS: usize, const VECTORS: usize>(
    tile: &Tile<'_, L::Element, L::Result>,
    panel_width: usize,
) {
    // SAFETY: as the caller promises.
    unsafe {
        let mut sums = [[L::zero(); VECTORS]; ROWS];
        let mut panel = tile.panel;
        for run in tile.runs {
            let mut sources = [std::ptr::null(); ROWS];
            for row in 0..ROWS {
                let start = *tile.starts.get_unchecked(row);
                sources[row] = tile.source.add(start + run.offset);
            }
            for step in 0..run.length.div_ceil(L::DEPTH) {
                let mut right = [L::load_operand(panel); VECTORS];
                for vector in 1..VECTORS {
                    right[vector] = L::load_operand(panel.add(vector * L::LANES * L::DEPTH));
                }
                for row in 0..ROWS {
                    let left = L::splat(sources[row].add(step * L::DEPTH));
                    for vector in 0..VECTORS {
                        sums[row][vector] = L::multiply_add(left, right[vector], sums[row][vector]);
                    }
                }
                panel = panel.add(panel_width * L::DEPTH);
            }
        }
        let Epilogue {
            bias,
            residual,
            floor,
        } = tile.epilogue;
        // Sums stay in registers only while nothing indexes them at run time, so
        // what follows works on a copy.
        let mut results = [[L::zero(); VECTORS]; ROWS];
        for vector in 0..VECTORS {
            let bias = if bias.is_null() {
                L::zero()
            } else {
                L::load_f32(bias.add(vector * L::LANES))
            };
            for row in 0..ROWS {
                results[row][vector] = L::add(sums[row][vector], bias);
            }
        }
        let floor = L::fill(floor);
        for (results, target) in results.iter().zip(tile.targets) {
            for (vector, result) in results.iter().enumerate() {
                let column = vector * L::LANES;
                let count = (tile.columns - column).min(L::LANES);
                let mut value = *result;
                if !residual.is_null() {
                    value = L::add(value, L::load(residual.add(target + column), count));
                }
                let value = L::at_least(value, floor);
                L::store(tile.output.add(target + column), value, count);
            }
        }
    }
}
