//! GEXF 1.2: <https://gexf.net/1.2/>.

use std::io::{self, Write};

use super::xml::Document;
use crate::graph::KnowledgeGraph;

pub(super) fn write(graph: &KnowledgeGraph, writer: &mut impl Write) -> io::Result<()> {
    let mut document = Document::new(writer)?;
    let namespace = [
        ("xmlns", "http://www.gexf.net/1.2draft"),
        ("version", "1.2"),
    ];
    document.open("gexf", &namespace)?;
    document.open(
        "graph",
        &[("mode", "static"), ("defaultedgetype", "directed")],
    )?;
    let of_nodes: &[&str] = match graph.identities().is_empty() {
        true => &["kind"],
        false => &["kind", "identity", "aliases"],
    };
    for (class, titles) in [("node", of_nodes), ("edge", &["relation"])] {
        document.open("attributes", &[("class", class)])?;
        for title in titles {
            document.empty(
                "attribute",
                &[("id", title), ("title", title), ("type", "string")],
            )?;
        }
        document.close("attributes")?;
    }
    document.open("nodes", &[])?;
    for node in graph.nodes().nodes() {
        let id = node.to_string();
        document.open("node", &[("id", &id), ("label", graph.nodes().name(node))])?;
        document.open("attvalues", &[])?;
        value(&mut document, "kind", graph.nodes().kind_name(node))?;
        if let Some(known) = graph.identities().of(node) {
            value(&mut document, "identity", &known.addresses())?;
            value(&mut document, "aliases", &known.aliases.join("|"))?;
        }
        document.close("attvalues")?;
        document.close("node")?;
    }
    document.close("nodes")?;
    document.open("edges", &[])?;
    for (number, edge) in graph.edges().enumerate() {
        let attributes = [
            ("id", &*number.to_string()),
            ("source", &edge.source.to_string()),
            ("target", &edge.target.to_string()),
            ("weight", &edge.count.to_string()),
        ];
        document.open("edge", &attributes)?;
        document.open("attvalues", &[])?;
        value(&mut document, "relation", edge.relation)?;
        document.close("attvalues")?;
        document.close("edge")?;
    }
    document.close("edges")?;
    document.close("graph")?;
    document.close("gexf")
}

fn value<W: Write>(document: &mut Document<W>, title: &str, value: &str) -> io::Result<()> {
    document.empty("attvalue", &[("for", title), ("value", value)])
}
