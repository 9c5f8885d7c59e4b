use artkg_files::seeds::mix;
use artkg_graph::triplets::Triplet;
use artkg_graph::{Embeddings, KnowledgeGraph, NetworkOptions};
use artkg_nn::{Adam, AdamConfig, Device, Optimiser, ParameterGroup, ParameterStore, Tensor};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;

use crate::encoder::Encoder;
use crate::error::{Error, Result};
use crate::negatives::Negatives;

/// How far training is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Steps done.
    pub steps: u64,
    /// Steps in all.
    pub total: u64,
    /// The loss of the last step.
    pub loss: f32,
}

/// Learns a vector for every node and every relation: the network's output, and the
/// weights of the products that score edges. The loss is the cross entropy of telling
/// each edge from `options.negatives` drawn ones (Schlichtkrull and others, ESWC 2018,
/// equation 7).
///
/// # Errors
/// Options that make no sense, a graph without edges.
pub fn embed(
    graph: &KnowledgeGraph,
    options: &NetworkOptions,
    mut progress: impl FnMut(Progress),
) -> Result<Embeddings> {
    options.check()?;
    let mut triplets = graph.triplets();
    if triplets.is_empty() {
        return Err(Error::NoEdges);
    }
    let device = Device::Cpu;
    let store = ParameterStore::new(options.seed, &device);
    let encoder = Encoder::new(graph, options, &store)?;
    let negatives = Negatives::of(graph);
    let rate = f64::from(options.learning_rate);
    let config = AdamConfig {
        learning_rate: rate,
        weight_decay: f64::from(options.weight_decay),
        ..AdamConfig::default()
    };
    let groups = ParameterGroup::new("network", store.trainable()).without_decay_on_biases();
    let mut optimiser = Adam::new(groups.into(), config)?;
    let steps_each = triplets.len().div_ceil(options.batch);
    let total = (options.epochs * steps_each) as u64;
    let mut steps = 0;
    for epoch in 0..options.epochs {
        let mut generator = Pcg64Mcg::seed_from_u64(mix(options.seed ^ mix(epoch as u64)));
        triplets.shuffle(&mut generator);
        for batch in triplets.chunks(options.batch) {
            optimiser.set_learning_rate(rate * (1.0 - steps as f64 / total as f64));
            let mut edges = batch.to_vec();
            for number in 0..options.negatives {
                let replaces_tail = number % 2 == 0;
                let drawn = batch
                    .iter()
                    .map(|&triplet| negatives.draw(triplet, replaces_tail, &mut generator));
                edges.extend(drawn);
            }
            let loss = loss(&encoder, &edges, batch.len())?;
            let gradients = loss.backward()?;
            optimiser.step(&gradients)?;
            steps += 1;
            progress(Progress {
                steps,
                total,
                loss: loss.to_scalar()?,
            });
        }
    }
    let flat = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
    let vectors = flat(&encoder.encode()?)?;
    let relations = flat(&encoder.relations)?;
    Ok(Embeddings::from_network(
        graph, *options, vectors, relations,
    ))
}

/// The mean cross entropy over edges, of which the first `positives` are true. Drawn
/// ones weigh as much together as true ones.
fn loss(encoder: &Encoder, edges: &[Triplet], positives: usize) -> Result<Tensor> {
    let vectors = encoder.encode()?;
    let column = |of: fn(&Triplet) -> u32| {
        let numbers: Vec<u32> = edges.iter().map(of).collect();
        Tensor::from_vec(numbers, edges.len(), &Device::Cpu)
    };
    let heads = vectors.index_select(&column(|edge| edge.head)?, 0)?;
    let tails = vectors.index_select(&column(|edge| edge.tail)?, 0)?;
    let relations = encoder
        .relations
        .index_select(&column(|edge| edge.relation.into())?, 0)?;
    let scores = ((heads * relations)? * tails)?.sum(1)?;
    let drawn = edges.len() - positives;
    // ln(1 + exp(-s)) for true edges, ln(1 + exp(s)) for drawn ones.
    let signs: Vec<f32> = (0..edges.len())
        .map(|edge| if edge < positives { -1.0 } else { 1.0 })
        .collect();
    let weights: Vec<f32> = (0..edges.len())
        .map(|edge| 0.5 / if edge < positives { positives } else { drawn } as f32)
        .collect();
    let signed = (scores * Tensor::from_vec(signs, edges.len(), &Device::Cpu)?)?;
    // In the form that does not overflow: max(s, 0) + ln(1 + exp(-|s|)).
    let softplus = (signed.relu()? + (signed.abs()?.neg()?.exp()? + 1.0)?.log()?)?;
    let weights = Tensor::from_vec(weights, edges.len(), &Device::Cpu)?;
    Ok((softplus * weights)?.sum_all()?)
}

#[cfg(test)]
mod tests;
