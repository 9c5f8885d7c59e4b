//! What tags and model files say of where they come from, and that damage shows.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::path::{SMALL, painted};
use crate::program::{Finished, artkg, run, succeed};

const MODEL: &str = "run/model.safetensors";

#[test]
fn tags_and_models_say_where_they_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "80");
    let mut train = vec!["train", "--mode", "mtl", "--epochs", "1", "--output", "run"];
    train.extend(SMALL);
    succeed(folder, &train);

    tags_carry_their_origin(folder);
    tags_of_a_corpus_carry_its_ids(folder);
    a_flipped_byte_is_named(folder);
}

fn tag(folder: &Path, arguments: &[&str]) -> Finished {
    run(folder, &[&["tag", "--model", MODEL], arguments].concat())
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn tags_carry_their_origin(folder: &Path) {
    let write = |output: &str| {
        let arguments = ["tag", "--model", MODEL, "corpus/images", "--output", output];
        let mut command = artkg(folder, &[&arguments[..], &["--abstain=0.5"]].concat());
        let finished = command.env("SOURCE_DATE_EPOCH", "1772271000").output();
        let finished = finished.unwrap();
        let errors = String::from_utf8(finished.stderr).unwrap();
        assert!(finished.status.success(), "{errors}");
        let warning = "learned from generated paintings";
        assert_eq!(errors.matches(warning).count(), 1, "{errors}");
    };
    write("tags.csv");
    write("tags.jsonl");
    let meta = json(&folder.join("tags.csv.meta.json"));
    assert_eq!(meta["tags"], "tags.csv");
    let rows = fs::read_to_string(folder.join("tags.csv"))
        .unwrap()
        .lines()
        .count()
        - 1;
    assert_eq!(meta["images"], rows);
    let origin = &meta["origin"];
    assert_eq!(origin["created"], "2026-02-28T09:30:00Z");
    assert_eq!(origin["artkg_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(origin["synthetic"], true);
    assert_eq!(origin["computed_in"], "f32");
    assert_eq!(origin["model"]["file"], "model.safetensors");
    assert_eq!(origin["model"]["mode"], "mtl");
    let options = &origin["options"];
    assert_eq!((&options["crop"], &options["top"]), (&32.into(), &1.into()));
    assert_eq!(options["tasks"][0]["given"]["from"], 0.5);
    // The fingerprint is the checksum in the file's own header.
    let fingerprint = origin["model"]["fingerprint"].as_str().unwrap();
    let digits = fingerprint.strip_prefix("sha256:").unwrap();
    assert_eq!(digits.len(), 64);
    let model = fs::read(folder.join(MODEL)).unwrap();
    let entry = format!("\"artkg_checksum\":\"{digits}\"");
    assert!(
        model
            .windows(entry.len())
            .any(|part| part == entry.as_bytes())
    );

    let lines = fs::read_to_string(folder.join("tags.jsonl")).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(&first["origin"], origin);
    assert_eq!(lines.lines().count(), rows + 1);
}

fn tags_of_a_corpus_carry_its_ids(folder: &Path) {
    let mut table = csv::Reader::from_path(folder.join("corpus/artworks.csv")).unwrap();
    let header = table.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    let artworks: Vec<(String, String)> = table
        .records()
        .map(Result::unwrap)
        .map(|row| (row[place("id")].to_owned(), row[place("image")].to_owned()))
        .collect();
    let rows = |name: &str| -> Vec<(String, String)> {
        let mut table = csv::Reader::from_path(folder.join(name)).unwrap();
        assert_eq!(&table.headers().unwrap()[1], "id");
        let rows = table.records().map(Result::unwrap);
        rows.map(|row| (row[1].to_owned(), row[0].to_owned()))
            .collect()
    };
    // All of them, in the corpus's order.
    let finished = tag(folder, &["--corpus", "corpus", "-o", "all.csv"]);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let found = rows("all.csv");
    assert_eq!(found.len(), artworks.len());
    for ((id, image), (expected, name)) in found.iter().zip(&artworks) {
        assert_eq!(id, expected);
        assert!(image.ends_with(name), "{image} {name}");
    }
    // Given images, one of which no artwork names.
    let image = format!("corpus/images/{}", artworks[3].1);
    fs::copy(folder.join(&image), folder.join("stray.jpg")).unwrap();
    let some = ["--corpus", "corpus", "-o", "some.csv", &image, "stray.jpg"];
    let finished = tag(folder, &some);
    assert_eq!(finished.status, 1, "{}", finished.errors);
    assert!(
        finished.errors.contains("stray.jpg: no artwork"),
        "{}",
        finished.errors
    );
    assert!(
        finished.output.contains("1 of the images"),
        "{}",
        finished.output
    );
    let found = rows("some.csv");
    assert_eq!(found[0].0, artworks[3].0);
    assert_eq!(found[1], (String::new(), "stray.jpg".to_owned()));
    let meta = json(&folder.join("some.csv.meta.json"));
    assert!(meta["origin"]["corpus"].is_string(), "{meta}");
    // The corpus itself is never replaced.
    let table = [
        "--corpus",
        "corpus",
        "-o",
        "corpus/artworks.csv",
        "--overwrite",
    ];
    let finished = tag(folder, &table);
    assert_eq!(finished.status, 2);
    assert!(
        finished.errors.contains("also what is read"),
        "{}",
        finished.errors
    );
}

fn a_flipped_byte_is_named(folder: &Path) {
    let whole = fs::read(folder.join(MODEL)).unwrap();
    let damaged = folder.join("damaged.safetensors");
    let header = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    // In a tensor, in the last of them, in the description, in the checksum.
    let text = |part: &str| {
        let found = whole
            .windows(part.len())
            .position(|bytes| bytes == part.as_bytes());
        found.unwrap() + part.len()
    };
    let places = [
        8 + header + 100,
        whole.len() - 1,
        text("artkg_version\\\":\\\""),
        text("artkg_checksum\":\""),
    ];
    for place in places {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(&damaged, bytes).unwrap();
        let arguments = [
            "tag",
            "--model",
            "damaged.safetensors",
            "corpus/images",
            "-o",
            "d.csv",
        ];
        let finished = run(folder, &arguments);
        assert_eq!(finished.status, 2, "byte {place}");
        for words in ["damaged.safetensors", "checksum"] {
            assert!(
                finished.errors.contains(words),
                "{place}: {}",
                finished.errors
            );
        }
    }
}
