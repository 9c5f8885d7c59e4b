//! GraphML: <http://graphml.graphdrawing.org/primer/graphml-primer.html>.

use std::io::{self, Write};

use super::xml::Document;
use crate::graph::KnowledgeGraph;

pub(super) fn write(graph: &KnowledgeGraph, writer: &mut impl Write) -> io::Result<()> {
    let mut document = Document::new(writer)?;
    document.open(
        "graphml",
        &[("xmlns", "http://graphml.graphdrawing.org/xmlns")],
    )?;
    // Where nothing is known, the file has no word of it.
    let known: &[_] = match graph.identities().is_empty() {
        true => &[],
        false => &[
            ("identity", "node", "identity", "string"),
            ("aliases", "node", "aliases", "string"),
        ],
    };
    let keys = [
        ("kind", "node", "kind", "string"),
        ("name", "node", "name", "string"),
        ("relation", "edge", "relation", "string"),
        ("count", "edge", "count", "int"),
    ];
    for (id, target, name, kind) in keys.iter().chain(known).copied() {
        let attributes = [
            ("id", id),
            ("for", target),
            ("attr.name", name),
            ("attr.type", kind),
        ];
        document.empty("key", &attributes)?;
    }
    document.open("graph", &[("id", "artkg"), ("edgedefault", "directed")])?;
    for node in graph.nodes().nodes() {
        document.open("node", &[("id", &format!("n{node}"))])?;
        document.text("data", &[("key", "kind")], graph.nodes().kind_name(node))?;
        document.text("data", &[("key", "name")], graph.nodes().name(node))?;
        if let Some(known) = graph.identities().of(node) {
            document.text("data", &[("key", "identity")], &known.addresses())?;
            document.text("data", &[("key", "aliases")], &known.aliases.join("|"))?;
        }
        document.close("node")?;
    }
    for edge in graph.edges() {
        let (source, target) = (format!("n{}", edge.source), format!("n{}", edge.target));
        document.open("edge", &[("source", &source), ("target", &target)])?;
        document.text("data", &[("key", "relation")], edge.relation)?;
        document.text("data", &[("key", "count")], &edge.count.to_string())?;
        document.close("edge")?;
    }
    document.close("graph")?;
    document.close("graphml")
}
