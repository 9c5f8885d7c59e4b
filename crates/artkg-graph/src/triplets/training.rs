use std::f32::consts::PI;

use rand::RngExt;
use rayon::prelude::*;

use super::chunk::{ChunkGradients, Model};
use super::known::Known;
use super::model::TripletModel;
use super::options::TripletOptions;
use super::sampling::{CHUNK, Chunk, Epoch, Sampler};
use super::table::{RowGradient, Table};
use super::triplet::Triplet;
use crate::embeddings::Embeddings;
use crate::error::{Error, Result};
use crate::graph::KnowledgeGraph;
use crate::seeds::{Purpose, stream};

/// How far training is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Triplets learnt from, counted once for each side.
    pub triplets: u64,
    /// Triplets in all.
    pub total: u64,
    /// The mean loss of a triplet so far in this epoch.
    pub loss: f32,
}

/// Learns a vector for every node and relation of a graph from its edges.
/// `progress` is called after each batch.
///
/// A node without edges is only ever a negative. The rayon pool of the caller
/// does the work; its number of threads does not change the result.
///
/// # Errors
/// Options out of range, no edges, or a training that diverges.
pub fn embed(
    graph: &KnowledgeGraph,
    options: &TripletOptions,
    progress: impl FnMut(Progress),
) -> Result<Embeddings> {
    options.check()?;
    let triplets = graph.triplets();
    if triplets.is_empty() {
        return Err(Error::NoEdges {
            nodes: graph.node_count(),
            method: "triplet models",
        });
    }
    let mut model = Model {
        options,
        sampler: Sampler::new(graph.nodes(), options),
        known: Known::new(graph.node_count(), triplets.iter().copied()),
        nodes: first_nodes(graph.node_count(), options),
        relations: first_relations(graph.relations().len(), options),
    };
    train(&mut model, triplets, progress)?;
    let relations = relation_vectors(&model.relations, graph.relations().len(), options);
    let nodes = options
        .model
        .trimmed(model.nodes.values(), options.dimension);
    if !nodes
        .iter()
        .chain(&relations)
        .all(|value| value.is_finite())
    {
        return Err(diverged(options));
    }
    Ok(Embeddings::from_triplets(graph, *options, nodes, relations))
}

fn diverged(options: &TripletOptions) -> Error {
    Error::Diverged {
        learning_rate: options.learning_rate,
        negatives: false,
    }
}

fn train(
    model: &mut Model<'_>,
    mut triplets: Vec<Triplet>,
    mut progress: impl FnMut(Progress),
) -> Result<()> {
    let options = model.options;
    triplets.sort_unstable_by_key(|triplet| (triplet.relation, triplet.head, triplet.tail));
    let total = 2 * (options.epochs * triplets.len()) as u64;
    let mut done = 0;
    let in_batch = (options.batch / CHUNK).max(1);
    let mut room: Vec<_> = (0..in_batch)
        .map(|_| ChunkGradients::new(options))
        .collect();
    for number in 0..options.epochs as u64 {
        let epoch = Epoch::new(triplets.clone(), number, options.seed);
        let (mut loss, mut learnt) = (0.0, 0);
        for batch in epoch.chunks().chunks(in_batch) {
            let rate = learning_rate(options, done as f32 / total as f32);
            loss += step(model, batch, &mut room, rate);
            learnt += batch
                .iter()
                .map(|chunk| chunk.triplets.len())
                .sum::<usize>();
            progress(Progress {
                triplets: done + learnt as u64,
                total,
                loss: (loss / learnt as f64) as f32,
            });
        }
        done += learnt as u64;
        if !loss.is_finite() {
            return Err(diverged(options));
        }
    }
    Ok(())
}

/// Learns from a batch; returns the sum of its losses.
fn step(model: &mut Model<'_>, batch: &[Chunk<'_>], room: &mut [ChunkGradients], rate: f32) -> f64 {
    let room = &mut room[..batch.len()];
    let shared: &Model<'_> = model;
    room.par_iter_mut()
        .zip(batch)
        .for_each(|(gradients, chunk)| gradients.compute(shared, chunk));
    let width = model.options.model.width(model.options.dimension);
    let mut of_nodes: Vec<RowGradient<'_>> = room
        .iter()
        .flat_map(|chunk| chunk.nodes.iter().zip(chunk.rows.chunks_exact(width)))
        .map(|(&row, gradient)| RowGradient { row, gradient })
        .collect();
    // A stable sort: the order of sums must not depend on anything else.
    of_nodes.sort_by_key(|gradient| gradient.row);
    model.nodes.step(&of_nodes, rate);
    let mut of_relations: Vec<RowGradient<'_>> = room
        .iter()
        .map(|chunk| RowGradient {
            row: u32::from(chunk.relation),
            gradient: &chunk.of_relation,
        })
        .collect();
    of_relations.sort_by_key(|gradient| gradient.row);
    model.relations.step(&of_relations, rate);
    room.iter().map(|chunk| chunk.loss).sum()
}

fn learning_rate(options: &TripletOptions, done: f32) -> f32 {
    options.learning_rate * (1.0 - 0.99 * done)
}

/// Distances start below the margin, so that negatives have something to say from
/// the first step on (Sun and others, 2019); products start small.
fn first_nodes(nodes: usize, options: &TripletOptions) -> Table {
    let (model, dimension) = (options.model, options.dimension);
    let scale = match model {
        TripletModel::TransE | TripletModel::RotatE => distance_scale(options),
        TripletModel::DistMult => 1.0 / (dimension as f32).sqrt(),
    };
    let values = uniform(Purpose::Vector, (nodes, dimension), scale, options.seed);
    Table::new(model.width(dimension), model.padded(&values, dimension))
}

fn first_relations(relations: usize, options: &TripletOptions) -> Table {
    let (model, dimension) = (options.model, options.dimension);
    let (learnt, scale) = match model {
        TripletModel::TransE => (dimension, distance_scale(options)),
        TripletModel::DistMult => (dimension, 1.0),
        TripletModel::RotatE => (dimension / 2, PI),
    };
    let shape = (relations, learnt);
    let values = uniform(Purpose::RelationVector, shape, scale, options.seed);
    // Angles are one part of a row each.
    let padded = TripletModel::TransE.padded(&values, learnt);
    Table::new(model.relation_width(dimension), padded)
}

fn distance_scale(options: &TripletOptions) -> f32 {
    (options.margin + 2.0) / options.dimension as f32
}

/// Rows and columns of numbers in ±`scale`.
fn uniform(purpose: Purpose, (rows, columns): (usize, usize), scale: f32, seed: u64) -> Vec<f32> {
    let mut values = Vec::with_capacity(rows * columns);
    for row in 0..rows as u64 {
        let mut random = stream(seed, purpose, row);
        values.extend((0..columns).map(|_| scale * (2.0 * random.random::<f32>() - 1.0)));
    }
    values
}

/// The relations' vectors, one row of `dimension` after another.
fn relation_vectors(learnt: &Table, relations: usize, options: &TripletOptions) -> Vec<f32> {
    let (model, dimension) = (options.model, options.dimension);
    let width = model.width(dimension);
    let mut vectors = vec![0.0; relations * width];
    for (relation, vector) in vectors.chunks_exact_mut(width).enumerate() {
        model.relation_vector(learnt.row(relation as u32), vector);
    }
    model.trimmed(&vectors, dimension)
}
