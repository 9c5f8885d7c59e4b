//! `artkg models`, and networks other than ResNets on the whole path.

use std::fs;

use artkg_vision::Architecture;

use crate::path::{painted, random_weights};
use crate::program::{run, succeed};

#[test]
fn networks_are_listed_with_their_figures() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let table = succeed(folder, &["models"]);
    let line = |name: &str| {
        let mut lines = table.lines();
        let line = lines.find(|line| line.split_whitespace().next() == Some(name));
        line.unwrap_or_else(|| panic!("no {name} in\n{table}"))
    };
    for words in ["16", "138.36", "30.94", "28.41", "4096", "block5"] {
        assert!(line("vgg16").contains(words), "{}", line("vgg16"));
    }
    for words in ["50", "25.56", "23.87", "2048", "layer4"] {
        assert!(
            line("resnet50-v1.5").contains(words),
            "{}",
            line("resnet50-v1.5")
        );
    }
    for words in [
        "13",
        "22.82",
        "–",
        "768",
        "stem blocks.0 … blocks.11 pooled",
    ] {
        let line = line("dinov2_vits14");
        assert!(line.contains(words), "{line}");
    }
    assert!(table.contains("Hu et al."), "{table}");

    let list: serde_json::Value =
        serde_json::from_str(&succeed(folder, &["models", "--json"])).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 34);
    let alexnet = &list[0];
    assert_eq!(alexnet["parameters"], 61_100_840);
    assert_eq!(alexnet["stages"][6], "fc6");
    assert_eq!(
        alexnet["flops"],
        2 * alexnet["multiply_adds"].as_u64().unwrap()
    );

    let layers = succeed(folder, &["models", "googlenet", "--size", "96"]);
    assert!(layers.contains("inception4d.branch3.1.conv"), "{layers}");
    let refused = run(folder, &["models", "alexnet", "--size", "32"]);
    assert_eq!(refused.status, 2);
    assert!(
        refused.errors.contains("32 × 32 pixels"),
        "{}",
        refused.errors
    );
}

#[test]
fn profiles_say_where_the_time_goes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let profile = |arguments: &[&str]| -> serde_json::Value {
        let common = [
            "models",
            "seresnet50",
            "--profile",
            "--json",
            "--size",
            "64",
        ];
        let more = ["--batch", "2", "--repeats", "1"];
        let arguments = [&common[..], &more[..], arguments].concat();
        serde_json::from_str(&succeed(folder, &arguments)).unwrap()
    };
    let inference = profile(&[]);
    let training = profile(&["--training"]);
    for profile in [&inference, &training] {
        let layers = profile["layers"].as_array().unwrap();
        assert_eq!(layers[0]["name"], "conv1");
        assert_eq!(layers[layers.len() - 1]["operation"], "linear");
        let excited = layers.iter().filter(|layer| layer["operation"] == "excite");
        assert_eq!(excited.count(), 16);
        let shares = layers
            .iter()
            .map(|layer| layer["share_percent"].as_f64().unwrap());
        assert!((shares.sum::<f64>() - 100.0).abs() < 1e-6);
    }
    assert!(inference["layers"][0]["backward_milliseconds"].is_null());
    assert!(training["layers"][0]["backward_milliseconds"].is_f64());
    let flops =
        |profile: &serde_json::Value, layer: usize| profile["layers"][layer]["flops"].as_u64();
    assert_eq!(
        flops(&training, 0),
        flops(&inference, 0).map(|flops| 2 * flops)
    );
    assert_eq!(
        flops(&training, 3),
        flops(&inference, 3).map(|flops| 3 * flops)
    );

    let options = [
        "models",
        "resnet18",
        "--size",
        "64",
        "--profile",
        "--repeats",
        "1",
    ];
    let text = succeed(folder, &options);
    assert!(
        text.contains("GFLOP/s") && text.contains("layer4.1.conv2"),
        "{text}"
    );
    let measured = [
        "models",
        "resnet18",
        "--size",
        "64",
        "--measure",
        "--batch",
        "2",
    ];
    assert!(succeed(folder, &measured).contains("images/s"));
    let refused = run(folder, &["models", "--profile"]);
    assert_eq!(refused.status, 2, "a profile is of one network");
}

