use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::packing::{Packed, Rows, multiply, pack, pack_turned, packed_length};
use super::softmax::{LANES, softmax, softmax_gradient};
use super::{Attention, Part};
use crate::kernel::{Kernel, OuterKernel, OuterTile, Strip, for_each_tile, with_scratch};
use crate::shared::Shared;
use crate::vector::vectorised;

/// Tiles of queries that are together: the gradients of keys and values are read and
/// written once for all of them.
const TILES: usize = 4;

/// The gradient of `projected`.
pub(super) fn backward(
    kernels: (&Kernel<f32>, &OuterKernel),
    sizes: Attention,
    projected: &[f32],
    gradient: &[f32],
) -> Vec<f32> {
    sizes.check(projected.len());
    assert_eq!(gradient.len(), sizes.batch * sizes.tokens * sizes.width);
    if gradient.is_empty() {
        return Vec::new();
    }
    let mut result = Vec::with_capacity(projected.len());
    let target = Shared(result.as_mut_ptr());
    (0..sizes.batch * sizes.heads)
        .into_par_iter()
        .with_max_len(1)
        .for_each(|task| {
            let head = Head {
                kernels,
                sizes,
                place: (task / sizes.heads, task % sizes.heads),
                output: target,
            };
            head.run(projected, gradient);
        });
    // SAFETY: the heads have written all of their columns of all three parts in all
    // tokens.
    unsafe { result.set_len(projected.len()) };
    result
}

/// One head of one item.
struct Head<'a> {
    kernels: (&'a Kernel<f32>, &'a OuterKernel),
    sizes: Attention,
    /// Item and head.
    place: (usize, usize),
    output: Shared<f32>,
}

/// What all queries of a head meet.
struct Operands<'a> {
    /// Keys and values, a column each.
    keys_turned: Packed<'a, f32>,
    values_turned: Packed<'a, f32>,
    /// Keys, a row each.
    keys: Packed<'a, f32>,
}

/// Room for some queries, and for the sums over all.
struct Room<'a> {
    queries: &'a mut [f32],
    gradients: &'a mut [f32],
    scores: &'a mut [f32],
    probabilities: &'a mut [f32],
    for_queries: &'a mut [f32],
    for_keys: &'a mut [f32],
    for_values: &'a mut [f32],
}

/// Cuts `count` values off.
fn take<'a>(room: &mut &'a mut [f32], count: usize) -> &'a mut [f32] {
    let (part, rest) = std::mem::take(room).split_at_mut(count);
    *room = rest;
    part
}

