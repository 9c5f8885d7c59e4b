use pulp::{Simd, WithSimd};
use rand::Rng;

use super::alias::AliasTable;
use super::buffer::Buffer;
use super::kernel::{self, BLOCK, TILE, Tile};
use super::shared_matrix::SharedMatrix;
use crate::seeds::below;

/// What all threads train together.
pub(super) struct Model {
    /// The vectors wanted, one row per node: those of nodes as contexts.
    pub(super) inputs: SharedMatrix,
    /// The vectors of nodes as targets.
    pub(super) outputs: SharedMatrix,
    /// The distribution of negatives.
    pub(super) negatives: AliasTable,
}

/// The length of a row: the dimension, padded.
pub(super) fn padded(dimension: usize) -> usize {
    dimension.next_multiple_of(BLOCK)
}

/// One thread's part of the training.
pub(super) struct Trainer<'a> {
    model: &'a Model,
    stride: usize,
    window: usize,
    negatives: usize,
    /// The rows of the current walk's nodes, each node once, and as they were.
    rows: Buffer,
    rows_before: Buffer,
    targets: Buffer,
    /// The row of each place of the walk, and those in the current window.
    row_of: Vec<u32>,
    in_window: Vec<u32>,
    /// The distinct nodes of the walk, by row.
    nodes: Vec<u32>,
    /// The negatives of the walk's nodes, one node's after another's.
    drawn: Vec<u32>,
    table: RowTable,
}

impl<'a> Trainer<'a> {
    /// A trainer for walks of at most `length` nodes.
    pub(super) fn new(
        model: &'a Model,
        dimension: usize,
        window: usize,
        negatives: usize,
        length: usize,
    ) -> Self {
        let stride = padded(dimension);
        Self {
            model,
            stride,
            window,
            negatives,
            rows: Buffer::new(length * stride),
            rows_before: Buffer::new(length * stride),
            targets: Buffer::new(TILE * stride),
            row_of: Vec::with_capacity(length),
            in_window: Vec::with_capacity(2 * window),
            nodes: Vec::with_capacity(length),
            drawn: Vec::with_capacity(length * negatives),
            table: RowTable::new(length),
        }
    }

    /// Learns from a walk at the given learning rate.
    pub(super) fn learn(&mut self, walk: &[u32], rate: f32, random: &mut impl Rng) {
        if walk.len() > 1 {
            pulp::Arch::new().dispatch(Learn {
                trainer: self,
                walk,
                rate,
                random,
            });
        }
    }

    /// Draws the negatives of the whole walk, so that their rows can be fetched
    /// ahead.
    #[inline(always)]
    fn draw_negatives(&mut self, places: usize, random: &mut impl Rng) {
        self.drawn.clear();
        for _ in 0..places * self.negatives {
            self.drawn.push(self.model.negatives.draw(random));
        }
    }

    /// Begins to fetch the targets of a place of the walk.
    #[inline(always)]
    fn fetch_targets(&self, walk: &[u32], place: usize) {
        if let Some(&node) = walk.get(place) {
            let negatives = &self.drawn[place * self.negatives..(place + 1) * self.negatives];
            let outputs = &self.model.outputs;
            let touched = negatives
                .iter()
                .fold(outputs.touch(node), |sum, &negative| {
                    sum ^ outputs.touch(negative)
                });
            std::hint::black_box(touched);
        }
    }

    #[inline(always)]
    fn load_rows(&mut self, walk: &[u32]) {
        let inputs = &self.model.inputs;
        let touched = walk.iter().fold(0, |sum, &node| sum ^ inputs.touch(node));
        std::hint::black_box(touched);
        self.table.clear();
        self.nodes.clear();
        self.row_of.clear();
        for &node in walk {
            let row = self.table.row(node, self.nodes.len() as u32);
            if row as usize == self.nodes.len() {
                self.nodes.push(node);
                let start = row as usize * self.stride;
                let place = start..start + self.stride;
                self.model.inputs.load(node, &mut self.rows[place.clone()]);
                self.rows_before[place.clone()].copy_from_slice(&self.rows[place]);
            }
            self.row_of.push(row);
        }
    }

