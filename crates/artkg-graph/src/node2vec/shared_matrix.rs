//! A matrix that all threads read and write without locks (Hogwild).
//!
//! F. Niu and others, "Hogwild!", NIPS 2011: updates of sparse problems rarely
//! meet, and where they do, one being lost does no harm. In Rust that needs
//! atomics, else it is undefined behaviour. Relaxed atomic loads and stores are
//! plain moves, but compilers don't vectorise them, so arithmetic on them would
//! run one number at a time. Hence rows are copied into a thread's own buffer,
//! worked on there with full vector registers, and copied back; each atomic holds
//! two floats, which halves the cost of copying. Measured with 128 dimensions, a
//! row's round trip takes less time than a cache miss, and the copies let a
//! thread keep a whole walk's rows in its first-level cache.

use std::sync::atomic::{AtomicU64, Ordering};

use pulp::bytemuck;

/// Rows of floats; the row length is even.
pub(super) struct SharedMatrix {
    pairs: Vec<AtomicU64>,
    start: usize,
    pairs_per_row: usize,
}

const LINE: usize = 64;

impl SharedMatrix {
    /// A matrix of zeros; `columns` is even.
    pub(super) fn zeros(rows: usize, columns: usize) -> Self {
        let padding = LINE / size_of::<AtomicU64>();
        let pairs: Vec<AtomicU64> = (0..rows * columns / 2 + padding)
            .map(|_| AtomicU64::new(0))
            .collect();
        let start = pairs.as_ptr().align_offset(LINE);
        Self {
            start: if start <= padding { start } else { 0 },
            pairs,
            pairs_per_row: columns / 2,
        }
    }

    #[inline(always)]
    fn row(&self, row: u32) -> &[AtomicU64] {
        let start = self.start + row as usize * self.pairs_per_row;
        &self.pairs[start..start + self.pairs_per_row]
    }

    /// Reads a little of each cache line of a row, so that the whole row is on its
    /// way before [`SharedMatrix::load`] needs it: rows lie far apart, and a row at a
    /// time keeps only few of the processor's outstanding reads busy. The result
    /// means nothing; without it compilers would drop the reads.
    #[inline(always)]
    pub(super) fn touch(&self, row: u32) -> u64 {
        self.row(row)
            .iter()
            .step_by(LINE / size_of::<AtomicU64>())
            .fold(0, |sum, pair| sum ^ pair.load(Ordering::Relaxed))
    }

    /// Copies a row out; `values` has its length.
    #[inline(always)]
    pub(super) fn load(&self, row: u32, values: &mut [f32]) {
        let values: &mut [u64] = bytemuck::cast_slice_mut(values);
        for (value, pair) in values.iter_mut().zip(self.row(row)) {
            *value = pair.load(Ordering::Relaxed);
        }
    }

    /// Copies a row in; `values` has its length.
    #[inline(always)]
    pub(super) fn store(&self, row: u32, values: &[f32]) {
        let values: &[u64] = bytemuck::cast_slice(values);
        for (value, pair) in values.iter().zip(self.row(row)) {
            pair.store(*value, Ordering::Relaxed);
        }
    }
}