impl Head<'_> {
    fn run(&self, projected: &[f32], gradient: &[f32]) {
        let (sizes, kernel) = (self.sizes, self.kernels.0);
        let (tokens, channels) = (sizes.tokens, sizes.channels());
        let (item, head) = self.place;
        let rows = |part| Rows {
            values: &projected[sizes.start(item, head, part)..],
            stride: 3 * sizes.width,
            count: tokens,
            columns: channels,
        };
        let gradients = Rows {
            values: &gradient[item * tokens * sizes.width + head * channels..],
            stride: sizes.width,
            ..rows(Part::Query)
        };
        let pitch = tokens.next_multiple_of(LANES);
        let block = TILES * kernel.rows;
        let turned = packed_length(kernel, channels, tokens);
        let straight = packed_length(kernel, tokens, channels);
        let length =
            2 * turned + straight + block * (3 * channels + 2 * pitch) + 2 * tokens * channels;
        with_scratch(length, |mut room: &mut [f32]| {
            let operands = Operands {
                keys_turned: pack_turned(kernel, rows(Part::Key), take(&mut room, turned)),
                values_turned: pack_turned(kernel, rows(Part::Value), take(&mut room, turned)),
                keys: pack(kernel, rows(Part::Key), take(&mut room, straight)),
            };
            let mut room = Room {
                queries: take(&mut room, block * channels),
                gradients: take(&mut room, block * channels),
                scores: take(&mut room, block * pitch),
                probabilities: take(&mut room, block * pitch),
                for_queries: take(&mut room, block * channels),
                for_keys: take(&mut room, tokens * channels),
                for_values: take(&mut room, tokens * channels),
            };
            room.for_keys.fill(0.0);
            room.for_values.fill(0.0);
            for_each_tile(tokens, block, |first, count| {
                rows(Part::Query)
                    .part(first, count)
                    .copy(room.queries, channels);
                gradients.part(first, count).copy(room.gradients, channels);
                self.go_back(&operands, &mut room, pitch, count);
                let for_queries = &room.for_queries[..count * channels];
                self.write(Part::Query, first, for_queries, sizes.scale());
            });
            self.write(Part::Key, 0, room.for_keys, sizes.scale());
            self.write(Part::Value, 0, room.for_values, 1.0);
        });
    }

    /// The gradients that come from `count` queries.
    fn go_back(&self, operands: &Operands<'_>, room: &mut Room<'_>, pitch: usize, count: usize) {
        let (kernel, sizes) = (self.kernels.0, self.sizes);
        let channels = sizes.channels();
        let mut sums = [0.0; TILES * 16];
        let left = (&*room.queries, channels, count);
        multiply(kernel, left, &operands.keys_turned, (room.scores, pitch));
        vectorised(
            #[inline(always)]
            || {
                let rows = room.scores.chunks_exact_mut(pitch);
                let rows = rows.zip(room.probabilities.chunks_exact_mut(pitch));
                for (sum, (scores, probabilities)) in sums.iter_mut().zip(rows.take(count)) {
                    *sum = softmax(scores, sizes.tokens, sizes.scale(), probabilities);
                }
            },
        );
        let left = (&*room.gradients, channels, count);
        multiply(kernel, left, &operands.values_turned, (room.scores, pitch));
        vectorised(
            #[inline(always)]
            || {
                let rows = room.scores.chunks_exact_mut(pitch);
                let rows = rows.zip(room.probabilities.chunks_exact_mut(pitch));
                for (sum, (gradient, probabilities)) in sums.iter().zip(rows.take(count)) {
                    softmax_gradient(probabilities, *sum, sizes.tokens, gradient);
                }
            },
        );
        let left = (&*room.scores, pitch, count);
        multiply(kernel, left, &operands.keys, (room.for_queries, channels));
        let sizes = (sizes.tokens, channels, count);
        let left = (&*room.scores, pitch);
        add_outer(self.kernels.1, left, room.queries, sizes, room.for_keys);
        let left = (&*room.probabilities, pitch);
        add_outer(self.kernels.1, left, room.gradients, sizes, room.for_values);
    }

    /// Writes `rows` times `factor` as the gradient of a part from the token `first` on.
    fn write(&self, part: Part, first: usize, rows: &[f32], factor: f32) {
        let sizes = self.sizes;
        let start = sizes.start(self.place.0, self.place.1, part);
        for (row, values) in rows.chunks_exact(sizes.channels()).enumerate() {
            let start = start + (first + row) * 3 * sizes.width;
            // SAFETY: the output has room for every token, of which no other task uses
            // this head's columns.
            let target = unsafe {
                let first = self.output.pointer().add(start);
                std::slice::from_raw_parts_mut(first.cast::<MaybeUninit<f32>>(), values.len())
            };
            for (target, value) in target.iter_mut().zip(values) {
                target.write(factor * value);
            }
        }
    }
}

/// `sums += leftᵀ · right` of `steps` rows, those of `left` `pitch` apart: `rows` ×
/// `columns` sums.
fn add_outer(
    kernel: &OuterKernel,
    (left, pitch): (&[f32], usize),
    right: &[f32],
    (rows, columns, steps): (usize, usize, usize),
    sums: &mut [f32],
) {
    assert!(rows <= pitch && left.len() >= steps * pitch && right.len() >= steps * columns);
    assert_eq!(sums.len(), rows * columns);
    let strips = [Strip {
        left: 0,
        right: 0,
        steps,
    }];
    for_each_tile(rows, kernel.rows, |top, height| {
        for first in (0..columns).step_by(kernel.columns) {
            let tile = OuterTile {
                rows: height,
                columns: kernel.columns.min(columns - first),
                left: left[top..].as_ptr(),
                left_stride: pitch,
                right: right[first..].as_ptr(),
                right_stride: columns,
                strips: &strips,
                output: sums[top * columns + first..].as_mut_ptr(),
                output_stride: columns,
            };
            // SAFETY: operands and sums are as long as asserted above.
            unsafe { kernel.accumulate(&tile) };
        }
    });
}