    /// Adds what the walk changed, rather than overwrite what other threads did
    /// to the same rows meanwhile: nodes of many walks would lose most updates.
    #[inline(always)]
    fn store_rows(&mut self) {
        for (row, &node) in self.nodes.iter().enumerate() {
            let place = row * self.stride..(row + 1) * self.stride;
            let now = &mut self.targets[..self.stride];
            self.model.inputs.load(node, now);
            let (after, before) = (&self.rows[place.clone()], &self.rows_before[place]);
            for ((now, after), before) in now.iter_mut().zip(after).zip(before) {
                *now += after - before;
            }
            self.model.inputs.store(node, now);
        }
    }
}

struct Learn<'t, 'a, 'w, R> {
    trainer: &'t mut Trainer<'a>,
    walk: &'w [u32],
    rate: f32,
    random: &'t mut R,
}

impl<R: Rng> WithSimd for Learn<'_, '_, '_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            trainer,
            walk,
            rate,
            random,
        } = self;
        trainer.load_rows(walk);
        trainer.draw_negatives(walk.len(), random);
        trainer.fetch_targets(walk, 0);
        for place in 0..walk.len() {
            trainer.fetch_targets(walk, place + 1);
            let reach = 1 + below(random.next_u32(), trainer.window);
            let last = (place + reach).min(walk.len() - 1);
            trainer.in_window.clear();
            for other in place.saturating_sub(reach)..=last {
                if other != place {
                    trainer.in_window.push(trainer.row_of[other]);
                }
            }
            trainer.learn_window(simd, walk[place], place, rate);
        }
        trainer.store_rows();
    }
}

impl Trainer<'_> {
    /// Gradient steps on the node at a place of the walk, its contexts and its
    /// negatives, a tile of targets at a time.
    #[inline(always)]
    fn learn_window<S: Simd>(&mut self, simd: S, node: u32, place: usize, rate: f32) {
        let mut chosen = [node; TILE];
        let mut weights = [0.0; TILE];
        let mut labels = [0.0; TILE];
        (weights[0], labels[0]) = (1.0, 1.0);
        let mut filled = 1;
        let mut left = &self.drawn[place * self.negatives..(place + 1) * self.negatives];
        loop {
            let (now, later) = left.split_at(left.len().min(TILE - filled));
            left = later;
            for &negative in now {
                // As in word2vec, a node is no negative of itself.
                if negative == node {
                    continue;
                }
                // A negative drawn twice counts twice: two copies of its row would
                // overwrite each other.
                let first = usize::from(labels[0] == 1.0);
                match chosen[first..filled]
                    .iter()
                    .position(|&known| known == negative)
                {
                    Some(known) => weights[first + known] += 1.0,
                    None => {
                        (chosen[filled], weights[filled]) = (negative, 1.0);
                        filled += 1;
                    }
                }
            }
            for (target, row) in chosen[..filled]
                .iter()
                .zip(self.targets.chunks_mut(self.stride))
            {
                self.model.outputs.load(*target, row);
            }
            let tile = Tile {
                targets: &mut self.targets,
                weights,
                labels,
            };
            kernel::step(simd, &mut self.rows, &self.in_window, tile, rate);
            for (target, row) in chosen[..filled]
                .iter()
                .zip(self.targets.chunks(self.stride))
            {
                self.model.outputs.store(*target, row);
            }
            if left.is_empty() {
                return;
            }
            (weights, labels, filled) = ([0.0; TILE], [0.0; TILE], 0);
        }
    }
}

/// Gives the distinct nodes of a walk consecutive rows (open addressing).
struct RowTable {
    places: Vec<(u32, u32)>,
    mask: usize,
}

impl RowTable {
    const EMPTY: u32 = u32::MAX;

    fn new(length: usize) -> Self {
        let size = (2 * length).next_power_of_two();
        Self {
            places: vec![(Self::EMPTY, 0); size],
            mask: size - 1,
        }
    }

    #[inline(always)]
    fn clear(&mut self) {
        self.places.fill((Self::EMPTY, 0));
    }

    /// The row of `node`; `next`, from now on, where it had none.
    #[inline(always)]
    fn row(&mut self, node: u32, next: u32) -> u32 {
        let mut place = (node.wrapping_mul(0x9e37_79b1) >> 16) as usize & self.mask;
        loop {
            match self.places[place] {
                (known, row) if known == node => return row,
                (Self::EMPTY, _) => {
                    self.places[place] = (node, next);
                    return next;
                }
                _ => place = (place + 1) & self.mask,
            }
        }
    }
}
