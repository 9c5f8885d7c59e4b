//! Captions of a corpus, made, embedded and learnt from.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use artkg_nn::{Device, ParameterStore, save_tensors};
use artkg_vision::{Architecture, BackboneOptions, Bottleneck, create_backbone};

use crate::path::{SMALL, painted};
use crate::program::{run, succeed};

const CLASSES: [&str; 6] = ["ship", "sailing_boat", "castle", "lemon", "dress", "alp"];

/// Weights of a ResNet-18 that has learnt nothing, with a classifier, and the names
/// of its classes.
fn weights(folder: &Path) {
    let store = ParameterStore::new(3, &Device::Cpu);
    let options = BackboneOptions {
        classes: Some(CLASSES.len()),
        ..BackboneOptions::default()
    };
    let (network, variant) = (Architecture::ResNet18, Bottleneck::V1_5);
    let backbone = create_backbone(&store.root(), network, variant, options).unwrap();
    let metadata: BTreeMap<String, String> = backbone.metadata();
    let path = folder.join("weights.safetensors");
    save_tensors(&path, &store.export().unwrap(), &metadata).unwrap();
    let labels = serde_json::to_string(&CLASSES).unwrap();
    fs::write(folder.join("imagenet-labels.json"), labels).unwrap();
}

/// A tiny model with random weights of the tests of `artkg-text`.
fn tiny(name: &str) -> String {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder: PathBuf = crates.join("artkg-text/tests/fixtures").join(name);
    folder.to_str().unwrap().to_owned()
}

/// `artkg captions generate` on the corpus with a small network.
fn generate<'a>(output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["captions", "generate", "--captioner", "imagenet-words"];
    arguments.extend(["--weights", "weights.safetensors", "--backbone", "resnet18"]);
    arguments.extend(["--resize", "36", "--crop", "32", "--top", "3"]);
    arguments.extend(["--output", output]);
    arguments.extend(more);
    arguments
}

const OF_CORPUS: [&str; 2] = ["--corpus", "corpus"];

