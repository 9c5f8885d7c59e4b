//! Floats that start at a cache line, so that no vector register load straddles two.

use std::ops::{Deref, DerefMut};

use pulp::bytemuck;

/// A cache line in bytes and in the storage's unit, pairs of floats.
const LINE: usize = 64;
const PAIRS: usize = LINE / size_of::<u64>();

/// A fixed, even number of floats, zero at first.
pub(super) struct Buffer {
    /// Of `u64`, so that rows can also be copied two floats at a time.
    storage: Vec<u64>,
    start: usize,
    pairs: usize,
}

impl Buffer {
    /// `length` zeros; `length` is even.
    pub(super) fn new(length: usize) -> Self {
        let pairs = length / 2;
        let storage = vec![0; pairs + PAIRS];
        // `align_offset` may decline; an unaligned buffer is slower, not wrong.
        let start = storage.as_ptr().align_offset(LINE);
        Self {
            start: if start <= PAIRS { start } else { 0 },
            storage,
            pairs,
        }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    #[inline(always)]
    fn deref(&self) -> &[f32] {
        bytemuck::cast_slice(&self.storage[self.start..self.start + self.pairs])
    }
}

impl DerefMut for Buffer {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.storage[self.start..self.start + self.pairs])
    }
}
