use pulp::{Simd, WithSimd};

use super::known::Known;
use super::loss;
use super::options::TripletOptions;
use super::sampling::{CHUNK, Chunk, Sampler};
use super::table::Table;

/// What all chunks of a batch read.
pub(super) struct Model<'a> {
    pub(super) options: &'a TripletOptions,
    pub(super) sampler: Sampler<'a>,
    /// The triplets to learn from: none of them is a negative.
    pub(super) known: Known,
    pub(super) nodes: Table,
    pub(super) relations: Table,
}

/// The gradients of a chunk of triplets, with room to work them out.
pub(super) struct ChunkGradients {
    /// The node of each row of `rows`: the known nodes of the triplets, the nodes
    /// replaced, then the negatives.
    pub(super) nodes: Vec<u32>,
    /// The gradients of the nodes' vectors.
    pub(super) rows: Vec<f32>,
    pub(super) relation: u16,
    /// The gradient of what the relation learns.
    pub(super) of_relation: Vec<f32>,
    /// The sum of the triplets' losses.
    pub(super) loss: f64,
    relation_vector: Vec<f32>,
    of_relation_vector: Vec<f32>,
    query: Vec<f32>,
    of_query: Vec<f32>,
    scores: Vec<f32>,
    weights: Vec<f32>,
}

impl ChunkGradients {
    pub(super) fn new(options: &TripletOptions) -> Self {
        let width = options.model.width(options.dimension);
        let negatives = options.negatives;
        Self {
            nodes: Vec::with_capacity(2 * CHUNK + negatives),
            rows: Vec::with_capacity((2 * CHUNK + negatives) * width),
            relation: 0,
            of_relation: vec![0.0; options.model.relation_width(options.dimension)],
            loss: 0.0,
            relation_vector: vec![0.0; width],
            of_relation_vector: vec![0.0; width],
            query: vec![0.0; width],
            of_query: vec![0.0; width],
            scores: vec![0.0; negatives],
            weights: vec![0.0; negatives],
        }
    }

    /// Works out the loss and the gradients of `chunk`.
    pub(super) fn compute(&mut self, model: &Model<'_>, chunk: &Chunk<'_>) {
        let (triplets, negatives) = (chunk.triplets, model.options.negatives);
        self.nodes.clear();
        let known_side = chunk.side.other();
        self.nodes
            .extend(triplets.iter().map(|t| t.node(known_side)));
        self.nodes
            .extend(triplets.iter().map(|t| t.node(chunk.side)));
        self.nodes.resize(2 * triplets.len() + negatives, 0);
        model
            .sampler
            .draw(chunk, &mut self.nodes[2 * triplets.len()..]);
        self.rows.clear();
        self.rows.resize(self.nodes.len() * self.query.len(), 0.0);
        self.of_relation_vector.fill(0.0);
        self.loss = 0.0;
        self.relation = triplets[0].relation;
        let learnt = model.relations.row(u32::from(self.relation));
        let kind = model.options.model;
        kind.relation_vector(learnt, &mut self.relation_vector);
        pulp::Arch::new().dispatch(Compute {
            gradients: self,
            model,
            chunk,
        });
        kind.relation_gradient(
            &self.relation_vector,
            &self.of_relation_vector,
            &mut self.of_relation,
        );
    }
}

struct Compute<'g, 'a, 'c> {
    gradients: &'g mut ChunkGradients,
    model: &'a Model<'a>,
    chunk: &'a Chunk<'c>,
}

impl WithSimd for Compute<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for place in 0..self.chunk.triplets.len() {
            self.learn(simd, place);
        }
    }
}

impl Compute<'_, '_, '_> {
    /// Adds the gradients of a triplet and its negatives.
    #[inline(always)]
    fn learn<S: Simd>(&mut self, simd: S, place: usize) {
        let (side, count) = (self.chunk.side, self.chunk.triplets.len());
        let options = self.model.options;
        let kind = options.model;
        let table = &self.model.nodes;
        let ChunkGradients {
            nodes,
            rows,
            loss,
            relation_vector,
            of_relation_vector,
            query,
            of_query,
            scores,
            weights,
            ..
        } = &mut *self.gradients;
        let width = query.len();
        let (known, replaced) = (table.row(nodes[place]), table.row(nodes[count + place]));
        kind.query(side, known, relation_vector, query);
        let positive = kind.score(simd, (query, replaced));
        let negatives = &nodes[2 * count..];
        for (score, &negative) in scores.iter_mut().zip(negatives) {
            *score = kind.score(simd, (query, table.row(negative)));
        }
        mask(self.model, self.chunk, place, negatives, scores);
        let (triplet_loss, of_positive) = loss::differentiate(options, positive, scores, weights);
        *loss += f64::from(triplet_loss);

        of_query.fill(0.0);
        let (of_known, others) = rows.split_at_mut(count * width);
        let (of_replaced, of_negatives) = others.split_at_mut(count * width);
        let of_known = &mut of_known[place * width..][..width];
        let of_replaced = &mut of_replaced[place * width..][..width];
        kind.add_score_gradient(
            simd,
            of_positive,
            (query, replaced),
            (of_query, of_replaced),
        );
        let of_negatives = of_negatives.chunks_exact_mut(width);
        for ((&factor, &negative), of_negative) in scores.iter().zip(negatives).zip(of_negatives) {
            if factor != 0.0 {
                let rows = (&query[..], table.row(negative));
                kind.add_score_gradient(simd, factor, rows, (of_query, of_negative));
            }
        }
        let penalty = options.regularisation;
        if penalty > 0.0 {
            for ((of_known, known), (of_replaced, replaced)) in
                (of_known.iter_mut().zip(known)).zip(of_replaced.iter_mut().zip(replaced))
            {
                *of_known += penalty * known;
                *of_replaced += penalty * replaced;
            }
        }
        kind.add_query_gradient(
            side,
            (known, relation_vector),
            of_query,
            (of_known, of_relation_vector),
        );
    }
}

/// Gives negatives that make a known triplet the score −∞.
fn mask(model: &Model<'_>, chunk: &Chunk<'_>, place: usize, negatives: &[u32], scores: &mut [f32]) {
    let (triplet, side) = (chunk.triplets[place], chunk.side);
    let node = triplet.node(side.other());
    let known = model.known.nodes(side, node, triplet.relation);
    for (score, negative) in scores.iter_mut().zip(negatives) {
        if known.binary_search(negative).is_ok() {
            *score = f32::NEG_INFINITY;
        }
    }
}
