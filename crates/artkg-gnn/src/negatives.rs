use artkg_graph::KnowledgeGraph;
use artkg_graph::triplets::Triplet;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// Edges that are drawn: one end of a true edge is replaced by a node of the same kind,
/// so that telling them apart takes more than knowing kinds.
pub(crate) struct Negatives {
    kind_of: Vec<u16>,
    by_kind: Vec<Vec<u32>>,
}

impl Negatives {
    pub(crate) fn of(graph: &KnowledgeGraph) -> Self {
        let nodes = graph.nodes();
        let mut by_kind = vec![Vec::new(); nodes.kinds().len()];
        for node in nodes.nodes() {
            by_kind[usize::from(nodes.kind(node))].push(node);
        }
        Self {
            kind_of: nodes.nodes().map(|node| nodes.kind(node)).collect(),
            by_kind,
        }
    }

    /// An edge like `triplet` with another head, or where `replaces_tail` another tail.
    pub(crate) fn draw(
        &self,
        triplet: Triplet,
        replaces_tail: bool,
        generator: &mut Pcg64Mcg,
    ) -> Triplet {
        let mut other = |node: u32| {
            let alike = &self.by_kind[usize::from(self.kind_of[node as usize])];
            alike[generator.random_range(0..alike.len())]
        };
        match replaces_tail {
            true => Triplet {
                tail: other(triplet.tail),
                ..triplet
            },
            false => Triplet {
                head: other(triplet.head),
                ..triplet
            },
        }
    }
}
