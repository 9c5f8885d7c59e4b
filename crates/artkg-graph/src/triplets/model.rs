use std::str::FromStr;

use pulp::Simd;
use serde::{Deserialize, Serialize};

use super::kernel::{self, BLOCK, Rows, RowsMut};
use super::triplet::Side;

/// A model of triplets. It turns the known node and the relation into a query, a
/// vector that the missing node is scored against; higher is better.
///
/// | model | query for the tail | query for the head | score |
/// |---|---|---|---|
/// | TransE | h + r | t − r | −Σ\|q − e\| |
/// | DistMult | h ∘ r | t ∘ r | q · e |
/// | RotatE | h ∘ r, complex | t ∘ r̄ | −Σ\|q − e\|, complex moduli |
///
/// A row of RotatE holds the real parts of `dimension` / 2 complex numbers, then
/// their imaginary parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TripletModel {
    /// Relations are translations (A. Bordes and others, NIPS 2013), with the L1
    /// distance.
    TransE,
    /// Relations are diagonal matrices (B. Yang and others, ICLR 2015): symmetric
    /// in head and tail.
    DistMult,
    /// Relations are rotations in the complex plane (Z. Sun and others, ICLR 2019).
    RotatE,
}

impl TripletModel {
    /// All models.
    pub const ALL: [Self; 3] = [Self::TransE, Self::DistMult, Self::RotatE];

