//! Facts about people beside the works, and the proof that no work kept aside is known.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::path::{SMALL, painted};
use crate::program::{run, succeed};

/// The authors of the corpus in the order of their names.
fn authors(folder: &Path) -> Vec<String> {
    let mut table = csv::Reader::from_path(folder.join("corpus/artworks.csv")).unwrap();
    let header = table.headers().unwrap().clone();
    let column = header.iter().position(|name| name == "author").unwrap();
    let rows = table.records().map(Result::unwrap);
    let authors: BTreeSet<String> = rows.map(|row| row[column].to_owned()).collect();
    authors
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("--json prints JSON")
}

#[test]
fn facts_reach_the_model_and_an_audit_finds_nothing_kept_aside() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "120");
    let authors = authors(folder);
    let rows = authors.iter().take(4).zip(["X", "X", "Y", "Y"]);
    let rows = rows.map(|(name, nation)| format!("\"{name}\",{nation},{}\n", authors[4]));
    let table: String = rows.collect();
    fs::write(
        folder.join("facts.csv"),
        format!("name,nationality,friends\n{table},,\n"),
    )
    .unwrap();
    let build = ["graph", "build", "corpus", "--facts", "facts.csv", "--json"];
    let built = run(folder, &build);
    assert_eq!(built.status, 1, "a row without a name: {}", built.errors);
    assert!(
        built.errors.contains("row 6: there is no name"),
        "{}",
        built.errors
    );
    let report = &json(&built.output)["facts"];
    assert_eq!(report["matched"], 4);
    assert_eq!(report["edges"]["of_nationality"], 4);
    assert_eq!(report["edges"]["friend_of"], 4);
    let printed = succeed(
        folder,
        &["graph", "neighbors", &authors[0], "-g", "corpus/graph.akg"],
    );
    assert!(printed.contains("of_nationality"), "{printed}");

    succeed(
        folder,
        &["graph", "embed", "corpus/graph.akg", "--dimension", "16"],
    );
    let train = [
        "train",
        "--mode",
        "kgm",
        "--context",
        "joint",
        "--epochs",
        "1",
        "--output",
        "run",
    ];
    succeed(folder, &[&train[..], &SMALL].concat());
    let config = fs::read_to_string(folder.join("run/config.toml")).unwrap();
    assert!(config.contains("graph = \"corpus/graph.akg\""), "{config}");

    let audit = [
        "graph",
        "audit",
        "corpus",
        "--model",
        "run/model.safetensors",
    ];
    let printed = succeed(folder, &audit);
    assert_eq!(printed.matches("holds").count(), 5, "{printed}");
    assert!(
        printed.ends_with("nothing of a work kept aside was found\n"),
        "{printed}"
    );

    // A graph of all works is not clean, and its model is none of this graph.
    let leaking = [
        "graph", "build", "corpus", "--splits", "all", "-o", "all.akg",
    ];
    succeed(folder, &leaking);
    let audit = ["graph", "audit", "corpus", "--graph", "all.akg", "--json"];
    let found = run(folder, &audit);
    assert_eq!(found.status, 1, "{}", found.errors);
    let found = json(&found.output);
    assert_eq!(found["holds"], false);
    assert!(!found["graph"]["kept_aside"].as_array().unwrap().is_empty());
    assert!(!found["graph"]["unexplained"].as_array().unwrap().is_empty());
}
