//! Nodes and edges as CSV, as Gephi and spreadsheets read them.

use std::io::{self, Write};

use crate::graph::KnowledgeGraph;

pub(super) fn write_nodes(graph: &KnowledgeGraph, writer: &mut impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    table.write_record(["id", "label", "kind"])?;
    for node in graph.nodes().nodes() {
        let (kind, name) = (graph.nodes().kind_name(node), graph.nodes().name(node));
        table.write_record([node.to_string().as_str(), name, kind])?;
    }
    table.flush()
}

pub(super) fn write_edges(graph: &KnowledgeGraph, writer: &mut impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    table.write_record(["source", "target", "relation", "count"])?;
    for edge in graph.edges() {
        let (source, target) = (edge.source.to_string(), edge.target.to_string());
        table.write_record([&source, &target, edge.relation, &edge.count.to_string()])?;
    }
    table.flush()
}