    /// The name as its paper writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::TransE => "TransE",
            Self::DistMult => "DistMult",
            Self::RotatE => "RotatE",
        }
    }

    /// The parts of a row that are padded to whole blocks, each on its own.
    fn parts(self) -> usize {
        match self {
            Self::TransE | Self::DistMult => 1,
            Self::RotatE => 2,
        }
    }

    /// The length of a padded row of `dimension` numbers.
    pub(super) fn width(self, dimension: usize) -> usize {
        self.parts() * (dimension / self.parts()).next_multiple_of(BLOCK)
    }

    /// How many numbers a relation learns, padding included. RotatE learns angles.
    pub(super) fn relation_width(self, dimension: usize) -> usize {
        self.width(dimension) / self.parts()
    }

    /// Rows of `dimension` numbers with their padding.
    pub(super) fn padded(self, rows: &[f32], dimension: usize) -> Vec<f32> {
        let (part, padded) = (dimension / self.parts(), self.relation_width(dimension));
        let mut result = vec![0.0; rows.len() / part * padded];
        for (row, result) in rows.chunks_exact(part).zip(result.chunks_exact_mut(padded)) {
            result[..part].copy_from_slice(row);
        }
        result
    }

    /// Rows of `dimension` numbers without their padding.
    pub(super) fn trimmed(self, rows: &[f32], dimension: usize) -> Vec<f32> {
        let (part, padded) = (dimension / self.parts(), self.relation_width(dimension));
        rows.chunks_exact(padded)
            .flat_map(|row| &row[..part])
            .copied()
            .collect()
    }

    /// The relation's vector from what it learns: of RotatE, the complex numbers of
    /// its angles.
    pub(super) fn relation_vector(self, learnt: &[f32], vector: &mut [f32]) {
        match self {
            Self::TransE | Self::DistMult => vector.copy_from_slice(learnt),
            Self::RotatE => {
                let (real, imaginary) = vector.split_at_mut(learnt.len());
                for ((angle, real), imaginary) in learnt.iter().zip(real).zip(imaginary) {
                    (*imaginary, *real) = angle.sin_cos();
                }
            }
        }
    }

    /// The gradient of what the relation learns from that of its vector.
    pub(super) fn relation_gradient(self, vector: &[f32], of_vector: &[f32], learnt: &mut [f32]) {
        match self {
            Self::TransE | Self::DistMult => learnt.copy_from_slice(of_vector),
            Self::RotatE => {
                let half = learnt.len();
                for (place, learnt) in learnt.iter_mut().enumerate() {
                    *learnt = vector[place] * of_vector[half + place]
                        - vector[half + place] * of_vector[place];
                }
            }
        }
    }

    /// What the missing node at `side` is scored against.
    #[inline(always)]
    pub(super) fn query(self, side: Side, known: &[f32], relation: &[f32], query: &mut [f32]) {
        let rows = query.iter_mut().zip(known).zip(relation);
        match (self, side) {
            (Self::TransE, Side::Tail) => {
                for ((query, known), relation) in rows {
                    *query = known + relation;
                }
            }
            (Self::TransE, Side::Head) => {
                for ((query, known), relation) in rows {
                    *query = known - relation;
                }
            }
            (Self::DistMult, _) => {
                for ((query, known), relation) in rows {
                    *query = known * relation;
                }
            }
            (Self::RotatE, side) => {
                let half = query.len() / 2;
                let turn = direction(side);
                for place in 0..half {
                    let (real, imaginary) = (known[place], known[half + place]);
                    let (cosine, sine) = (relation[place], turn * relation[half + place]);
                    query[place] = real * cosine - imaginary * sine;
                    query[half + place] = real * sine + imaginary * cosine;
                }
            }
        }
    }

    /// Adds the gradients of the known node and the relation, from that of the query.
    #[inline(always)]
    pub(super) fn add_query_gradient(
        self,
        side: Side,
        (known, relation): (&[f32], &[f32]),
        of_query: &[f32],
        (of_known, of_relation): (&mut [f32], &mut [f32]),
    ) {
        let rows = of_known
            .iter_mut()
            .zip(of_relation.iter_mut())
            .zip(of_query);
        match (self, side) {
            (Self::TransE, Side::Tail) => {
                for ((of_known, of_relation), of_query) in rows {
                    *of_known += of_query;
                    *of_relation += of_query;
                }
            }
            (Self::TransE, Side::Head) => {
                for ((of_known, of_relation), of_query) in rows {
                    *of_known += of_query;
                    *of_relation -= of_query;
                }
            }
            (Self::DistMult, _) => {
                for (((of_known, of_relation), of_query), (known, relation)) in
                    rows.zip(known.iter().zip(relation))
                {
                    *of_known += of_query * relation;
                    *of_relation += of_query * known;
                }
            }
            (Self::RotatE, side) => {
                let half = of_query.len() / 2;
                let turn = direction(side);
                for place in 0..half {
                    let (real, imaginary) = (known[place], known[half + place]);
                    let (cosine, sine) = (relation[place], turn * relation[half + place]);
                    let (of_real, of_imaginary) = (of_query[place], of_query[half + place]);
                    of_known[place] += of_real * cosine + of_imaginary * sine;
                    of_known[half + place] += of_imaginary * cosine - of_real * sine;
                    of_relation[place] += of_real * real + of_imaginary * imaginary;
                    of_relation[half + place] += turn * (of_imaginary * real - of_real * imaginary);
                }
            }
        }
    }

    /// The score of a node for a query.
    #[inline(always)]
    pub(super) fn score<S: Simd>(self, simd: S, rows: Rows<'_>) -> f32 {
        match self {
            Self::TransE => -kernel::distance(simd, rows),
            Self::DistMult => kernel::product(simd, rows),
            Self::RotatE => -kernel::complex_distance(simd, rows),
        }
    }

    /// Adds `factor` · ∂score to the gradients of the query and the node.
    #[inline(always)]
    pub(super) fn add_score_gradient<S: Simd>(
        self,
        simd: S,
        factor: f32,
        rows: Rows<'_>,
        gradients: RowsMut<'_>,
    ) {
        match self {
            Self::TransE => kernel::add_distance_gradient(simd, -factor, rows, gradients),
            Self::DistMult => kernel::add_product_gradient(simd, factor, rows, gradients),
            Self::RotatE => kernel::add_complex_distance_gradient(simd, -factor, rows, gradients),
        }
    }
}

/// The sign of the rotation: forwards to the tail, backwards to the head.
#[inline(always)]
fn direction(side: Side) -> f32 {
    match side {
        Side::Tail => 1.0,
        Side::Head => -1.0,
    }
}

impl FromStr for TripletModel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|model| model.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("unknown model `{text}`; there are TransE, DistMult and RotatE"))
    }
}
