//! Nodes and edges as CSV, as Gephi and spreadsheets read them.

use std::io::{self, Write};

use artkg_files::table::TableWriter;

use crate::graph::KnowledgeGraph;
use crate::identities::NodeIdentity;

/// The columns of the nodes.
pub(super) const NODE_COLUMNS: [&str; 3] = ["id", "label", "kind"];
/// The further columns of the nodes, where some have an identity.
const KNOWN_COLUMNS: [&str; 2] = ["identity", "aliases"];
/// The columns of the edges.
pub(super) const EDGE_COLUMNS: [&str; 4] = ["source", "target", "relation", "count"];

pub(super) fn write_nodes(graph: &KnowledgeGraph, writer: &mut impl Write) -> io::Result<()> {
    let mut table = TableWriter::new(writer);
    let is_known = !graph.identities().is_empty();
    let known_columns = if is_known { &KNOWN_COLUMNS[..] } else { &[] };
    table.row(NODE_COLUMNS.iter().chain(known_columns))?;
    for node in graph.nodes().nodes() {
        let (kind, name) = (graph.nodes().kind_name(node), graph.nodes().name(node));
        let mut cells = vec![node.to_string(), name.to_owned(), kind.to_owned()];
        if is_known {
            let known = graph.identities().of(node);
            cells.push(known.map(NodeIdentity::addresses).unwrap_or_default());
            cells.push(known.map_or_else(String::new, |known| known.aliases.join("|")));
        }
        table.row(cells)?;
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
