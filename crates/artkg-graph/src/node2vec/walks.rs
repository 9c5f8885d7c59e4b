use rand::{Rng, seq::SliceRandom};

use super::adjacency::Adjacency;
use super::options::WalkOptions;
use crate::seeds::{Purpose, fraction, stream};

/// Draws second-order random walks one step at a time.
///
/// A step from `node`, reached from `previous`, goes to a neighbour x with a
/// probability in proportion to the edge's weight times 1/p for x = `previous`,
/// 1 for x joined to `previous`, and 1/q otherwise. Rather than tabulate these
/// for every pair of joined nodes, a neighbour is proposed by weight alone and
/// accepted by its factor (rejection sampling). The way back is the one
/// neighbour with a factor of its own, so what 1/p exceeds the other factors by
/// is drawn separately; a small p would otherwise reject almost everything
/// (K. Yang and others, "KnightKing", SOSP 2019).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walker<'a> {
    adjacency: &'a Adjacency,
    length: usize,
    first_order: bool,
    back: f32,
    outward: f32,
    /// The largest and smallest factor, the excess of `back` left aside.
    largest: f32,
    smallest: f32,
    /// What `back` exceeds `largest` by.
    excess: f32,
    seed: u64,
}

impl<'a> Walker<'a> {
    /// A walker over `adjacency`; `options` have been checked.
    pub(crate) fn new(adjacency: &'a Adjacency, options: &WalkOptions, seed: u64) -> Self {
        let back = 1.0 / options.return_parameter;
        let outward = 1.0 / options.in_out_parameter;
        let largest = outward.max(1.0);
        Self {
            adjacency,
            length: options.length,
            first_order: back == 1.0 && outward == 1.0,
            back,
            outward,
            largest,
            smallest: back.min(outward).min(1.0),
            excess: (back - largest).max(0.0),
            seed,
        }
    }

    /// The order in which the nodes of a round of walks start.
    pub(crate) fn order(&self, round: u64) -> Vec<u32> {
        let mut nodes: Vec<u32> = (0..self.adjacency.node_count() as u32).collect();
        nodes.shuffle(&mut stream(self.seed, Purpose::Order, round));
        nodes
    }

    /// Draws the walk of `round` that starts at `start`, into `walk`.
    ///
    /// It depends on the seed, the round and the start only. It is shorter than
    /// asked for where the start has no neighbours.
    pub(crate) fn walk(&self, round: u64, start: u32, walk: &mut Vec<u32>) {
        let index = round * self.adjacency.node_count() as u64 + u64::from(start);
        let mut random = stream(self.seed, Purpose::Walk, index);
        walk.clear();
        walk.push(start);
        let Some(mut node) = self.adjacency.draw(start, &mut random) else {
            return;
        };
        let mut previous = start;
        walk.push(node);
        while walk.len() < self.length {
            let next = if self.first_order {
                self.adjacency.draw(node, &mut random)
            } else {
                self.step(previous, node, &mut random)
            };
            let Some(next) = next else { return };
            (previous, node) = (node, next);
            walk.push(node);
        }
    }

    /// A step from `node`, reached from `previous`.
    pub(super) fn step(&self, previous: u32, node: u32, random: &mut impl Rng) -> Option<u32> {
        if self.excess > 0.0 {
            let excess = self.excess * self.adjacency.weight(node, previous);
            let rest = self.largest * self.adjacency.total_weight(node);
            // A proposal below `rest` may be rejected; then all is drawn again.
            loop {
                if fraction(random.next_u32()) * (rest + excess) >= rest {
                    return Some(previous);
                }
                let next = self.adjacency.draw(node, random)?;
                if self.accepts(previous, next, random) {
                    return Some(next);
                }
            }
        }
        loop {
            let next = self.adjacency.draw(node, random)?;
            if self.accepts(previous, next, random) {
                return Some(next);
            }
        }
    }

    #[inline]
    fn accepts(&self, previous: u32, next: u32, random: &mut impl Rng) -> bool {
        let point = fraction(random.next_u32()) * self.largest;
        if point < self.smallest {
            return true;
        }
        let factor = if next == previous {
            self.back
        } else if self.adjacency.joined(previous, next) {
            1.0
        } else {
            self.outward
        };
        point < factor
    }
}
