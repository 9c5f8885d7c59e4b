use std::ops::Range;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

use super::options::TripletOptions;
use super::triplet::{Side, Triplet};
use crate::node_table::NodeTable;
use crate::seeds::{Purpose, below, stream};

/// How many triplets share their negatives: enough that a negative's row, once
/// read, is used often; few enough that a batch holds many chunks.
pub(super) const CHUNK: usize = 32;

/// Triplets of one relation that one side is replaced in, by the same negatives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<'a> {
    pub(super) triplets: &'a [Triplet],
    pub(super) side: Side,
    /// A number of its own among the chunks of all epochs.
    pub(super) number: u64,
}

/// The triplets of an epoch in random order, cut into chunks.
pub(super) struct Epoch {
    triplets: Vec<Triplet>,
    chunks: Vec<(Range<usize>, Side)>,
    first_number: u64,
}

impl Epoch {
    /// Epoch number `epoch` over triplets sorted by relation.
    pub(super) fn new(mut triplets: Vec<Triplet>, epoch: u64, seed: u64) -> Self {
        let mut random = stream(seed, Purpose::TripletOrder, epoch);
        let mut chunks = Vec::new();
        let mut start = 0;
        for relation in triplets.chunk_by_mut(|a, b| a.relation == b.relation) {
            relation.shuffle(&mut random);
            for first in (0..relation.len()).step_by(CHUNK) {
                let last = (first + CHUNK).min(relation.len());
                chunks.extend(Side::ALL.map(|side| (start + first..start + last, side)));
            }
            start += relation.len();
        }
        chunks.shuffle(&mut random);
        Self {
            triplets,
            first_number: epoch * chunks.len() as u64,
            chunks,
        }
    }

    /// The chunks in the order of training.
    pub(super) fn chunks(&self) -> Vec<Chunk<'_>> {
        let numbered = self.chunks.iter().zip(self.first_number..);
        numbered
            .map(|((places, side), number)| Chunk {
                triplets: &self.triplets[places.clone()],
                side: *side,
                number,
            })
            .collect()
    }
}

/// Draws negatives.
pub(super) struct Sampler<'a> {
    nodes: &'a NodeTable,
    by_kind: Vec<Vec<u32>>,
    options: &'a TripletOptions,
}

impl<'a> Sampler<'a> {
    pub(super) fn new(nodes: &'a NodeTable, options: &'a TripletOptions) -> Self {
        let mut by_kind = vec![Vec::new(); nodes.kinds().len()];
        for node in nodes.nodes() {
            by_kind[usize::from(nodes.kind(node))].push(node);
        }
        Self {
            nodes,
            by_kind,
            options,
        }
    }

    /// Nodes in the place of those on the chunk's side, uniform over the nodes of
    /// their kind or over all.
    pub(super) fn draw(&self, chunk: &Chunk<'_>, negatives: &mut [u32]) {
        let mut random = stream(self.options.seed, Purpose::Negatives, chunk.number);
        let of_kind = (self.options.same_kind * negatives.len() as f32).round() as usize;
        for (place, negative) in negatives.iter_mut().enumerate() {
            *negative = if place < of_kind {
                let replaced = chunk.triplets[random.random_range(0..chunk.triplets.len())];
                let kind = self.nodes.kind(replaced.node(chunk.side));
                let candidates = &self.by_kind[usize::from(kind)];
                candidates[below(random.next_u32(), candidates.len())]
            } else {
                below(random.next_u32(), self.nodes.len()) as u32
            };
        }
    }
}