#[test]
fn other_networks_train_evaluate_and_tag() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "60");
    for (backbone, side) in [
        ("googlenet", "48"),
        ("alexnet", "64"),
        ("dinov2_vits14", "56"),
        ("convnext_tiny", "64"),
    ] {
        let mut train = vec![
            "train", "--corpus", "corpus", "--mode", "mtl", "--epochs", "1",
        ];
        train.extend([
            "--backbone",
            backbone,
            "--output",
            backbone,
            "--dropout",
            "0.1",
        ]);
        train.extend(["--resize", side, "--crop", side, "--minimum-count", "3"]);
        train.extend(["--task", "type", "--learning-rate", "0.01"]);
        succeed(folder, &train);
        let model = format!("{backbone}/model.safetensors");
        succeed(folder, &["eval", "--model", &model, "--corpus", "corpus"]);
        let tags = format!("{backbone}.csv");
        succeed(
            folder,
            &["tag", "--model", &model, "corpus/images", "--output", &tags],
        );
        let count = fs::read_to_string(folder.join(tags))
            .unwrap()
            .lines()
            .count();
        assert_eq!(count, 61);
    }

    let wrong = |arguments: &[&str]| {
        let start = [
            "train",
            "--corpus",
            "corpus",
            "--mode",
            "mtl",
            "--task",
            "type",
            "--minimum-count",
            "3",
            "--output",
            "wrong",
        ];
        let finished = run(folder, &[&start[..], arguments].concat());
        assert_eq!(finished.status, 2);
        finished.errors
    };
    let stage = [
        "--backbone",
        "vgg16",
        "--freeze",
        "layer3",
        "--weights",
        "gone",
    ];
    let message = wrong(&stage);
    assert!(message.contains("block1, block2, block3"), "{message}");
    let message = wrong(&["--backbone", "dinov2_vits14", "--freeze", "layer3"]);
    assert!(
        message.contains("stem, blocks.0, blocks.1, blocks.2"),
        "{message}"
    );
    let message = wrong(&["--backbone", "dinov2_vits14", "--crop", "64"]);
    assert!(
        message.contains("multiples of the patch, 14 pixels"),
        "{message}"
    );
    let message = wrong(&["--backbone", "clip_vitb32", "--weights", "imagenet"]);
    assert!(message.contains("--weights published"), "{message}");
    let message = wrong(&["--backbone", "alexnet", "--resize", "48", "--crop", "48"]);
    assert!(
        message.contains("alexnet cannot take images of 48 × 48"),
        "{message}"
    );
}

#[test]
fn the_last_blocks_of_a_transformer_learn_from_kept_activations() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "60");
    random_weights(
        &folder.join("dinov2.safetensors"),
        Architecture::DinoV2Small,
    );
    let train = |run: &'static str, more: &[&'static str]| {
        let mut train = vec!["train", "--mode", "mtl", "--epochs", "1", "--output", run];
        train.extend([
            "--backbone",
            "dinov2_vits14",
            "--weights",
            "dinov2.safetensors",
        ]);
        train.extend(["--freeze", "blocks.8", "--resize", "56", "--crop", "56"]);
        train.extend(["--optimiser", "adamw", "--learning-rate", "1e-4"]);
        train.extend([
            "--layer-decay",
            "0.75",
            "--minimum-count",
            "3",
            "--task",
            "type",
        ]);
        train.extend(more);
        succeed(folder, &train);
        fs::read(folder.join(run).join("model.safetensors")).unwrap()
    };
    let model = train("first", &[]);
    assert_eq!(model, train("second", &[]), "same seed, same result");
    assert_ne!(model, train("third", &["--stochastic-depth", "0.5"]));
    let config = fs::read_to_string(folder.join("first/config.toml")).unwrap();
    for line in ["freeze = \"blocks.8\"", "layer_decay = 0.75", "crop = 56"] {
        assert!(config.contains(line), "{config}");
    }
    let caches = fs::read_dir(folder.join("cache")).unwrap();
    let names: Vec<_> = caches.map(|cache| cache.unwrap().file_name()).collect();
    assert_eq!(names.len(), 1);
    let name = names[0].to_string_lossy();
    assert!(name.starts_with("dinov2_vits14-blocks.8-"), "{name}");
    let start = ["eval", "--model", "first/model.safetensors"];
    succeed(folder, &[&start[..], &["--corpus", "corpus"]].concat());
}
