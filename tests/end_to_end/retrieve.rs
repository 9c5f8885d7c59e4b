//! Artworks found by words.

use std::fs;

use serde_json::Value;

use crate::path::{SMALL, painted};
use crate::program::{run, succeed};

#[test]
fn words_find_artworks() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "240");
    let mut train = vec![
        "train", "--mode", "mtl", "--epochs", "4", "--output", "model",
    ];
    train.extend(SMALL);
    succeed(folder, &train);
    let retrieve = |more: &[&'static str]| {
        let mut arguments = vec!["retrieve", "train", "--corpus", "corpus"];
        arguments.extend(["--model", "model/model.safetensors", "--epochs", "20"]);
        arguments.extend(["--batch-size", "32", "--output", "retrieval"]);
        arguments.extend(more);
        arguments
    };
    let printed = succeed(folder, &retrieve(&["--json"]));
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(printed["model"], "retrieval/retrieval.safetensors");

    let model = [
        "--model",
        "retrieval/retrieval.safetensors",
        "--corpus",
        "corpus",
    ];
    let with = |words: &[&'static str]| {
        let mut arguments = words.to_vec();
        arguments.extend(model);
        arguments.push("--json");
        arguments
    };
    let measured = succeed(folder, &with(&["retrieve", "eval"]));
    let measured: Value = serde_json::from_str(&measured).unwrap();
    let number = |path: &str| measured.pointer(path).unwrap().as_f64().unwrap();
    for direction in ["/text_to_art", "/art_to_text"] {
        let (found, guessed) = (
            number(&format!("{direction}/at_10")),
            number("/random/at_10"),
        );
        assert!(found > 1.2 * guessed, "{direction}: {found} {guessed}");
    }

    let query = with(&["retrieve", "query", "a portrait", "--top", "3"]);
    let found: Value = serde_json::from_str(&succeed(folder, &query)).unwrap();
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), 3);
    let similarity = |place: usize| found[place]["similarity"].as_f64().unwrap();
    assert!(similarity(0) >= similarity(1) && similarity(1) >= similarity(2));
    let page = fs::read_to_string(folder.join("query.html")).unwrap();
    assert_eq!(page.matches("data:image/jpeg;base64,").count(), 3);

    let words = with(&["retrieve", "query", "xylophone"]);
    let refused = run(folder, &words);
    assert_eq!(refused.status, 2);
    assert!(refused.errors.contains("no word"), "{}", refused.errors);

    let wrong = ["retrieve", "eval", "--model", "model/model.safetensors"];
    let refused = run(folder, &[&wrong[..], &["--corpus", "corpus"]].concat());
    assert_eq!(refused.status, 2);
    assert!(
        refused.errors.contains("not a retrieval model"),
        "{}",
        refused.errors
    );
}
