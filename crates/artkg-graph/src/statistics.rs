use petgraph::unionfind::UnionFind;
use serde::Serialize;

use crate::graph::KnowledgeGraph;

/// What a graph consists of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// The number of nodes.
    pub nodes: usize,
    /// The number of edges.
    pub edges: usize,
    /// The number of nodes of each kind.
    pub nodes_by_kind: Vec<Count>,
    /// The number of edges of each relation.
    pub edges_by_relation: Vec<Count>,
    /// How many edges nodes have.
    pub degrees: Degrees,
    /// The number of connected components.
    pub components: usize,
    /// The number of nodes in the largest component.
    pub largest_component: usize,
    /// The number of nodes without edges.
    pub isolated: usize,
}

/// How many of one sort there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The kind or relation.
    pub name: String,
    /// How many.
    pub count: usize,
}

/// How many edges nodes have.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Degrees {
    /// The fewest.
    pub minimum: usize,
    /// The middle value; the mean of the two middle ones where there are two.
    pub median: f64,
    /// The mean.
    pub mean: f64,
    /// The most.
    pub maximum: usize,
    /// The node with the most, as `kind:name`.
    pub maximum_node: Option<String>,
    /// The number of nodes with 0, 1, 2–3, 4–7, 8–15, … edges, up to the maximum.
    pub histogram: Vec<usize>,
}

impl KnowledgeGraph {
    /// Counts nodes, edges, degrees and components.
    pub fn statistics(&self) -> Statistics {
        let mut by_kind = vec![0; self.nodes().kinds().len()];
        for &kind in self.nodes().kind_numbers() {
            by_kind[usize::from(kind)] += 1;
        }
        let mut by_relation = vec![0; self.relations().len()];
        let mut degrees = vec![0usize; self.node_count()];
        let mut components = UnionFind::<u32>::new(self.node_count());
        for edge in self.petgraph().raw_edges() {
            by_relation[usize::from(edge.weight.relation)] += 1;
            let (source, target) = (edge.source().index(), edge.target().index());
            degrees[source] += 1;
            degrees[target] += 1;
            components.union(source as u32, target as u32);
        }
        let mut sizes = vec![0usize; self.node_count()];
        for label in components.into_labeling() {
            sizes[label as usize] += 1;
        }
        let most = (0..degrees.len()).max_by_key(|&node| (degrees[node], usize::MAX - node));
        Statistics {
            nodes: self.node_count(),
            edges: self.edge_count(),
            nodes_by_kind: counts(self.nodes().kinds(), &by_kind),
            edges_by_relation: counts(self.relations(), &by_relation),
            isolated: degrees.iter().filter(|&&degree| degree == 0).count(),
            components: sizes.iter().filter(|&&size| size > 0).count(),
            largest_component: sizes.iter().copied().max().unwrap_or(0),
            degrees: Degrees::of(degrees, most.map(|node| self.nodes().label(node as u32))),
        }
    }
}

impl Degrees {
    fn of(mut degrees: Vec<usize>, maximum_node: Option<String>) -> Self {
        degrees.sort_unstable();
        let (Some(&minimum), Some(&maximum)) = (degrees.first(), degrees.last()) else {
            return Self::default();
        };
        let nodes = degrees.len();
        let mut histogram = vec![0; bucket(maximum) + 1];
        for &degree in &degrees {
            histogram[bucket(degree)] += 1;
        }
        Self {
            minimum,
            median: (degrees[(nodes - 1) / 2] + degrees[nodes / 2]) as f64 / 2.0,
            mean: degrees.iter().sum::<usize>() as f64 / nodes as f64,
            maximum,
            maximum_node,
            histogram,
        }
    }
}

/// 0 → 0, 1 → 1, 2–3 → 2, 4–7 → 3, …
fn bucket(degree: usize) -> usize {
    (usize::BITS - degree.leading_zeros()) as usize
}

fn counts(names: &[String], counts: &[usize]) -> Vec<Count> {
    names
        .iter()
        .zip(counts)
        .map(|(name, &count)| Count {
            name: name.clone(),
            count,
        })
        .collect()
}
