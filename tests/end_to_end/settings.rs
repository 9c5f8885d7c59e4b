//! The settings of training reach the run, its records and its checkpoints.

use std::fs;

use artkg_nn::{load_tensors, save_tensors};
use artkg_vision::Architecture;

use crate::path::{SMALL, painted, random_weights};
use crate::program::{run, succeed};

#[test]
fn settings_are_written_down_and_checked_on_resume() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "80");
    let mut train = vec!["train", "--mode", "mtl", "--epochs", "1", "--output", "run"];
    train.extend(["--optimiser", "adamw", "--beta2", "0.99", "--decay-biases"]);
    train.extend([
        "--heads-rate",
        "3",
        "--heads-decay",
        "0",
        "--accumulate",
        "2",
    ]);
    train.extend(["--label-smoothing", "0.1", "--dropout", "0.2"]);
    train.extend(SMALL);
    let finished = run(folder, &train);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    for words in [
        "adamw",
        "beta2 0.99",
        "2 micro-batches",
        "batch norm",
        "memory: about",
    ] {
        assert!(finished.errors.contains(words), "{}", finished.errors);
    }
    let config = fs::read_to_string(folder.join("run/config.toml")).unwrap();
    for line in [
        "kind = \"adamw\"",
        "beta1 = 0.9",
        "beta2 = 0.99",
        "decay = \"decoupled\"",
        "decay_biases = true",
        "label_smoothing = 0.1",
        "dropout = 0.2",
        "accumulate = 2",
    ] {
        assert!(config.contains(line), "{line} in\n{config}");
    }
    let report = fs::read_to_string(folder.join("run/report.html")).unwrap();
    assert!(report.contains("adamw, learning rate 0.02"));

    // From its own config.toml the run is the same, bit for bit.
    succeed(
        folder,
        &["train", "--config", "run/config.toml", "--output", "again"],
    );
    let model = |run: &str| fs::read(folder.join(run).join("model.safetensors")).unwrap();
    assert!(model("run") == model("again"), "the models differ");

    let resume = ["train", "--output", "run", "--resume", "--beta2", "0.9"];
    let finished = run(folder, &resume);
    assert_eq!(finished.status, 2);
    assert!(
        finished.errors.contains("beta2 was 0.99, is 0.9"),
        "{}",
        finished.errors
    );
}

#[test]
fn settings_without_sense_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "20");
    let cases: [(&[&str], &str); 7] = [
        (
            &["--optimiser", "adam", "--momentum", "0.9"],
            "sgd or rmsprop",
        ),
        (
            &["--optimiser", "adamw", "--decay", "coupled"],
            "optimiser.decay",
        ),
        (&["--momentum", "1"], "optimiser.momentum = 1"),
        (&["--dropout", "1"], "dropout = 1"),
        (&["--label-smoothing", "-1"], "label_smoothing = -1"),
        (&["--accumulate", "17"], "at most the batch size, 16"),
        (&["--memory-limit", "much"], "6GiB"),
    ];
    for (options, expected) in cases {
        let mut train = vec!["train", "--mode", "mtl", "--output", "run"];
        train.extend(options);
        train.extend(SMALL);
        let finished = run(folder, &train);
        assert_eq!(finished.status, 2, "{options:?}: {}", finished.errors);
        assert!(
            finished.errors.contains(expected),
            "{options:?}: {}",
            finished.errors
        );
    }
}

#[test]
fn checkpoints_leave_the_frozen_part_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "60");
    random_weights(&folder.join("resnet18.safetensors"), Architecture::ResNet18);
    let mut train = vec!["train", "--mode", "mtl", "--epochs", "1", "--output", "run"];
    train.extend(["--freeze", "layer3", "--weights", "resnet18.safetensors"]);
    train.extend(SMALL);
    succeed(folder, &train);
    let checkpoint = folder.join("run/checkpoints/last.safetensors");
    let (tensors, _) = load_tensors(&checkpoint).unwrap();
    assert!(tensors.keys().all(|name| !name.contains("layer3")));
    for kept in ["layer4.0.bn1.running_mean", "layer4.1.conv2.weight"] {
        assert!(tensors.contains_key(&format!("backbone.{kept}")), "{kept}");
    }
    // The model file has everything.
    let (model, _) = load_tensors(&folder.join("run/model.safetensors")).unwrap();
    assert!(model.contains_key("backbone.layer3.0.conv1.weight"));
    // Other weights under the same name.
    let weights = folder.join("resnet18.safetensors");
    let (mut others, metadata) = load_tensors(&weights).unwrap();
    for name in ["conv1.weight", "layer4.1.conv2.weight"] {
        let moved = others[name].affine(1.0, 0.25).unwrap();
        others.insert(name.to_owned(), moved);
    }
    save_tensors(&weights, &others, &metadata).unwrap();
    train.push("--resume");
    let finished = run(folder, &train);
    assert_eq!(finished.status, 2, "{}", finished.errors);
    assert!(
        finished.errors.contains("frozen part"),
        "{}",
        finished.errors
    );
}

#[test]
fn runs_of_older_versions_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "80");
    let train = |epochs: &'static str, more: &[&'static str]| {
        let train = [
            "train", "--mode", "mtl", "--output", "run", "--epochs", epochs,
        ];
        run(folder, &[&train[..], &SMALL, more].concat())
    };
    assert_eq!(train("1", &[]).status, 0);
    // What every file once said, whatever the system.
    let path = folder.join("run/config.toml");
    let written = fs::read_to_string(&path).unwrap();
    let older = "caption_words = 5000\ncontext = \"regress\"\ncontext_weight = 0.1\n";
    fs::write(&path, format!("{older}{written}")).unwrap();
    let resumed = train("2", &["--resume"]);
    assert_eq!(resumed.status, 0, "{}", resumed.errors);
    let now = fs::read_to_string(&path).unwrap();
    assert_eq!(now, written.replace("epochs = 1\n", "epochs = 2\n"));

    fs::write(&path, format!("embeddings = \"e\"\n{written}")).unwrap();
    let refused = run(folder, &["train", "--resume", "--output", "run"]);
    assert_eq!(refused.status, 2);
    for words in ["embeddings: mtl has none", "leave `--embeddings` out"] {
        assert!(refused.errors.contains(words), "{}", refused.errors);
    }
}
