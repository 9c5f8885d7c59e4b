//! The DOT language: <https://graphviz.org/doc/info/lang.html>.

use std::io::{self, Write};

use crate::graph::KnowledgeGraph;

pub(super) fn write(graph: &KnowledgeGraph, writer: &mut impl Write) -> io::Result<()> {
    writeln!(writer, "digraph artkg {{")?;
    for node in graph.nodes().nodes() {
        let (kind, name) = (graph.nodes().kind_name(node), graph.nodes().name(node));
        let known = graph.identities().of(node);
        let known = known.map_or_else(String::new, |known| {
            format!(", identity={}", quoted(&known.addresses()))
        });
        writeln!(
            writer,
            "  n{node} [label={}, kind={}{known}];",
            quoted(name),
            quoted(kind)
        )?;
    }
    for edge in graph.edges() {
        let (source, target) = (edge.source, edge.target);
        let (relation, count) = (quoted(edge.relation), edge.count);
        writeln!(
            writer,
            "  n{source} -> n{target} [label={relation}, count={count}];"
        )?;
    }
    writeln!(writer, "}}")
}

/// In a quoted string only `"` needs escaping, but labels also read `\n` and the
/// like, so backslashes are doubled.
fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace(['\n', '\r', '\0'], " ");
    format!("\"{escaped}\"")
}
