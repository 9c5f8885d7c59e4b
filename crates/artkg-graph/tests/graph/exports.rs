//! Every export is opened by a reader of another project: tests/readers.py.

use std::path::Path;
use std::process::Command;

use artkg_graph::{DEFAULT_BASE_IRI, ExportFormat};
use serde_json::{Value, json};

use crate::support::graph;

/// Runs a check of `readers.py`; a reader that is missing is a failure.
pub(crate) fn read(check: &str, path: &Path, expected: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers.py");
    let python = std::env::var("ARTKG_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&python)
        .arg(script)
        .arg(check)
        .args([path, expected])
        .output()
        .unwrap_or_else(|error| panic!("{python}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout);
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{check}: {said}{messages}");
}

/// The graph as readers should find it.
fn expected(folder: &Path) -> std::path::PathBuf {
    let graph = graph();
    let nodes: Vec<Value> = graph
        .nodes()
        .nodes()
        .map(|node| json!([graph.nodes().kind_name(node), graph.nodes().name(node)]))
        .collect();
    let edges: Vec<Value> = graph
        .edges()
        .map(|edge| json!([edge.source, edge.target, edge.relation, edge.count]))
        .collect();
    let path = folder.join("expected.json");
    std::fs::write(&path, json!({"nodes": nodes, "edges": edges}).to_string()).unwrap();
    path
}

fn check(format: ExportFormat, name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    graph().export(format, &path, DEFAULT_BASE_IRI).unwrap();
    read(format.name(), &path, &expected(folder.path()));
}

#[test]
#[ignore = "needs Python with networkx (ARTKG_PYTHON)"]
fn networkx_reads_graphml() {
    check(ExportFormat::GraphMl, "graph.graphml");
}

#[test]
#[ignore = "needs Python with networkx (ARTKG_PYTHON)"]
fn networkx_reads_gexf() {
    check(ExportFormat::Gexf, "graph.gexf");
}

#[test]
#[ignore = "needs Graphviz"]
fn graphviz_reads_dot() {
    check(ExportFormat::Dot, "graph.dot");
}

#[test]
#[ignore = "needs Python (ARTKG_PYTHON)"]
fn python_reads_csv() {
    check(ExportFormat::Csv, "tables");
}

#[test]
#[ignore = "needs Python with rdflib (ARTKG_PYTHON)"]
fn rdflib_reads_ntriples() {
    check(ExportFormat::NTriples, "graph.nt");
}

#[test]
fn a_base_that_is_no_iri_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for base in [
        "",
        "example.org/",
        "https://exa mple.org/",
        "1http://x/",
        "urn:<x>",
    ] {
        let path = folder.path().join("graph.nt");
        let error = graph()
            .export(ExportFormat::NTriples, &path, base)
            .unwrap_err();
        assert!(error.to_string().contains("absolute IRI"), "{error}");
        assert!(!path.exists());
    }
}

#[test]
fn formats_are_told_by_name_and_extension() {
    for format in ExportFormat::ALL {
        assert_eq!(format.name().parse::<ExportFormat>().unwrap(), format);
    }
    assert_eq!(
        "N-Triples".parse::<ExportFormat>().unwrap(),
        ExportFormat::NTriples
    );
    assert_eq!(
        ExportFormat::of_path(Path::new("a/b.GraphML")),
        Some(ExportFormat::GraphMl)
    );
    assert_eq!(
        ExportFormat::of_path(Path::new("b.nt")),
        Some(ExportFormat::NTriples)
    );
    assert_eq!(ExportFormat::of_path(Path::new("b.txt")), None);
    assert!(
        "svg"
            .parse::<ExportFormat>()
            .unwrap_err()
            .to_string()
            .contains("graphml, gexf")
    );
}
