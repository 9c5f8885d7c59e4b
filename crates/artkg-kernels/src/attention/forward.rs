use rayon::prelude::*;

use super::packing::{Packed, Rows, multiply, pack, pack_turned, packed_length};
use super::softmax::{LANES, softmax};
use super::{Attention, Part};
use crate::kernel::{Element, Kernel, for_each_tile, with_scratch};
use crate::shared::Shared;
use crate::vector::vectorised;

/// The result of `projected`.
pub(super) fn forward<E: Element>(
    kernel: &Kernel<E, f32>,
    sizes: Attention,
    projected: &[E],
) -> Vec<E> {
    sizes.check(projected.len());
    let length = sizes.batch * sizes.tokens * sizes.width;
    if length == 0 {
        return Vec::new();
    }
    let mut output = Vec::with_capacity(length);
    let target = Shared(output.as_mut_ptr());
    (0..sizes.batch * sizes.heads)
        .into_par_iter()
        .with_max_len(1)
        .for_each(|task| {
            let (item, head) = (task / sizes.heads, task % sizes.heads);
            let head = Head::new(kernel, sizes, projected, (item, head));
            head.run(target);
        });
    // SAFETY: the heads have written all of their columns in all tokens.
    unsafe { output.set_len(length) };
    output
}

/// One head of one item.
struct Head<'a, E> {
    kernel: &'a Kernel<E, f32>,
    sizes: Attention,
    queries: Rows<'a, E>,
    keys: Rows<'a, E>,
    values: Rows<'a, E>,
    /// Where its result starts in the whole one.
    target: usize,
}

/// Room for some queries.
struct Room<'a, E> {
    queries: &'a mut [E],
    scores: &'a mut [f32],
    probabilities: &'a mut [E],
    sums: &'a mut [f32],
    results: &'a mut [E],
}

impl<'a, E: Element> Head<'a, E> {
    fn new(
        kernel: &'a Kernel<E, f32>,
        sizes: Attention,
        projected: &'a [E],
        (item, head): (usize, usize),
    ) -> Self {
        let rows = |part| Rows {
            values: &projected[sizes.start(item, head, part)..],
            stride: 3 * sizes.width,
            count: sizes.tokens,
            columns: sizes.channels(),
        };
        Self {
            kernel,
            sizes,
            queries: rows(Part::Query),
            keys: rows(Part::Key),
            values: rows(Part::Value),
            target: item * sizes.tokens * sizes.width + head * sizes.channels(),
        }
    }

    /// Writes the head's columns of `output`.
    fn run(&self, output: Shared<E>) {
        let (kernel, tokens, channels) = (self.kernel, self.sizes.tokens, self.sizes.channels());
        let (pitch, query_pitch) = (
            tokens.next_multiple_of(LANES),
            channels.next_multiple_of(kernel.depth),
        );
        let lengths = [
            packed_length(kernel, channels, tokens),
            packed_length(kernel, tokens, channels),
            kernel.rows * query_pitch,
            kernel.rows * pitch,
            kernel.rows * channels,
        ];
        with_scratch(lengths.iter().sum(), |room: &mut [E]| {
            let (keys, room) = room.split_at_mut(lengths[0]);
            let (values, room) = room.split_at_mut(lengths[1]);
            let (queries, room) = room.split_at_mut(lengths[2]);
            let (probabilities, results) = room.split_at_mut(lengths[3]);
            let keys = pack_turned(kernel, self.keys, keys);
            let values = pack(kernel, self.values, values);
            with_scratch(kernel.rows * (pitch + channels), |room: &mut [f32]| {
                let (scores, sums) = room.split_at_mut(kernel.rows * pitch);
                let mut room = Room {
                    queries,
                    scores,
                    probabilities,
                    sums,
                    results,
                };
                for_each_tile(tokens, kernel.rows, |first, count| {
                    let queries = self.queries.part(first, count);
                    self.attend(queries, (&keys, &values), &mut room, pitch);
                    let results = room.results.chunks_exact(channels);
                    for (row, results) in results.take(count).enumerate() {
                        let start = self.target + (first + row) * self.sizes.width;
                        // SAFETY: the output has room for every token, of which no other
                        // task writes this head's columns.
                        unsafe {
                            let target = output.pointer().add(start);
                            target.copy_from_nonoverlapping(results.as_ptr(), channels);
                        }
                    }
                });
            });
        });
    }

    /// The results of some queries.
    fn attend(
        &self,
        queries: Rows<'_, E>,
        (keys, values): (&Packed<'_, E>, &Packed<'_, E>),
        room: &mut Room<'_, E>,
        pitch: usize,
    ) {
        let (kernel, tokens, channels) = (self.kernel, self.sizes.tokens, self.sizes.channels());
        let (count, query_pitch) = (queries.count, channels.next_multiple_of(kernel.depth));
        queries.copy(room.queries, query_pitch);
        let left = (&*room.queries, query_pitch, count);
        multiply(kernel, left, keys, (room.scores, pitch));
        let mut totals = [0.0; 16];
        let scale = self.sizes.scale();
        vectorised(
            #[inline(always)]
            || {
                let rows = room.scores.chunks_exact_mut(pitch);
                let rows = rows.zip(room.probabilities.chunks_exact_mut(pitch));
                for (total, (scores, probabilities)) in totals.iter_mut().zip(rows.take(count)) {
                    *total = softmax(scores, tokens, scale, probabilities);
                }
            },
        );
        let left = (&*room.probabilities, pitch, count);
        multiply(kernel, left, values, (room.sums, channels));
        vectorised(
            #[inline(always)]
            || {
                let rows = room.sums.chunks_exact(channels);
                let rows = rows.zip(room.results.chunks_exact_mut(channels));
                for (total, (sums, results)) in totals.iter().zip(rows.take(count)) {
                    let factor = total.recip();
                    for (result, sum) in results.iter_mut().zip(sums) {
                        *result = E::from_f32(sum * factor);
                    }
                }
            },
        );
    }
}
