//! Nodes and edges as CSV, as Gephi and spreadsheets read them.

use std::io::{self, Write};

use crate::graph::KnowledgeGraph;
use crate::identities::NodeIdentity;

pub(super) fn write_nodes(graph: &KnowledgeGraph, writer: &mut impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    let is_known = !graph.identities().is_empty();
    let known_columns: &[&str] = if is_known {
        &["identity", "aliases"]
    } else {
        &[]
    };
    table.write_record(["id", "label", "kind"].iter().chain(known_columns))?;
    for node in graph.nodes().nodes() {
        let (kind, name) = (graph.nodes().kind_name(node), graph.nodes().name(node));
        let mut cells = vec![node.to_string(), name.to_owned(), kind.to_owned()];
        if is_known {
            let known = graph.identities().of(node);
            cells.push(known.map(NodeIdentity::addresses).unwrap_or_default());
            cells.push(known.map_or_else(String::new, |known| known.aliases.join("|")));
        }
        table.write_record(cells)?;
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