#[test]
fn captions_go_on_where_they_stopped_and_become_vectors_and_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "60");
    weights(folder);

    // The report and the file say what made them.
    let printed = succeed(folder, &generate("captions.csv", &OF_CORPUS));
    assert!(
        printed.contains("60 captions by imagenet-words (resnet18"),
        "{printed}"
    );
    let text = fs::read_to_string(folder.join("captions.csv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("id,caption,captioner"));
    let names = CLASSES.map(|name| name.replace('_', " "));
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(text.as_bytes())
        .records()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(rows.len(), 60);
    for row in &rows {
        let words: Vec<&str> = row[1].split(", ").collect();
        assert_eq!(words.len(), 3, "{row:?}");
        assert!(
            words
                .iter()
                .all(|word| names.iter().any(|name| name == word))
        );
        assert!(row[2].contains("top 3"), "{row:?}");
    }

    // Broken off within a row, it goes on to the same file. A folder in its place keeps
    // the first run from finishing.
    let begun = |output: &str| {
        fs::create_dir(folder.join(output)).unwrap();
        let unfinished = run(
            folder,
            &generate(output, &["--corpus", "corpus", "--overwrite"]),
        );
        assert_eq!(unfinished.status, 2);
        fs::remove_dir(folder.join(output)).unwrap();
        let partial = folder.join(format!("{output}.partial"));
        let bytes = fs::read(&partial).unwrap();
        fs::write(&partial, &bytes[..bytes.len() * 2 / 3]).unwrap();
    };
    begun("again.csv");
    let printed = succeed(folder, &generate("again.csv", &OF_CORPUS));
    assert!(printed.contains("by an earlier run"), "{printed}");
    assert_eq!(fs::read_to_string(folder.join("again.csv")).unwrap(), text);
    begun("other.csv");
    let blip = tiny("blip");
    let mut arguments = vec!["captions", "generate", "--captioner", "blip"];
    arguments.extend(["--weights", &blip, "--output", "other.csv"]);
    arguments.extend(OF_CORPUS);
    let refused = run(folder, &arguments);
    assert_eq!(refused.status, 2);
    assert!(refused.errors.contains("--overwrite"), "{}", refused.errors);
    assert!(refused.errors.contains("captioner"), "{}", refused.errors);

    // Vectors of the training works' captions, and of texts of people.
    let embed = |more: &[&str]| {
        let mut arguments = vec!["captions", "embed", "--corpus", "corpus"];
        arguments.extend(more);
        succeed(folder, &arguments)
    };
    let captions = ["--captions", "captions.csv", "--encoder", "tf-idf"];
    let printed = embed(&captions);
    assert!(printed.contains("texts.safetensors"), "{printed}");
    let bert = tiny("bert");
    let sentences = ["--field", "title+description", "--encoder", &bert];
    let printed = embed(
        &[
            &sentences[..],
            &["--splits", "all", "--output", "all.safetensors"],
        ]
        .concat(),
    );
    assert!(printed.contains("60 vectors of 8 numbers"), "{printed}");

    let train = |arguments: &[&str]| {
        let mut train = vec!["train", "--epochs", "1"];
        train.extend(SMALL);
        train.extend(arguments);
        run(folder, &train)
    };
    let context = |file| train(&["--mode", "kgm", "--embeddings", file, "--output", "kgm"]);
    let finished = context("texts.safetensors");
    assert_eq!(finished.status, 0, "{}", finished.errors);
    // Those of works that are to be judged would leak.
    let refused = context("all.safetensors");
    assert_eq!(refused.status, 2);
    assert!(refused.errors.contains("val split"), "{}", refused.errors);

    let finished = train(&[
        "--mode",
        "captions",
        "--captions",
        "captions.csv",
        "--freeze",
        "input",
        "--output",
        "captioned",
    ]);
    assert_eq!(finished.status, 0, "{}", finished.errors);
}

#[test]
fn bad_images_are_reported_and_files_of_no_corpus_get_captions() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "12");
    let images = folder.join("corpus/images");
    let mut files: Vec<PathBuf> = fs::read_dir(&images)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    fs::write(&files[5], "no image").unwrap();
    let bad = files[5].file_name().unwrap().to_str().unwrap();

    let blip = tiny("blip");
    let mut arguments = vec!["captions", "generate", "--captioner", "blip"];
    arguments.extend([
        "--weights",
        &blip,
        "--corpus",
        "corpus",
        "--batch-size",
        "5",
    ]);
    let finished = run(folder, &arguments);
    assert_eq!(finished.status, 1, "{}", finished.errors);
    assert!(
        finished.errors.contains("left out") && finished.errors.contains(bad),
        "{}",
        finished.errors
    );
    assert!(
        finished
            .output
            .contains("11 captions by blip (blip, at most 20 tokens)"),
        "{}",
        finished.output
    );

    weights(folder);
    let finished = run(folder, &generate("files.csv", &["corpus/images"]));
    assert_eq!(finished.status, 1, "{}", finished.errors);
    let text = fs::read_to_string(folder.join("files.csv")).unwrap();
    let stem = files[0].file_stem().unwrap().to_str().unwrap();
    assert!(text.contains(&format!("\n{stem},")), "{text}");
    assert_eq!(text.lines().count(), 12);
}

#[test]
fn what_a_captioner_lacks_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "12");
    weights(folder);
    fs::remove_file(folder.join("imagenet-labels.json")).unwrap();
    let refused = run(folder, &generate("captions.csv", &OF_CORPUS));
    assert_eq!(refused.status, 2);
    assert!(refused.errors.contains("--labels"), "{}", refused.errors);

    fs::write(folder.join("few.txt"), "ship\ncastle\n").unwrap();
    let labels = [&OF_CORPUS[..], &["--labels", "few.txt"]].concat();
    let refused = run(folder, &generate("captions.csv", &labels));
    assert!(
        refused.errors.contains("no classifier of 2 classes"),
        "{}",
        refused.errors
    );
    assert!(!folder.join("captions.csv").exists());
}
