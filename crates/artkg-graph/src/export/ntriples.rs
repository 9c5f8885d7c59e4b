//! RDF 1.1 N-Triples: <https://www.w3.org/TR/n-triples/>.
//!
//! A node is `<base>node/<kind>/<name>`, with its type `<base>kind/<kind>` and its
//! name as label; an edge is a triple with `<base>relation/<relation>`. What authority
//! files know of a node is `owl:sameAs`, its other spellings are `skos:altLabel`.

use std::fmt::Write as _;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Error, Result};
use crate::graph::KnowledgeGraph;

/// Everything but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
pub(super) const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const LABEL: &str = "http://www.w3.org/2000/01/rdf-schema#label";
const SAME: &str = "http://www.w3.org/2002/07/owl#sameAs";
const OTHER_LABEL: &str = "http://www.w3.org/2004/02/skos/core#altLabel";

/// Refuses what can't begin an absolute IRI.
pub(super) fn check_base(base: &str) -> Result<()> {
    let scheme = base.split(':').next().unwrap_or_default();
    let absolute = base.len() > scheme.len()
        && scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    let legal = |letter: char| letter > ' ' && !"<>\"{}|^`\\".contains(letter);
    if absolute && base.chars().all(legal) {
        return Ok(());
    }
    Err(Error::Option {
        option: "base IRI",
        value: format!("`{base}`"),
        allowed: "use an absolute IRI such as `https://example.org/art/`",
    })
}

pub(super) fn write(graph: &KnowledgeGraph, base: &str, writer: &mut impl Write) -> io::Result<()> {
    let nodes = graph.nodes();
    let iri = |node: u32| {
        let name = utf8_percent_encode(nodes.name(node), ENCODED);
        format!("<{base}node/{}/{name}>", nodes.kind_name(node))
    };
    for node in nodes.nodes() {
        let (iri, kind) = (iri(node), nodes.kind_name(node));
        writeln!(writer, "{iri} <{TYPE}> <{base}kind/{kind}> .")?;
        writeln!(
            writer,
            "{iri} <{LABEL}> \"{}\" .",
            escaped(nodes.name(node))
        )?;
        let Some(known) = graph.identities().of(node) else {
            continue;
        };
        for identity in &known.identities {
            writeln!(writer, "{iri} <{SAME}> <{}> .", identity.iri())?;
        }
        for alias in &known.aliases {
            writeln!(writer, "{iri} <{OTHER_LABEL}> \"{}\" .", escaped(alias))?;
        }
    }
    for edge in graph.edges() {
        let (source, target) = (iri(edge.source), iri(edge.target));
        writeln!(
            writer,
            "{source} <{base}relation/{}> {target} .",
            edge.relation
        )?;
    }
    Ok(())
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            letter if letter.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{:04X}", u32::from(letter));
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}
