//! What tags and model files say of where they come from, and that damage shows.

use std::fs;
use std::path::Path;

use artkg_nn::{Device, Tensor, load_tensors, save_tensors};
use serde_json::Value;

use crate::path::{painted, trained};
use crate::program::{Finished, artkg, run, without_checksum};

const MODEL: &str = "run/model.safetensors";

#[test]
fn tags_and_models_say_where_they_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "80");
    trained(folder);

    tags_carry_their_origin(folder);
    tags_of_a_corpus_carry_its_ids(folder);
    a_flipped_byte_is_named(folder);
    impossible_models_are_refused_by_name(folder);
    files_without_a_checksum_are_read_with_a_line(folder);
    the_faster_precision_is_measured(folder);
    another_corpus_is_told(folder);
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
        finished.output.contains("and that have no id: 1\n"),
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

fn impossible_models_are_refused_by_name(folder: &Path) {
    let (tensors, metadata) = load_tensors(&folder.join(MODEL)).unwrap();
    let refused = |words: &str| {
        let arguments = [
            "tag",
            "--model",
            "absurd.safetensors",
            "corpus/images",
            "-o",
            "a.csv",
        ];
        let finished = run(folder, &arguments);
        assert_eq!(finished.status, 2, "{words}");
        for words in ["absurd.safetensors", words] {
            assert!(
                finished.errors.contains(words),
                "{words}: {}",
                finished.errors
            );
        }
    };
    for (pointer, value, words) in [
        ("/temperatures/0", -1.0, "temperature of type is -1"),
        ("/preprocessing/crop", 100_000.0, "crop 100000"),
    ] {
        let mut description: Value = serde_json::from_str(&metadata["artkg"]).unwrap();
        let place = description.pointer_mut(pointer).unwrap();
        *place = match value < 0.0 {
            true => value.into(),
            false => (value as u64).into(),
        };
        let mut metadata = metadata.clone();
        metadata.insert("artkg".to_owned(), description.to_string());
        save_tensors(&folder.join("absurd.safetensors"), &tensors, &metadata).unwrap();
        refused(words);
    }
    let mut tensors = tensors;
    let name = tensors.keys().min().unwrap().clone();
    let shape = tensors[&name].shape().clone();
    let broken = Tensor::full(f32::NAN, shape, &Device::Cpu).unwrap();
    tensors.insert(name.clone(), broken);
    save_tensors(&folder.join("absurd.safetensors"), &tensors, &metadata).unwrap();
    refused(&format!("tensor {name} are infinite or no numbers"));
}

fn files_without_a_checksum_are_read_with_a_line(folder: &Path) {
    let bytes = fs::read(folder.join(MODEL)).unwrap();
    fs::write(folder.join("older.safetensors"), without_checksum(&bytes)).unwrap();
    let arguments = [
        "tag",
        "--model",
        "older.safetensors",
        "corpus/images",
        "-o",
        "older.csv",
    ];
    let finished = run(folder, &arguments);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let line = "older.safetensors: no checksum";
    assert_eq!(
        finished.errors.matches(line).count(),
        1,
        "{}",
        finished.errors
    );
    assert_eq!(
        fs::read(folder.join("older.csv")).unwrap(),
        fs::read(folder.join("plain.csv")).unwrap_or_else(|_| {
            let plain = tag(folder, &["corpus/images", "-o", "plain.csv"]);
            assert_eq!(plain.status, 0, "{}", plain.errors);
            assert!(!plain.errors.contains("no checksum"), "{}", plain.errors);
            fs::read(folder.join("plain.csv")).unwrap()
        })
    );
}

fn the_faster_precision_is_measured(folder: &Path) {
    let few = ["corpus/images", "--precision", "auto", "-o", "few.csv"];
    let finished = tag(folder, &few);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let has_bf16 = !finished.errors.contains("no bf16 products");
    if has_bf16 {
        let words = "precision f32: measuring is worth";
        assert!(finished.errors.contains(words), "{}", finished.errors);
    }
    assert_eq!(
        fs::read(folder.join("few.csv")).unwrap(),
        fs::read(folder.join("plain.csv")).unwrap()
    );
    fs::create_dir(folder.join("many")).unwrap();
    for entry in fs::read_dir(folder.join("corpus/images")).unwrap() {
        let entry = entry.unwrap();
        for copy in 0..4 {
            let name = format!("many/{copy}-{}", entry.file_name().to_str().unwrap());
            fs::copy(entry.path(), folder.join(name)).unwrap();
        }
    }
    let finished = tag(folder, &["many", "--precision", "auto", "-o", "many.csv"]);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let origin = &json(&folder.join("many.csv.meta.json"))["origin"];
    assert_eq!(origin["options"]["precision"], "auto");
    let used = origin["computed_in"].as_str().unwrap();
    if has_bf16 {
        let words = format!("precision {used}, as measured: ");
        assert!(finished.errors.contains(&words), "{}", finished.errors);
        assert!(
            finished.errors.contains("images/s in bf16"),
            "{}",
            finished.errors
        );
    } else {
        assert_eq!(used, "f32");
    }
}

/// Makes the corpus `other` of `corpus`, with another name and other cells in some columns.
fn another_corpus(folder: &Path, columns: &[&str]) {
    let other = folder.join("other");
    fs::create_dir_all(&other).unwrap();
    let images = folder.join("corpus/images");
    let text = fs::read_to_string(folder.join("corpus/corpus.toml")).unwrap();
    let text: Vec<String> = text
        .lines()
        .map(|line| match line.split(" = ").next() {
            Some("name") => "name = \"other\"".to_owned(),
            Some("image_root") => format!("image_root = \"{}\"", images.display()),
            _ => line.to_owned(),
        })
        .collect();
    fs::write(other.join("corpus.toml"), text.join("\n")).unwrap();
    let mut table = csv::Reader::from_path(folder.join("corpus/artworks.csv")).unwrap();
    let header = table.headers().unwrap().clone();
    let mut written = csv::Writer::from_path(other.join("artworks.csv")).unwrap();
    written.write_record(&header).unwrap();
    for row in table.records().map(Result::unwrap) {
        let cells = header.iter().zip(&row);
        let changed = cells.map(|(column, cell)| match columns.contains(&column) {
            true => format!("other {cell}"),
            false => cell.to_owned(),
        });
        written.write_record(changed).unwrap();
    }
    written.flush().unwrap();
}

fn another_corpus_is_told(folder: &Path) {
    let eval = [
        "eval",
        "--model",
        MODEL,
        "--corpus",
        "other",
        "-o",
        "other.html",
    ];
    another_corpus(folder, &["type", "school", "author", "timeframe"]);
    let finished = run(folder, &eval);
    assert_eq!(finished.status, 2, "{}", finished.errors);
    for words in [
        "is a class of the model",
        "its values of author are such as `other ",
    ] {
        assert!(finished.errors.contains(words), "{}", finished.errors);
    }
    assert!(!folder.join("other.html").exists());

    another_corpus(folder, &["author"]);
    let finished = run(folder, &eval);
    assert_eq!(finished.status, 1, "{}", finished.errors);
    let lines = finished.errors.lines();
    let named: Vec<&str> = lines.filter(|line| line.contains("not measured")).collect();
    assert_eq!(named.len(), 1, "{named:?}");
    assert!(
        named[0].starts_with("author: not measured: of ") && named[0].contains("none is a class"),
        "{named:?}"
    );
    assert!(folder.join("other.html").exists());
}
