use std::sync::Mutex;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;
use serde::Serialize;

use super::known::Known;
use super::model::TripletModel;
use super::triplet::{Side, Triplet};
use crate::embeddings::{EmbeddingMethod, Embeddings};
use crate::graph::KnowledgeGraph;

/// How many queries share a pass over the nodes' vectors.
const BLOCK: usize = 8;

/// How well held-out triplets rank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Metrics {
    /// The mean of 1 / rank.
    pub mean_reciprocal_rank: f64,
    /// The share of ranks of 1.
    pub hits_at_1: f64,
    /// The share of ranks of at most 3.
    pub hits_at_3: f64,
    /// The share of ranks of at most 10.
    pub hits_at_10: f64,
    /// The mean rank.
    pub mean_rank: f64,
}

/// Metrics by the side of the node to be found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Sides {
    /// Which head has the relation to the tail?
    pub head: Metrics,
    /// Which tail has the head the relation to?
    pub tail: Metrics,
    /// Both questions.
    pub both: Metrics,
}

/// The metrics of one relation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RelationPrediction {
    /// The relation's name.
    pub relation: String,
    /// How many triplets were held out.
    pub triplets: usize,
    /// Ranks among the nodes of the kind of the node to be found.
    pub of_kind: Sides,
    /// Ranks among all nodes.
    pub of_all: Sides,
}

/// How well embeddings predict triplets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkPrediction {
    /// How many triplets were held out.
    pub triplets: usize,
    /// Ranks among the nodes of the kind of the node to be found.
    pub of_kind: Sides,
    /// Ranks among all nodes.
    pub of_all: Sides,
    /// The same by relation; relations without held-out triplets are left out.
    pub relations: Vec<RelationPrediction>,
}

/// Ranks the true node of each side of the `held_out` edges of `graph` among all
/// nodes by their scores, and among those of its kind.
///
/// Ranks are filtered (Bordes and others, 2013): other nodes that make an edge of
/// `graph`, learnt or held out, are no rivals. Among nodes of equal score the true
/// one stands in the middle. node2vec knows no relations; its score is the cosine.
///
/// `progress` is told how many of how many questions are answered.
pub fn evaluate(
    embeddings: &Embeddings,
    graph: &KnowledgeGraph,
    held_out: &[Triplet],
    progress: impl FnMut(u64, u64) + Send,
) -> LinkPrediction {
    let triplets = graph.triplets();
    let known = Known::new(embeddings.len(), triplets.into_iter());
    let evaluation = Evaluation::new(embeddings, known);
    let ranks = evaluation.ranks(held_out, progress);
    let of_kind = |wanted: Option<u16>| summary(held_out, &ranks, wanted, |ranks| ranks.of_kind);
    let of_all = |wanted: Option<u16>| summary(held_out, &ranks, wanted, |ranks| ranks.of_all);
    let by_relation = graph
        .relations()
        .iter()
        .zip(0u16..)
        .filter_map(|(name, relation)| {
            let triplets = held_out.iter().filter(|t| t.relation == relation).count();
            (triplets > 0).then(|| RelationPrediction {
                relation: name.clone(),
                triplets,
                of_kind: of_kind(Some(relation)),
                of_all: of_all(Some(relation)),
            })
        });
    LinkPrediction {
        triplets: held_out.len(),
        of_kind: of_kind(None),
        of_all: of_all(None),
        relations: by_relation.collect(),
    }
}

/// The ranks of a true node.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Ranks {
    pub(super) of_kind: f64,
    pub(super) of_all: f64,
}

/// The true nodes asked for with one known node and relation.
struct Query {
    side: Side,
    known: u32,
    relation: u16,
    /// The places of the triplets among the held-out ones, and the true nodes.
    answers: Vec<(usize, u32)>,
}

