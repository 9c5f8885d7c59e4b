//! Nodes and edges as CSV, as Gephi and spreadsheets read them.

use std::io::{self, Write};

use artkg_files::table::TableWriter;

use crate::graph::KnowledgeGraph;

/// The columns of the nodes.
pub(super) const NODE_COLUMNS: [&str; 3] = ["id", "label", "kind"];
/// The columns of the edges.
pub(super) const EDGE_COLUMNS: [&str; 4] = ["source", "target", "relation", "count"];

pub(super) fn write_nodes(graph: &KnowledgeGraph, writer: &mut impl Write) -> io::Result<()> {
    let mut table = TableWriter::new(writer);
    table.row(NODE_COLUMNS)?;
    for node in graph.nodes().nodes() {
        let (kind, name) = (graph.nodes().kind_name(node), graph.nodes().name(node));
        table.row([node.to_string().as_str(), name, kind])?;
    }
    table.flush()
}

pub(super) fn write_edges(graph: &KnowledgeGraph, writer: &mut impl Write) -> io::Result<()> {
    let mut table = TableWriter::new(writer);
    table.row(EDGE_COLUMNS)?;
    for edge in graph.edges() {
        let (source, target) = (edge.source.to_string(), edge.target.to_string());
        table.row([&source, &target, edge.relation, &edge.count.to_string()])?;
    }
    table.flush()
}
