//! The main job: from a table and a folder of images to tags.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use artkg_nn::{Device, ParameterStore, save_tensors};
use artkg_vision::{Architecture, BackboneOptions, Bottleneck, create_backbone};

use crate::program::{run, succeed};

/// A small corpus that trains in seconds.
pub(crate) fn painted(folder: &Path, paintings: &str) {
    let mut synth = vec!["corpus", "synth", "--output", "corpus"];
    synth.extend(["--size", "40", "--paintings", paintings]);
    succeed(folder, &synth);
}

/// The options of a network small enough for a test.
pub(crate) const NETWORK: [&str; 8] = [
    "--backbone",
    "resnet18",
    "--resize",
    "36",
    "--crop",
    "32",
    "--batch-size",
    "16",
];

/// The options of such a network, and of its training on a small corpus.
pub(crate) const SMALL: [&str; 14] = {
    let mut small = [""; 14];
    let (network, training) = small.split_at_mut(NETWORK.len());
    network.copy_from_slice(&NETWORK);
    training.copy_from_slice(&[
        "--corpus",
        "corpus",
        "--minimum-count",
        "3",
        "--learning-rate",
        "0.02",
    ]);
    small
};

/// Trains a model that does not know about graphs, `run/model.safetensors`, for an epoch on
/// the painted corpus.
pub(crate) fn trained(folder: &Path) {
    let train = ["train", "--mode", "mtl", "--epochs", "1", "--output", "run"];
    succeed(folder, &[&train[..], &SMALL].concat());
}

#[test]
fn metadata_and_images_become_tags() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "160");
    succeed(folder, &["corpus", "check", "corpus"]);
    let stats = succeed(folder, &["corpus", "stats", "corpus"]);
    assert!(stats.contains("author"), "{stats}");

    succeed(folder, &["graph", "build", "corpus"]);
    let embed = ["graph", "embed", "corpus/graph.akg", "--dimension", "16"];
    succeed(folder, &embed);
    assert!(folder.join("corpus/embeddings.safetensors").exists());
    edges_held_out_are_predicted(folder);

    let mut train = vec!["train", "--mode", "kgm", "--epochs", "2", "--output", "run"];
    train.extend(SMALL);
    let printed = succeed(folder, &train);
    assert!(printed.contains("model.safetensors"), "{printed}");
    for file in [
        "config.toml",
        "vocabulary.json",
        "metrics.jsonl",
        "report.html",
    ] {
        assert!(folder.join("run").join(file).exists(), "{file}");
    }

    let eval = [
        "eval",
        "--model",
        "run/model.safetensors",
        "--corpus",
        "corpus",
        "--json",
    ];
    let evaluation: serde_json::Value =
        serde_json::from_str(&succeed(folder, &eval)).expect("--json prints JSON");
    assert_eq!(evaluation["tasks"].as_array().unwrap().len(), 4);
    let html = fs::read_to_string(folder.join("run/evaluation.html")).unwrap();
    assert!(
        html.contains("Synthetic data"),
        "the report says what it is of"
    );
    let outside = html.replace("http://www.w3.org/", "");
    assert!(!outside.contains("http"), "the report needs no network");

    tags_are_complete_and_resumable(folder);
}

/// Writes the embeddings anew, by a triplet model.
fn edges_held_out_are_predicted(folder: &Path) {
    let embed = |more: &[&str]| {
        let embed = ["graph", "embed", "corpus/graph.akg", "--dimension", "16"];
        succeed(folder, &[&embed, more].concat())
    };
    let rotate = ["--method", "rotate", "--epochs", "20", "--hold-out", "0.1"];
    let files = ["--held-out-output", "held-out.csv", "--json"];
    let printed = embed(&[&rotate[..], &files].concat());
    let result: serde_json::Value = serde_json::from_str(&printed).expect("--json prints JSON");
    let prediction = &result["link_prediction"];
    let held_out = csv::Reader::from_path(folder.join("held-out.csv")).unwrap();
    let rows = held_out.into_records().count() as u64;
    assert!(rows > 20 && prediction["triplets"] == rows, "{printed}");
    let mrr = |rivals: &str| {
        prediction[rivals]["both"]["mean_reciprocal_rank"]
            .as_f64()
            .unwrap()
    };
    assert!(mrr("of_kind") > 0.3 && mrr("of_all") > 0.05, "{printed}");

    let printed = embed(&["--hold-out", "0.1", "--word2vec", "v.txt"]);
    assert!(
        printed.contains("Hits@10") && printed.contains("created_by"),
        "{printed}"
    );
    let printed = embed(&["--method", "transe", "--epochs", "20"]);
    assert!(!printed.contains("Hits@10"), "{printed}");
}

