use std::collections::VecDeque;

use crate::graph::KnowledgeGraph;

/// A node's neighbours by one relation and direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeighbourGroup<'a> {
    /// The relation's name.
    pub relation: &'a str,
    /// Whether the edges start from the node asked about.
    pub outgoing: bool,
    /// The neighbours with the edges' counts: highest counts first, then by name.
    pub neighbours: Vec<(u32, u32)>,
}

/// One edge of a path, walked from `from` to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// Where the step starts.
    pub from: u32,
    /// Where it ends.
    pub to: u32,
    /// The relation's name.
    pub relation: &'a str,
    /// Whether the edge points the way the step goes.
    pub forward: bool,
}

impl KnowledgeGraph {
    /// A node's neighbours grouped by relation and direction.
    pub fn neighbour_groups(&self, node: u32) -> Vec<NeighbourGroup<'_>> {
        let mut groups: Vec<NeighbourGroup<'_>> = Vec::new();
        for edge in self.edges_of(node) {
            let outgoing = edge.source == node;
            let neighbour = (if outgoing { edge.target } else { edge.source }, edge.count);
            let known = groups
                .iter_mut()
                .find(|group| group.relation == edge.relation && group.outgoing == outgoing);
            match known {
                Some(group) => group.neighbours.push(neighbour),
                None => groups.push(NeighbourGroup {
                    relation: edge.relation,
                    outgoing,
                    neighbours: vec![neighbour],
                }),
            }
        }
        let order = |relation: &str| self.relations().iter().position(|name| name == relation);
        groups.sort_by_key(|group| (order(group.relation), !group.outgoing));
        let nodes = self.nodes();
        for group in &mut groups {
            group.neighbours.sort_by(|a, b| {
                b.1.cmp(&a.1)
                    .then_with(|| nodes.name(a.0).cmp(nodes.name(b.0)))
            });
        }
        groups
    }

    /// A shortest path between two nodes, whichever way the edges point: empty
    /// from a node to itself, `None` where there is no path.
    pub fn shortest_path(&self, from: u32, to: u32) -> Option<Vec<Step<'_>>> {
        const UNSEEN: u32 = u32::MAX;
        if from == to {
            return Some(Vec::new());
        }
        // Searching from the end gives each node its next one towards the end.
        let mut next = vec![UNSEEN; self.node_count()];
        next[to as usize] = to;
        let mut queue = VecDeque::from([to]);
        while let Some(node) = queue.pop_front() {
            for neighbour in self.neighbours(node) {
                if next[neighbour as usize] == UNSEEN {
                    next[neighbour as usize] = node;
                    queue.push_back(neighbour);
                }
            }
            if next[from as usize] != UNSEEN {
                break;
            }
        }
        if next[from as usize] == UNSEEN {
            return None;
        }
        let mut steps = Vec::new();
        let mut node = from;
        while node != to {
            let target = next[node as usize];
            steps.push(self.step(node, target)?);
            node = target;
        }
        Some(steps)
    }

    fn step(&self, from: u32, to: u32) -> Option<Step<'_>> {
        self.edges_of(from).find_map(|edge| {
            let forward = edge.source == from && edge.target == to;
            let backward = edge.source == to && edge.target == from;
            (forward || backward).then_some(Step {
                from,
                to,
                relation: edge.relation,
                forward,
            })
        })
    }
}
