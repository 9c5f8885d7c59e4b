use std::cmp::Ordering;

use rayon::prelude::*;

use super::vectors::Embeddings;

/// A node and its similarity to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// The node's number.
    pub node: u32,
    /// The cosine of the angle between the vectors, -1 to 1.
    pub cosine: f32,
}

impl Embeddings {
    /// The `count` nodes whose vectors point most nearly where `node`'s does, the
    /// node itself left out; of one kind only where `kind` is given. Highest
    /// cosine first.
    pub fn nearest(&self, node: u32, kind: Option<u16>, count: usize) -> Vec<Neighbour> {
        let query = self.vector(node);
        let wanted =
            |other: &u32| *other != node && kind.is_none_or(|kind| self.nodes.kind(*other) == kind);
        let mut found: Vec<Neighbour> = self
            .nodes
            .nodes()
            .into_par_iter()
            .with_min_len(1024)
            .filter(wanted)
            .map(|node| Neighbour {
                node,
                cosine: cosine(query, self.vector(node)),
            })
            .collect();
        if count < found.len() {
            found.select_nth_unstable_by(count, best_first);
            found.truncate(count);
        }
        found.sort_by(best_first);
        found
    }
}

fn best_first(a: &Neighbour, b: &Neighbour) -> Ordering {
    b.cosine.total_cmp(&a.cosine).then(a.node.cmp(&b.node))
}

/// The cosine of two vectors; 0 where one of them is zero.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let product = (dot(a, a) * dot(b, b)).sqrt();
    if product > 0.0 {
        dot(a, b) / product
    } else {
        0.0
    }
}

/// In eight sums, which lets compilers use vector registers.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0f32; 8];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}
