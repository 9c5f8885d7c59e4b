use super::triplet::{Side, Triplet};

/// Triplets to be looked up from either side: negatives and rivals that are true
/// are no mistakes and must not count.
pub(super) struct Known {
    heads: Partners,
    tails: Partners,
}

/// The nodes at the other end of each node's edges, by node, then relation, then
/// partner (compressed sparse rows).
struct Partners {
    offsets: Vec<usize>,
    relations: Vec<u16>,
    partners: Vec<u32>,
}

impl Known {
    /// Triplets among `nodes` nodes.
    pub(super) fn new(nodes: usize, triplets: impl Iterator<Item = Triplet> + Clone) -> Self {
        Self {
            heads: Partners::new(nodes, triplets.clone(), Side::Head),
            tails: Partners::new(nodes, triplets, Side::Tail),
        }
    }

    /// The nodes, in ascending order, that make a known triplet at `side` with
    /// `relation` and `other` at the other side.
    #[inline]
    pub(super) fn nodes(&self, side: Side, other: u32, relation: u16) -> &[u32] {
        match side {
            Side::Head => self.heads.row(other, relation),
            Side::Tail => self.tails.row(other, relation),
        }
    }
}

impl Partners {
    fn new(nodes: usize, triplets: impl Iterator<Item = Triplet>, side: Side) -> Self {
        let mut entries: Vec<(u32, u16, u32)> = triplets
            .map(|t| (t.node(side.other()), t.relation, t.node(side)))
            .collect();
        entries.sort_unstable();
        entries.dedup();
        let mut offsets = vec![0; nodes + 1];
        for &(node, _, _) in &entries {
            offsets[node as usize + 1] += 1;
        }
        for node in 0..nodes {
            offsets[node + 1] += offsets[node];
        }
        Self {
            offsets,
            relations: entries.iter().map(|entry| entry.1).collect(),
            partners: entries.iter().map(|entry| entry.2).collect(),
        }
    }

    #[inline]
    fn row(&self, node: u32, relation: u16) -> &[u32] {
        let row = self.offsets[node as usize]..self.offsets[node as usize + 1];
        let relations = &self.relations[row.clone()];
        let start = relations.partition_point(|&other| other < relation);
        let end = start + relations[start..].partition_point(|&other| other == relation);
        &self.partners[row.start + start..row.start + end]
    }
}
