use std::fs;

use artkg_graph::{Error, FileKind, GRAPH_FORMAT, KnowledgeGraph};

use crate::support::graph;

type Edge = (u32, u32, String, u32);

fn everything(graph: &KnowledgeGraph) -> (Vec<String>, Vec<Edge>) {
    let nodes = graph.nodes();
    let edges = graph.edges();
    (
        nodes.nodes().map(|node| nodes.label(node)).collect(),
        edges
            .map(|e| (e.source, e.target, e.relation.to_owned(), e.count))
            .collect(),
    )
}

#[test]
fn a_graph_survives_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.akg");
    let graph = graph();
    graph.save(&path).unwrap();
    let loaded = KnowledgeGraph::load(&path).unwrap();
    assert_eq!(everything(&loaded), everything(&graph));
    assert_eq!(loaded.provenance(), graph.provenance());
    assert_eq!(loaded.find("author", "GOYA"), graph.find("author", "GOYA"));
    let first = fs::read(&path).unwrap();
    graph.save(&path).unwrap();
    assert_eq!(
        fs::read(&path).unwrap(),
        first,
        "the same graph gives the same bytes"
    );
}

#[test]
fn every_flipped_byte_and_every_truncation_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.akg");
    graph().save(&path).unwrap();
    let good = fs::read(&path).unwrap();
    let refusal = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let error = KnowledgeGraph::load(&path).unwrap_err();
        assert!(error.to_string().contains("graph.akg"), "{error}");
        error
    };
    for place in 0..good.len() {
        let mut bytes = good.clone();
        bytes[place] ^= 0x10;
        let error = refusal(&bytes);
        match place {
            0..8 => assert!(matches!(error, Error::WrongKind { .. }), "{place}: {error}"),
            8..12 => assert!(matches!(error, Error::Version { .. }), "{place}: {error}"),
            _ => assert!(matches!(error, Error::Damaged { .. }), "{place}: {error}"),
        }
    }
    for length in (1..good.len()).rev().step_by(37) {
        let error = refusal(&good[..length]);
        assert!(
            matches!(error, Error::Damaged { .. }),
            "{length} bytes: {error}"
        );
    }
    let mut longer = good.clone();
    longer.push(0);
    assert!(matches!(refusal(&longer), Error::Damaged { .. }));
    assert!(matches!(refusal(b""), Error::WrongKind { .. }));
    assert!(matches!(
        refusal(b"id,image,title\n1,2,3\n"),
        Error::WrongKind { .. }
    ));
}

#[test]
fn another_version_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.akg");
    graph().save(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[8] = GRAPH_FORMAT as u8 + 1;
    fs::write(&path, bytes).unwrap();
    let error = KnowledgeGraph::load(&path).unwrap_err();
    assert!(error.to_string().contains("format version 3"), "{error}");
    let kind = FileKind::Graph;
    assert!(matches!(error, Error::Version { kind: found, .. } if found == kind));
    let missing = KnowledgeGraph::load(&folder.path().join("no.akg")).unwrap_err();
    assert!(matches!(missing, Error::Unreadable { kind: found, .. } if found == kind));
    assert!(missing.to_string().contains("no.akg"));
}
