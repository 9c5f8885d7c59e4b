//! Nodes that are one thing become one node.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use crate::error::Result;
use crate::graph::{Edge, KnowledgeGraph};

/// The graph with each group of nodes as one, called as the one with most edges; the
/// names of the others are its other spellings.
pub(super) fn merged(graph: &KnowledgeGraph, groups: &[Vec<u32>]) -> Result<KnowledgeGraph> {
    let mut place: Vec<u32> = graph.nodes().nodes().collect();
    let degree = |node: u32| graph.edges_of(node).count();
    for group in groups.iter().filter(|group| group.len() > 1) {
        // A node may be in several groups: these are one.
        let roots: Vec<u32> = group.iter().map(|node| root(&place, *node)).collect();
        let kept = roots
            .iter()
            .copied()
            .max_by_key(|&node| (degree(node), u32::MAX - node));
        for node in roots {
            place[node as usize] = kept.unwrap_or(node);
        }
    }
    if graph
        .nodes()
        .nodes()
        .all(|node| place[node as usize] == node)
    {
        return Ok(graph.clone());
    }
    let mut merged = KnowledgeGraph::new(graph.provenance().clone());
    for kind in graph.nodes().kinds() {
        merged.intern_kind(kind)?;
    }
    for relation in graph.relations() {
        merged.intern_relation(relation)?;
    }
    let mut numbers = vec![0; place.len()];
    for node in graph
        .nodes()
        .nodes()
        .filter(|node| root(&place, *node) == *node)
    {
        let (kind, name) = (graph.nodes().kind(node), graph.nodes().name(node));
        numbers[node as usize] = merged.intern_node(kind, name)?;
    }
    for node in graph.nodes().nodes() {
        let kept = root(&place, node);
        numbers[node as usize] = numbers[kept as usize];
        let known = graph.identities().of(node).cloned().unwrap_or_default();
        let mut aliases = known.aliases;
        if kept != node {
            aliases.push(graph.nodes().name(node).to_owned());
        }
        if !aliases.is_empty() || !known.identities.is_empty() {
            merged.identify(numbers[node as usize], known.identities, aliases);
        }
        merged.set_life(numbers[node as usize], known.life);
    }
    let mut edges: HashMap<(u32, u32, u16), u32> = HashMap::new();
    for edge in graph.petgraph().raw_edges() {
        let number = |index: usize| numbers[index];
        let (source, target) = (number(edge.source().index()), number(edge.target().index()));
        let Edge { relation, count } = edge.weight;
        match edges.entry((source, target, relation)) {
            Entry::Vacant(entry) => {
                entry.insert(merged.add_edge(source, target, Edge { relation, count })?);
            }
            // Kind 0 is that of works, whose edges count one each.
            Entry::Occupied(entry) if merged.nodes().kind(source) != 0 => {
                (0..count).for_each(|_| merged.count_edge(*entry.get()));
            }
            Entry::Occupied(_) => {}
        }
    }
    Ok(merged)
}

fn root(place: &[u32], mut node: u32) -> u32 {
    while place[node as usize] != node {
        node = place[node as usize];
    }
    node
}
