mod gradients;
mod learning;
mod ranks;

use super::*;
use crate::graph::{Edge, KnowledgeGraph, Provenance};

/// A graph of nodes `(kind, how many)`, numbered kind by kind, and edges
/// `(head, relation, tail)`.
fn graph(kinds: &[(&str, u32)], relations: &[&str], edges: &[(u32, u16, u32)]) -> KnowledgeGraph {
    let mut graph = KnowledgeGraph::new(Provenance::default());
    for &(kind, count) in kinds {
        let kind = graph.intern_kind(kind).unwrap();
        for number in 0..count {
            graph.intern_node(kind, &number.to_string()).unwrap();
        }
    }
    for relation in relations {
        graph.intern_relation(relation).unwrap();
    }
    for &(head, relation, tail) in edges {
        let edge = Edge { relation, count: 1 };
        graph.add_edge(head, tail, edge).unwrap();
    }
    graph
}

/// Works of authors, who each have a school and a period: 240 works, 24 authors,
/// 4 schools, 3 periods. A work's school and period follow from its author.
fn art() -> KnowledgeGraph {
    let (authors, schools, periods) = (240, 264, 268);
    let mut edges = Vec::new();
    for work in 0..240 {
        let author = work % 24;
        edges.push((work, 0, authors + author));
        edges.push((work, 1, schools + author % 4));
        edges.push((work, 2, periods + author / 8));
    }
    for author in 0..24 {
        edges.push((authors + author, 3, schools + author % 4));
    }
    let kinds = [("work", 240), ("author", 24), ("school", 4), ("period", 3)];
    let relations = ["created_by", "of_school", "from_period", "belongs_to"];
    graph(&kinds, &relations, &edges)
}

/// Options that learn small graphs fast.
fn options(model: TripletModel) -> TripletOptions {
    TripletOptions {
        dimension: 24,
        epochs: 60,
        negatives: 16,
        batch: 64,
        seed: 5,
        ..TripletOptions::of(model)
    }
}