fn tags_are_complete_and_resumable(folder: &Path) {
    let images = folder.join("corpus/images");
    let count = fs::read_dir(&images).unwrap().count();
    fs::write(images.join("torn.jpg"), [0xff, 0xd8, 0xff, 0xe0, 0, 16]).unwrap();
    let tag = |output: &str| {
        run(
            folder,
            &[
                "tag",
                "--model",
                "run/model.safetensors",
                "corpus/images",
                "--output",
                output,
                "--top",
                "2",
            ],
        )
    };
    let finished = tag("tags.csv");
    assert_eq!(finished.status, 1, "one image is torn: {}", finished.errors);
    assert!(finished.errors.contains("torn.jpg"), "{}", finished.errors);
    let mut table = csv::Reader::from_path(folder.join("tags.csv")).unwrap();
    let header = table.headers().unwrap().clone();
    assert_eq!(&header[0], "image");
    assert!(header.iter().any(|column| column == "author_2_confidence"));
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), count);
    for row in &rows {
        let first: f32 = row[2].parse().unwrap();
        let second: f32 = row[4].parse().unwrap();
        assert!((0.0..=1.0).contains(&first) && second <= first, "{row:?}");
    }

    // What an interrupted run leaves: the finished rows under another name.
    assert_eq!(tag("tags.jsonl").status, 1);
    let whole = fs::read_to_string(folder.join("tags.jsonl")).unwrap();
    assert_eq!(whole.lines().count(), count + 1, "the origin comes first");
    let again = tag("tags.jsonl");
    assert_eq!(again.status, 2);
    assert!(again.errors.contains("--overwrite"), "{}", again.errors);
    // Not even --overwrite touches what could not be replaced.
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    let mut overwrite = vec!["tag", "--model", "run/model.safetensors", "corpus/images"];
    overwrite.extend(["--overwrite", "--output", "notes.txt"]);
    assert_eq!(run(folder, &overwrite).status, 2);
    assert_eq!(
        fs::read_to_string(folder.join("notes.txt")).unwrap(),
        "mine"
    );
    fs::remove_file(images.join("torn.jpg")).unwrap();
    interrupted_tags_go_on_with_the_same_job_only(folder);
    #[cfg(unix)]
    what_cannot_be_tagged_is_named(folder);
}

/// Pipes, pictures of other formats and files of gigabytes neither stop a run nor are
/// passed over in silence.
#[cfg(unix)]
fn what_cannot_be_tagged_is_named(folder: &Path) {
    let images = folder.join("mixed");
    fs::create_dir(&images).unwrap();
    fs::copy(folder.join("one.jpg"), images.join("one.jpg")).unwrap();
    fs::write(images.join("scan.heic"), "x").unwrap();
    let huge = fs::File::create(images.join("huge.jpg")).unwrap();
    huge.set_len(30 << 30).unwrap();
    let pipe = std::process::Command::new("mkfifo")
        .arg(images.join("pipe.jpg"))
        .status();
    assert!(pipe.unwrap().success());
    let mut tag = vec!["tag", "--model", "run/model.safetensors", "mixed"];
    tag.extend(["--output", "mixed.csv", "--json"]);
    let finished = run(folder, &tag);
    assert_eq!(finished.status, 1, "{}", finished.errors);
    for name in ["scan.heic", "huge.jpg", "pipe.jpg"] {
        assert!(finished.errors.contains(name), "{}", finished.errors);
        assert!(finished.output.contains(name), "{}", finished.output);
    }
    assert!(
        finished.errors.contains("3 left out"),
        "{}",
        finished.errors
    );
    let table = fs::read_to_string(folder.join("mixed.csv")).unwrap();
    assert_eq!(table.lines().count(), 2);
}