pub(super) struct Evaluation<'a> {
    embeddings: &'a Embeddings,
    model: TripletModel,
    known: Known,
    width: usize,
    nodes: Vec<f32>,
    relations: Vec<f32>,
    by_kind: Vec<Vec<u32>>,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(embeddings: &'a Embeddings, known: Known) -> Self {
        let table = embeddings.nodes();
        let mut by_kind = vec![Vec::new(); table.kinds().len()];
        for node in table.nodes() {
            by_kind[usize::from(table.kind(node))].push(node);
        }
        let dimension = embeddings.dimension();
        let mut nodes = embeddings.vectors().to_vec();
        let (model, relations) = match &embeddings.provenance().options {
            EmbeddingMethod::Triplets(options) => {
                (options.model, embeddings.relation_vectors().to_vec())
            }
            EmbeddingMethod::Network(_) => (
                TripletModel::DistMult,
                embeddings.relation_vectors().to_vec(),
            ),
            // The cosine is the product of unit vectors; every relation is the same.
            EmbeddingMethod::Node2Vec(_) | EmbeddingMethod::Texts(_) => {
                nodes.chunks_exact_mut(dimension).for_each(normalise);
                (TripletModel::DistMult, vec![1.0; dimension])
            }
        };
        Self {
            embeddings,
            model,
            known,
            width: model.width(dimension),
            nodes: model.padded(&nodes, dimension),
            relations: model.padded(&relations, dimension),
            by_kind,
        }
    }

    /// The ranks of the heads, then of the tails.
    pub(super) fn ranks(
        &self,
        held_out: &[Triplet],
        progress: impl FnMut(u64, u64) + Send,
    ) -> [Vec<Ranks>; 2] {
        let queries = queries(held_out);
        let total = 2 * held_out.len() as u64;
        let progress = Mutex::new((0, progress));
        let answered: Vec<_> = queries
            .par_chunks(BLOCK)
            .map(|block| {
                let ranks = self.answer(block);
                if let Ok(mut progress) = progress.lock() {
                    let (done, callback) = &mut *progress;
                    *done += ranks.len() as u64;
                    callback(*done, total);
                }
                ranks
            })
            .collect();
        let mut ranks = Side::ALL.map(|_| vec![Ranks::default(); held_out.len()]);
        for (side, place, rank) in answered.into_iter().flatten() {
            ranks[side as usize][place] = rank;
        }
        ranks
    }

    fn answer(&self, block: &[Query]) -> Vec<(Side, usize, Ranks)> {
        let width = self.width;
        let mut vectors = vec![0.0; block.len() * width];
        for (query, vector) in block.iter().zip(vectors.chunks_exact_mut(width)) {
            let known = &self.nodes[query.known as usize * width..][..width];
            let start = usize::from(query.relation) * width;
            // node2vec has one vector for all relations.
            let relation = self.relations.get(start..start + width);
            let relation = relation.unwrap_or(&self.relations[..width]);
            self.model.query(query.side, known, relation, vector);
        }
        let mut scores = vec![0.0; block.len() * self.embeddings.len()];
        pulp::Arch::new().dispatch(Score {
            model: self.model,
            width,
            queries: &vectors,
            nodes: &self.nodes,
            scores: &mut scores,
        });
        let mut ranks = Vec::new();
        for (query, scores) in block
            .iter()
            .zip(scores.chunks_exact_mut(self.embeddings.len()))
        {
            let true_scores: Vec<f32> = query
                .answers
                .iter()
                .map(|&(_, node)| scores[node as usize])
                .collect();
            for &node in self.known.nodes(query.side, query.known, query.relation) {
                scores[node as usize] = f32::NEG_INFINITY;
            }
            for (&(place, node), score) in query.answers.iter().zip(true_scores) {
                let kind = self.embeddings.nodes().kind(node);
                let of_kind = self.by_kind[usize::from(kind)].iter();
                let rank = Ranks {
                    of_kind: rank(of_kind.map(|&node| scores[node as usize]), score),
                    of_all: rank(scores.iter().copied(), score),
                };
                ranks.push((query.side, place, rank));
            }
        }
        ranks
    }
}

/// The questions that the triplets pose, alike ones together.
fn queries(held_out: &[Triplet]) -> Vec<Query> {
    let mut asked: Vec<(Side, u32, u16, usize)> = Side::ALL
        .iter()
        .flat_map(|&side| {
            let questions = held_out.iter().enumerate();
            questions.map(move |(place, t)| (side, t.node(side.other()), t.relation, place))
        })
        .collect();
    asked.sort_unstable();
    asked
        .chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2))
        .map(|alike| {
            let (side, known, relation, _) = alike[0];
            let answers = alike
                .iter()
                .map(|&(_, _, _, place)| (place, held_out[place].node(side)))
                .collect();
            Query {
                side,
                known,
                relation,
                answers,
            }
        })
        .collect()
}

/// The place of a score among those of its rivals, in the middle of equal ones.
pub(super) fn rank(rivals: impl Iterator<Item = f32>, score: f32) -> f64 {
    let (mut better, mut equal) = (0u32, 0u32);
    for rival in rivals {
        // What is no number is no answer.
        better += u32::from(rival > score || rival.is_nan() || score.is_nan());
        equal += u32::from(rival == score);
    }
    1.0 + f64::from(better) + f64::from(equal) / 2.0
}

/// The scores of all nodes for some queries: `[queries, nodes]`.
struct Score<'a> {
    model: TripletModel,
    width: usize,
    queries: &'a [f32],
    nodes: &'a [f32],
    scores: &'a mut [f32],
}

impl WithSimd for Score<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let count = self.nodes.len() / self.width;
        for (number, node) in self.nodes.chunks_exact(self.width).enumerate() {
            let queries = self.queries.chunks_exact(self.width);
            for (query, scores) in queries.zip(self.scores.chunks_exact_mut(count)) {
                scores[number] = self.model.score(simd, (query, node));
            }
        }
    }
}

fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        for value in vector {
            *value /= length;
        }
    }
}

/// The metrics of all held-out triplets, or those of the `wanted` relation.
fn summary(
    held_out: &[Triplet],
    ranks: &[Vec<Ranks>; 2],
    wanted: Option<u16>,
    pick: impl Fn(&Ranks) -> f64,
) -> Sides {
    let of_side = |side: Side| -> Vec<f64> {
        let ranked = held_out.iter().zip(&ranks[side as usize]);
        ranked
            .filter(|(triplet, _)| wanted.is_none_or(|relation| triplet.relation == relation))
            .map(|(_, ranks)| pick(ranks))
            .collect()
    };
    let (head, tail) = (of_side(Side::Head), of_side(Side::Tail));
    Sides {
        head: Metrics::of(&head),
        tail: Metrics::of(&tail),
        both: Metrics::of(&[head, tail].concat()),
    }
}

impl Metrics {
    /// The metrics of some ranks; all zero without any.
    pub(super) fn of(ranks: &[f64]) -> Self {
        let mean = |value: &dyn Fn(f64) -> f64| {
            let sum: f64 = ranks.iter().map(|&rank| value(rank)).sum();
            sum / ranks.len().max(1) as f64
        };
        let hits = |limit: f64| mean(&|rank| f64::from(u8::from(rank <= limit)));
        Self {
            mean_reciprocal_rank: mean(&f64::recip),
            hits_at_1: hits(1.0),
            hits_at_3: hits(3.0),
            hits_at_10: hits(10.0),
            mean_rank: mean(&|rank| rank),
        }
    }
}
