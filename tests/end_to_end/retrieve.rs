//! Artworks found by words.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::path::{SMALL, painted};
use crate::program::{run, succeed, without_checksum};

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

    another_corpus_is_refused(folder);
    a_missing_checksum_is_told(folder);
    damage_is_named(folder);

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

fn another_corpus_is_refused(folder: &Path) {
    let retrieve = |what: &[&str], corpus: &str| {
        let model = [
            "--model",
            "retrieval/retrieval.safetensors",
            "--corpus",
            corpus,
        ];
        run(folder, &[&["retrieve"], what, &model].concat())
    };
    // As the corpus, but for its name and the ids of all artworks after the first.
    fs::create_dir(folder.join("other")).unwrap();
    let text = fs::read_to_string(folder.join("corpus/corpus.toml")).unwrap();
    let text: Vec<&str> = text
        .lines()
        .map(|line| match line.starts_with("name = ") {
            true => "name = \"other\"",
            false => line,
        })
        .collect();
    fs::write(folder.join("other/corpus.toml"), text.join("\n")).unwrap();
    let write = |kept: usize| {
        let mut table = csv::Reader::from_path(folder.join("corpus/artworks.csv")).unwrap();
        let header = table.headers().unwrap().clone();
        let id = header.iter().position(|column| column == "id").unwrap();
        let mut written = csv::Writer::from_path(folder.join("other/artworks.csv")).unwrap();
        written.write_record(&header).unwrap();
        for (place, row) in table.records().map(Result::unwrap).enumerate() {
            let cells = row.iter().enumerate();
            let changed = cells.map(|(column, cell)| match column == id && place >= kept {
                true => format!("other {cell}"),
                false => cell.to_owned(),
            });
            written.write_record(changed).unwrap();
        }
        written.flush().unwrap();
    };
    write(0);
    for what in [&["query", "a portrait"][..], &["eval"]] {
        let finished = retrieve(what, "other");
        assert_eq!(finished.status, 2, "{what:?}: {}", finished.errors);
        let words = "none of its 240 artworks is in the index";
        assert!(finished.errors.contains(words), "{}", finished.errors);
    }
    write(1);
    let finished = retrieve(&["query", "a portrait", "--top", "3"], "other");
    assert_eq!(finished.status, 1, "{}", finished.errors);
    for words in ["the same id may be another artwork", "has no such artwork"] {
        assert!(finished.errors.contains(words), "{}", finished.errors);
    }
    let finished = retrieve(&["query", "a portrait"], "corpus");
    assert_eq!(finished.status, 0);
    let warning = "learned from generated paintings";
    assert_eq!(
        finished.errors.matches(warning).count(),
        1,
        "{}",
        finished.errors
    );
    assert!(
        !finished.errors.contains("may be another artwork"),
        "{}",
        finished.errors
    );
}

fn a_missing_checksum_is_told(folder: &Path) {
    let model = fs::read(folder.join("model/model.safetensors")).unwrap();
    fs::write(folder.join("older.safetensors"), without_checksum(&model)).unwrap();
    let train = [
        "retrieve",
        "train",
        "--corpus",
        "corpus",
        "--model",
        "older.safetensors",
        "--epochs",
        "1",
        "-o",
        "older",
    ];
    let finished = run(folder, &train);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let line = "older.safetensors: no checksum";
    assert_eq!(
        finished.errors.matches(line).count(),
        1,
        "{}",
        finished.errors
    );
}

fn damage_is_named(folder: &Path) {
    let mut bytes = fs::read(folder.join("retrieval/retrieval.safetensors")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(folder.join("damaged.safetensors"), bytes).unwrap();
    let query = ["retrieve", "query", "a portrait", "--corpus", "corpus"];
    let finished = run(
        folder,
        &[&query[..], &["--model", "damaged.safetensors"]].concat(),
    );
    assert_eq!(finished.status, 2);
    for words in ["damaged.safetensors", "checksum does not match"] {
        assert!(finished.errors.contains(words), "{}", finished.errors);
    }
}
