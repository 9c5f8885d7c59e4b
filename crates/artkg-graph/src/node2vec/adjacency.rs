use rand::Rng;

use crate::graph::KnowledgeGraph;
use crate::seeds::{below, fraction};

/// A graph as random walks see it: undirected, without parallel edges or loops,
/// each node's neighbours side by side in ascending order (compressed sparse
/// rows). It takes 8 bytes a node and 8 an edge, 16 an edge with weights.
#[derive(Clone, Debug)]
pub struct Adjacency {
    offsets: Vec<usize>,
    neighbours: Vec<u32>,
    /// Sums of the weights up to and with each neighbour, within its row.
    cumulative: Option<Vec<f32>>,
}

impl Adjacency {
    /// The adjacency of a knowledge graph; with `weighted`, edge counts are weights.
    pub fn from_graph(graph: &KnowledgeGraph, weighted: bool) -> Self {
        let edges = || {
            graph
                .edges()
                .map(|edge| (edge.source, edge.target, edge.count as f32))
        };
        Self::from_edges(graph.node_count(), edges, weighted)
    }

    /// The adjacency of `nodes` nodes and the undirected edges `(a, b, weight)`
    /// that `edges` gives each time it is called. The weights of parallel edges add
    /// up; weights count only where `weighted`.
    ///
    /// # Panics
    /// Where an edge has a node that is not below `nodes`.
    pub(crate) fn from_edges<I: Iterator<Item = (u32, u32, f32)>>(
        nodes: usize,
        edges: impl Fn() -> I,
        weighted: bool,
    ) -> Self {
        let proper = || edges().filter(|(a, b, _)| a != b);
        let mut starts = vec![0usize; nodes + 1];
        for (a, b, _) in proper() {
            starts[a as usize + 1] += 1;
            starts[b as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut place = starts.clone();
        let mut rows = vec![(0u32, 0f32); starts[nodes]];
        for (a, b, weight) in proper() {
            for (from, to) in [(a, b), (b, a)] {
                rows[place[from as usize]] = (to, weight);
                place[from as usize] += 1;
            }
        }
        let mut adjacency = Self {
            offsets: Vec::with_capacity(nodes + 1),
            neighbours: Vec::with_capacity(rows.len()),
            cumulative: weighted.then(|| Vec::with_capacity(rows.len())),
        };
        adjacency.offsets.push(0);
        for node in 0..nodes {
            adjacency.push_row(&mut rows[starts[node]..starts[node + 1]]);
        }
        adjacency.neighbours.shrink_to_fit();
        adjacency
    }

    fn push_row(&mut self, row: &mut [(u32, f32)]) {
        row.sort_by_key(|&(neighbour, _)| neighbour);
        let mut sum = 0.0;
        for parallel in row.chunk_by(|a, b| a.0 == b.0) {
            self.neighbours.push(parallel[0].0);
            sum += parallel.iter().map(|&(_, weight)| weight).sum::<f32>();
            if let Some(cumulative) = &mut self.cumulative {
                cumulative.push(sum);
            }
        }
        self.offsets.push(self.neighbours.len());
    }

    /// The number of nodes.
    pub fn node_count(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The number of edges, each counted once.
    pub fn edge_count(&self) -> usize {
        self.neighbours.len() / 2
    }

    /// A node's neighbours in ascending order.
    #[inline]
    pub fn neighbours(&self, node: u32) -> &[u32] {
        &self.neighbours[self.row(node)]
    }

    /// Whether two nodes are joined.
    #[inline]
    pub fn joined(&self, a: u32, b: u32) -> bool {
        let (a_row, b_row) = (self.neighbours(a), self.neighbours(b));
        if a_row.len() <= b_row.len() {
            a_row.binary_search(&b).is_ok()
        } else {
            b_row.binary_search(&a).is_ok()
        }
    }

    /// The sum of the weights of a node's edges; without weights, its degree.
    #[inline]
    pub(super) fn total_weight(&self, node: u32) -> f32 {
        match &self.cumulative {
            Some(cumulative) => cumulative[self.row(node)].last().copied().unwrap_or(0.0),
            None => self.row(node).len() as f32,
        }
    }

    /// The weight of the edge between two nodes; 0 where there is none.
    pub fn weight(&self, from: u32, to: u32) -> f32 {
        let row = self.row(from);
        match (
            self.neighbours[row.clone()].binary_search(&to),
            &self.cumulative,
        ) {
            (Err(_), _) => 0.0,
            (Ok(_), None) => 1.0,
            (Ok(0), Some(cumulative)) => cumulative[row.start],
            (Ok(place), Some(cumulative)) => {
                cumulative[row.start + place] - cumulative[row.start + place - 1]
            }
        }
    }

    /// A neighbour drawn in proportion to the edges' weights; `None` without any.
    #[inline]
    pub(super) fn draw(&self, node: u32, random: &mut impl Rng) -> Option<u32> {
        let row = self.row(node);
        let neighbours = &self.neighbours[row.clone()];
        if neighbours.is_empty() {
            return None;
        }
        let place = match &self.cumulative {
            None => below(random.next_u32(), neighbours.len()),
            Some(cumulative) => {
                let sums = &cumulative[row];
                let point = fraction(random.next_u32()) * sums[sums.len() - 1];
                sums.partition_point(|&sum| sum <= point)
                    .min(sums.len() - 1)
            }
        };
        Some(neighbours[place])
    }

    #[inline]
    fn row(&self, node: u32) -> std::ops::Range<usize> {
        self.offsets[node as usize]..self.offsets[node as usize + 1]
    }
}