/// What one job left is no part of another's tags, and a picture that was replaced is
/// tagged again.
fn interrupted_tags_go_on_with_the_same_job_only(folder: &Path) {
    let images = folder.join("corpus/images");
    let mut names: Vec<PathBuf> = fs::read_dir(&images)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    let one = folder.join("one.jpg");
    fs::copy(&names[0], &one).unwrap();
    let tag = |more: &[&str]| {
        let model = ["tag", "--model", "run/model.safetensors", "-o", "again.csv"];
        run(folder, &[&model[..], more].concat())
    };
    // A folder in its place keeps the first run from finishing.
    fs::create_dir(folder.join("again.csv")).unwrap();
    assert_eq!(tag(&["corpus/images", "--overwrite"]).status, 2);
    fs::remove_dir(folder.join("again.csv")).unwrap();
    let refused = tag(&["one.jpg"]);
    assert_eq!(refused.status, 2);
    for part in ["again.csv.partial", "inputs", "one.jpg", "--overwrite"] {
        assert!(refused.errors.contains(part), "{}", refused.errors);
    }
    // Of the second picture, the first one's content.
    fs::copy(&names[0], &names[1]).unwrap();
    let finished = tag(&["corpus/images"]);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let earlier = format!("{} of them by an earlier run", names.len() - 1);
    assert!(finished.output.contains(&earlier), "{}", finished.output);
    let mut table = csv::Reader::from_path(folder.join("again.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), names.len());
    let tags = |row: usize| rows[row].iter().skip(1).collect::<Vec<_>>();
    assert_eq!(tags(0), tags(1));
}

#[test]
fn mtl_learns_one_task_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "80");
    let mut train = vec!["train", "--mode", "mtl", "--task", "type", "--epochs", "1"];
    train.extend(["--output", "run"]);
    train.extend(SMALL);
    succeed(folder, &train);
    let vocabulary = fs::read_to_string(folder.join("run/vocabulary.json")).unwrap();
    let vocabulary: serde_json::Value = serde_json::from_str(&vocabulary).unwrap();
    assert_eq!(vocabulary.as_array().unwrap().len(), 1);
    assert_eq!(vocabulary[0]["attribute"], "type");
}

#[test]
fn a_frozen_part_is_computed_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "80");
    random_weights(&folder.join("resnet18.safetensors"), Architecture::ResNet18);
    // Copies of one broken picture: each is left out, nothing else is hurt.
    for number in 1..=4 {
        let image = format!("corpus/images/synthetic-000{number}.jpg");
        assert!(folder.join(&image).exists());
        fs::write(folder.join(&image), [0xff, 0xd8, 0xff, 0xe0, 0, 16]).unwrap();
    }
    let train = |run: &'static str| {
        let mut train = vec!["train", "--mode", "mtl", "--epochs", "1", "--output", run];
        train.extend(["--freeze", "layer4", "--weights", "resnet18.safetensors"]);
        train.extend(SMALL);
        train
    };
    let records = || {
        let cache = fs::read_dir(folder.join("cache")).unwrap().next();
        let index = cache.unwrap().unwrap().path().join("index.txt");
        fs::read_to_string(index).unwrap()
    };
    let finished = run(folder, &train("first"));
    assert_eq!(finished.status, 1, "{}", finished.errors);
    // The test split has no part in it.
    let left_out = finished.errors.matches("left out: corpus/images/").count();
    assert!(left_out > 1, "{}", finished.errors);
    let count = format!("{left_out} left out, see above");
    assert!(finished.errors.contains(&count), "{}", finished.errors);
    let first = records();
    assert_eq!(run(folder, &train("second")).status, 1);
    assert_eq!(records(), first, "nothing was computed again");
    assert!(first.lines().any(|line| line.ends_with("mirrored")));
    let model = |run: &str| fs::read(folder.join(run).join("model.safetensors")).unwrap();
    assert_eq!(model("first"), model("second"), "same seed, same result");
}

/// A network's weights as torchvision or timm would store them.
pub(crate) fn random_weights(path: &Path, architecture: Architecture) {
    let store = ParameterStore::new(1, &Device::Cpu);
    let options = BackboneOptions::default();
    create_backbone(&store.root(), architecture, Bottleneck::V1_5, options).unwrap();
    save_tensors(path, &store.export().unwrap(), &BTreeMap::new()).unwrap();
}
