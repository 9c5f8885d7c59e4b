use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rand::RngExt;

use super::adjacency::Adjacency;
use super::alias::AliasTable;
use super::buffer::Buffer;
use super::options::Node2VecOptions;
use super::shared_matrix::SharedMatrix;
use super::trainer::{Model, Trainer, padded};
use super::walks::Walker;
use crate::embeddings::Embeddings;
use crate::error::{Error, Result};
use crate::graph::KnowledgeGraph;
use crate::seeds::{Purpose, stream};

/// How many walks a thread takes at a time.
const CHUNK: usize = 16;

/// How far training is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Walks learnt from.
    pub walks: u64,
    /// Walks in all.
    pub total: u64,
}

/// Embeds every node of a graph. `progress` is called now and then, from any
/// thread, one call at a time.
///
/// A node without edges keeps its random first vector.
///
/// # Errors
/// Options out of range, or a graph without edges.
pub fn embed(
    graph: &KnowledgeGraph,
    options: &Node2VecOptions,
    progress: impl FnMut(Progress) + Send,
) -> Result<Embeddings> {
    let adjacency = Adjacency::from_graph(graph, options.walks.weighted);
    let vectors = train(&adjacency, options, progress)?;
    Ok(Embeddings::from_walks(graph, *options, vectors))
}

/// The vectors of an adjacency's nodes, one row of `options.dimension` after
/// another; see [`embed`].
///
/// # Errors
/// Options out of range, no edges, or vectors that grow beyond all numbers.
pub(super) fn train(
    adjacency: &Adjacency,
    options: &Node2VecOptions,
    progress: impl FnMut(Progress) + Send,
) -> Result<Vec<f32>> {
    options.check()?;
    if adjacency.edge_count() == 0 {
        return Err(Error::NoEdges {
            nodes: adjacency.node_count(),
            method: "random walks",
        });
    }
    let walker = Walker::new(adjacency, &options.walks, options.seed);
    let model = first_model(&walker, adjacency.node_count(), options);
    let rounds = (options.epochs * options.walks.walks_per_node) as u64;
    let schedule = Schedule {
        walker,
        options,
        nodes: adjacency.node_count() as u64,
        rounds,
        done: AtomicU64::new(0),
        progress: Mutex::new(progress),
    };
    for round in 0..rounds {
        schedule.round(&model, round);
    }
    let vectors = wanted_vectors(&model, adjacency.node_count(), options.dimension);
    if vectors.iter().any(|value| !value.is_finite()) {
        return Err(Error::Diverged {
            learning_rate: options.initial_learning_rate,
            negatives: true,
        });
    }
    Ok(vectors)
}

struct Schedule<'a, P> {
    walker: Walker<'a>,
    options: &'a Node2VecOptions,
    nodes: u64,
    rounds: u64,
    done: AtomicU64,
    progress: Mutex<P>,
}

impl<P: FnMut(Progress) + Send> Schedule<'_, P> {
    /// A walk from every node, in random order.
    fn round(&self, model: &Model, round: u64) {
        let order = self.walker.order(round);
        let next = AtomicU64::new(0);
        let work = || self.work(model, round, &order, &next);
        if self.options.threads == 1 {
            return work();
        }
        std::thread::scope(|scope| {
            for _ in 0..self.options.threads {
                scope.spawn(work);
            }
        });
    }

    fn work(&self, model: &Model, round: u64, order: &[u32], next: &AtomicU64) {
        let options = self.options;
        let mut trainer = Trainer::new(
            model,
            options.dimension,
            options.window,
            options.negatives,
            options.walks.length,
        );
        let mut walk = Vec::with_capacity(options.walks.length);
        loop {
            let start = next.fetch_add(CHUNK as u64, Ordering::Relaxed) as usize;
            if start >= order.len() {
                return;
            }
            let starts = &order[start..(start + CHUNK).min(order.len())];
            for (place, &node) in starts.iter().enumerate() {
                let index = round * self.nodes + (start + place) as u64;
                self.walker.walk(round, node, &mut walk);
                let mut random = stream(options.seed, Purpose::Training, index);
                trainer.learn(&walk, self.learning_rate(index), &mut random);
            }
            self.report(starts.len() as u64);
        }
    }

    /// It falls linearly with the walk's number, so that it does not depend on
    /// what other threads do.
    fn learning_rate(&self, walk: u64) -> f32 {
        let share = walk as f32 / (self.rounds * self.nodes) as f32;
        let (start, end) = (
            self.options.initial_learning_rate,
            self.options.final_learning_rate,
        );
        start + share * (end - start)
    }

    fn report(&self, walks: u64) {
        let done = self.done.fetch_add(walks, Ordering::Relaxed) + walks;
        let total = self.rounds * self.nodes;
        // Whoever finds the callback busy goes on; only the last report must come.
        let callback = if done == total {
            self.progress.lock().ok()
        } else {
            self.progress.try_lock().ok()
        };
        if let Some(mut callback) = callback {
            callback(Progress { walks: done, total });
        }
    }
}

/// Small random contexts, zero targets, and negatives in proportion to the
/// 0.75th power of how often walks visit a node.
fn first_model(walker: &Walker<'_>, nodes: usize, options: &Node2VecOptions) -> Model {
    let stride = padded(options.dimension);
    let inputs = SharedMatrix::zeros(nodes, stride);
    let mut row = Buffer::new(stride);
    let scale = 1.0 / options.dimension as f32;
    for node in 0..nodes as u32 {
        let mut random = stream(options.seed, Purpose::Vector, u64::from(node));
        for value in &mut row[..options.dimension] {
            *value = (random.random::<f32>() * 2.0 - 1.0) * scale;
        }
        inputs.store(node, &row);
    }
    let weights: Vec<f64> = visits(walker, nodes, options.threads)
        .into_iter()
        .map(|visits| f64::from(visits.into_inner()).powf(0.75))
        .collect();
    Model {
        inputs,
        outputs: SharedMatrix::zeros(nodes, stride),
        negatives: AliasTable::new(&weights),
    }
}

/// How often each node occurs in the first round of walks: one walk from every
/// node. That stands for all rounds well enough, since hubs are met many times in
/// it and every node at least once, and it costs a fraction of one round's training.
fn visits(walker: &Walker<'_>, nodes: usize, threads: usize) -> Vec<AtomicU32> {
    let visits: Vec<AtomicU32> = (0..nodes).map(|_| AtomicU32::new(0)).collect();
    let next = AtomicU64::new(0);
    let count = || {
        let mut walk = Vec::new();
        loop {
            let start = next.fetch_add(CHUNK as u64, Ordering::Relaxed) as usize;
            if start >= nodes {
                return;
            }
            for node in start..(start + CHUNK).min(nodes) {
                walker.walk(0, node as u32, &mut walk);
                for &node in &walk {
                    visits[node as usize].fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(count);
        }
    });
    visits
}

/// The vectors without the rows' padding.
fn wanted_vectors(model: &Model, nodes: usize, dimension: usize) -> Vec<f32> {
    let mut row = Buffer::new(padded(dimension));
    let mut vectors = Vec::with_capacity(nodes * dimension);
    for node in 0..nodes as u32 {
        model.inputs.load(node, &mut row);
        vectors.extend_from_slice(&row[..dimension]);
    }
    vectors
}
