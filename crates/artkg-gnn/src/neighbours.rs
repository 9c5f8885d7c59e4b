use artkg_graph::KnowledgeGraph;

/// A neighbour of a node, by which relation, and how much it counts in the mean of the
/// node's neighbours by that relation: 1 / their number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Neighbour {
    pub(crate) node: u32,
    pub(crate) relation: u16,
    pub(crate) weight: f32,
}

/// The neighbours of each node, and whose neighbour each node is.
#[derive(Debug)]
pub(crate) struct Neighbours {
    pub(crate) relations: usize,
    of: Rows,
    to: Rows,
}

/// Lists side by side (compressed sparse rows).
#[derive(Debug)]
struct Rows {
    starts: Vec<usize>,
    entries: Vec<Neighbour>,
}

impl Neighbours {
    /// The neighbours of the nodes of a graph, which edges join both ways. With
    /// `by_relation` each relation and each direction is one of its own, otherwise all
    /// are one.
    pub(crate) fn of_graph(graph: &KnowledgeGraph, by_relation: bool) -> Self {
        let names = graph.relations();
        let mut edges: Vec<(u32, u16, u32)> = Vec::with_capacity(2 * graph.edge_count());
        for triplet in graph.triplets() {
            let (forth, back) = match by_relation {
                true => (triplet.relation, triplet.relation + names.len() as u16),
                false => (0, 0),
            };
            edges.push((triplet.head, forth, triplet.tail));
            edges.push((triplet.tail, back, triplet.head));
        }
        edges.sort_unstable();
        edges.dedup();
        let relations = if by_relation { 2 * names.len() } else { 1 };
        Self::new(graph.node_count(), relations, &edges)
    }

    /// From edges `(node, relation, neighbour)` in ascending order.
    fn new(nodes: usize, relations: usize, edges: &[(u32, u16, u32)]) -> Self {
        let weighed = edges
            .chunk_by(|first, second| (first.0, first.1) == (second.0, second.1))
            .flat_map(|alike| {
                let weight = 1.0 / alike.len() as f32;
                alike
                    .iter()
                    .map(move |&(node, relation, neighbour)| (node, relation, neighbour, weight))
            });
        let weighed: Vec<(u32, u16, u32, f32)> = weighed.collect();
        let of = weighed.iter().map(|&(node, relation, other, weight)| {
            let neighbour = Neighbour {
                node: other,
                relation,
                weight,
            };
            (node, neighbour)
        });
        let to = weighed.iter().map(|&(node, relation, other, weight)| {
            let neighbour = Neighbour {
                node,
                relation,
                weight,
            };
            (other, neighbour)
        });
        Self {
            relations,
            of: Rows::new(nodes, of),
            to: Rows::new(nodes, to),
        }
    }

    pub(crate) fn nodes(&self) -> usize {
        self.of.starts.len() - 1
    }

    /// The neighbours of a node.
    pub(crate) fn of(&self, node: usize) -> &[Neighbour] {
        self.of.row(node)
    }

    /// The nodes that a node is a neighbour of, and how much it counts for each.
    pub(crate) fn to(&self, node: usize) -> &[Neighbour] {
        self.to.row(node)
    }
}

impl Rows {
    fn new(rows: usize, entries: impl Iterator<Item = (u32, Neighbour)> + Clone) -> Self {
        let mut starts = vec![0; rows + 1];
        for (row, _) in entries.clone() {
            starts[row as usize + 1] += 1;
        }
        for row in 0..rows {
            starts[row + 1] += starts[row];
        }
        let mut places = starts.clone();
        let nobody = Neighbour {
            node: 0,
            relation: 0,
            weight: 0.0,
        };
        let mut placed = vec![nobody; starts[rows]];
        for (row, entry) in entries {
            placed[places[row as usize]] = entry;
            places[row as usize] += 1;
        }
        Self {
            starts,
            entries: placed,
        }
    }

    fn row(&self, row: usize) -> &[Neighbour] {
        &self.entries[self.starts[row]..self.starts[row + 1]]
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Three nodes, two relations: 0 has 1 and 2 by the first, 1 has 2 by the second.
    pub(crate) fn small() -> Neighbours {
        Neighbours::new(3, 2, &[(0, 0, 1), (0, 0, 2), (1, 1, 2)])
    }

    #[test]
    fn neighbours_by_a_relation_share_the_weight() {
        let neighbours = small();
        let entry = |node, relation, weight| Neighbour {
            node,
            relation,
            weight,
        };
        assert_eq!(neighbours.of(0), [entry(1, 0, 0.5), entry(2, 0, 0.5)]);
        assert_eq!(neighbours.of(2), []);
        assert_eq!(neighbours.to(2), [entry(0, 0, 0.5), entry(1, 1, 1.0)]);
    }
}
