use serde::{Deserialize, Serialize};

use crate::graph::KnowledgeGraph;

/// An edge as a statement: `head` has `relation` to `tail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Triplet {
    /// The node that the edge starts from.
    pub head: u32,
    /// The number of the relation.
    pub relation: u16,
    /// The node that the edge leads to.
    pub tail: u32,
}

/// One of the two nodes of a triplet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The node that the edge starts from.
    Head,
    /// The node that the edge leads to.
    Tail,
}

impl Side {
    /// Both sides.
    pub const ALL: [Self; 2] = [Self::Head, Self::Tail];

    /// The other side.
    #[must_use]
    #[inline(always)]
    pub fn other(self) -> Self {
        match self {
            Self::Head => Self::Tail,
            Self::Tail => Self::Head,
        }
    }
}

impl Triplet {
    /// The node on a side.
    #[inline(always)]
    pub fn node(self, side: Side) -> u32 {
        match side {
            Side::Head => self.head,
            Side::Tail => self.tail,
        }
    }
}

impl KnowledgeGraph {
    /// The edges as triplets, in the order in which they were added.
    pub fn triplets(&self) -> Vec<Triplet> {
        self.petgraph()
            .raw_edges()
            .iter()
            .map(|edge| Triplet {
                head: edge.source().index() as u32,
                relation: edge.weight.relation,
                tail: edge.target().index() as u32,
            })
            .collect()
    }
}
