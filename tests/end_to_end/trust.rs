//! What a model knows of its own tags: confidences, consistency, explanations.

use std::fs;
use std::path::Path;

use artkg_nn::{load_tensors, save_tensors};
use serde_json::Value;

use crate::path::{SMALL, painted};
use crate::program::{run, succeed};

const MODEL: &str = "run/model.safetensors";
const TASKS: [&str; 4] = ["type", "school", "timeframe", "author"];

#[test]
fn a_model_knows_how_far_to_trust_its_tags() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "160");
    succeed(folder, &["graph", "build", "corpus"]);
    let embed = ["graph", "embed", "corpus/graph.akg", "--dimension", "16"];
    succeed(folder, &embed);
    let mut train = vec!["train", "--mode", "kgm", "--epochs", "3", "--output", "run"];
    train.extend(SMALL);
    succeed(folder, &train);

    evaluations_show_what_confidences_are_worth(folder);
    unsure_tags_are_left_empty(folder);
    consistent_tags_go_together(folder);
    tags_are_explained(folder);
    older_files_still_tag(folder);
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let printed = succeed(folder, &[arguments, &["--json"]].concat());
    serde_json::from_str(&printed).expect("--json prints JSON")
}

fn rows(path: &Path) -> Vec<csv::StringRecord> {
    let mut table = csv::Reader::from_path(path).unwrap();
    table.records().map(Result::unwrap).collect()
}

fn evaluations_show_what_confidences_are_worth(folder: &Path) {
    let eval = ["eval", "--model", MODEL, "--corpus", "corpus"];
    let evaluation = json(folder, &eval);
    for task in evaluation["tasks"].as_array().unwrap() {
        let confidence = &task["confidence"];
        for part in ["reliability", "uncalibrated"] {
            let bins = confidence[part]["bins"].as_array().unwrap();
            assert_eq!(bins.len(), 15);
            let counted: u64 = bins
                .iter()
                .map(|bin| bin["examples"].as_u64().unwrap())
                .sum();
            assert_eq!(counted, task["examples"].as_u64().unwrap());
            let error = confidence[part]["calibration_error"].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&error), "{error}");
        }
        let points = confidence["selection"]["points"].as_array().unwrap();
        let last = points.last().unwrap();
        assert_eq!(last["coverage"], 1.0);
        let wrong = last["risk"].as_f64().unwrap() + task["accuracy"].as_f64().unwrap();
        assert!(
            (wrong - 1.0).abs() < 1e-9,
            "giving all tags is as wrong as the accuracy says"
        );
    }
    let html = fs::read_to_string(folder.join("run/evaluation.html")).unwrap();
    assert!(html.contains("Reliability of author") && html.contains("Risk and coverage"));
    let printed = succeed(folder, &eval);
    assert!(
        printed.contains("ECE") && printed.contains("AURC"),
        "{printed}"
    );
}

fn unsure_tags_are_left_empty(folder: &Path) {
    let tag = |output: &str, options: &[&str]| {
        let common = ["tag", "--model", MODEL, "corpus/images", "--output", output];
        run(folder, &[&common, options].concat())
    };
    assert_eq!(tag("all.csv", &[]).status, 0);
    let finished = tag("some.csv", &["--abstain", "0", "--abstain", "author=1"]);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    assert!(
        finished
            .errors
            .contains("author: given from a confidence of 1.000"),
        "{}",
        finished.errors
    );
    assert!(
        finished.output.contains("author withheld for"),
        "{}",
        finished.output
    );
    for (all, some) in rows(&folder.join("all.csv"))
        .iter()
        .zip(rows(&folder.join("some.csv")))
    {
        assert_eq!((&all[0], &all[1], &all[2]), (&some[0], &some[1], &some[2]));
        assert_eq!(all[8], some[8], "the confidence is kept");
        let (given, withheld) = match &all[8] == "1.0000" {
            true => (&all[7], ""),
            false => ("", &all[7]),
        };
        assert_eq!((&some[7], &some[9]), (given, withheld));
    }
    let finished = tag("none.jsonl", &["--abstain", "1"]);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let line = fs::read_to_string(folder.join("none.jsonl")).unwrap();
    let tags: Value = serde_json::from_str(line.lines().nth(1).unwrap()).unwrap();
    let author = &tags["tags"][3];
    assert_eq!(author["abstained"], true, "{tags}");
    let first = &author["classes"][0];
    assert!(
        first["class"].is_string() && first["confidence"].is_f64(),
        "a suggestion is kept: {tags}"
    );
    // So are the alternatives, in the columns that they always have.
    let finished = tag("three.csv", &["--top", "3", "--abstain", "1"]);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let mut table = csv::Reader::from_path(folder.join("three.csv")).unwrap();
    let header = table.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    for row in table.records().map(Result::unwrap) {
        assert!(row[place("author")].is_empty() != row[place("author_withheld")].is_empty());
        assert!(!row[place("author_2")].is_empty() && !row[place("author_3")].is_empty());
    }

    // As many wrong tags as come without any threshold are allowed.
    let finished = tag("risky.csv", &["--abstain-risk", "1"]);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    assert_eq!(
        rows(&folder.join("risky.csv")),
        rows(&folder.join("all.csv"))
    );
    for (options, words) in [
        (
            ["--abstain", "painter=0.5"],
            "no task painter; its tasks are type, school, timeframe, author",
        ),
        (["--abstain-risk", "2"], "from 0 to 1"),
    ] {
        let finished = tag("wrong.csv", &options);
        assert_eq!(finished.status, 2);
        assert!(finished.errors.contains(words), "{}", finished.errors);
    }
    // For the comparisons to come.
    fs::rename(folder.join("all.csv"), folder.join("kept.csv")).unwrap();
}

fn consistent_tags_go_together(folder: &Path) {
    let eval = [
        "eval",
        "--model",
        MODEL,
        "--corpus",
        "corpus",
        "--consistent",
    ];
    let evaluation = json(folder, &eval);
    let consistency = &evaluation["consistency"];
    let accuracies = consistency["tasks"].as_array().unwrap();
    assert_eq!(accuracies.len(), 4);
    for (task, accuracies) in evaluation["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .zip(accuracies)
    {
        assert_eq!(task["accuracy"], accuracies["together"]);
    }
    let conflicts = |when: &str| consistency[when].as_f64().unwrap();
    assert!(conflicts("conflicts_together") <= conflicts("conflicts_alone"));
    let html = fs::read_to_string(folder.join("run/evaluation.html")).unwrap();
    assert!(html.contains("Consistent tags"));

    let tag = |output: &str, options: &[&str]| {
        let common = ["tag", "--model", MODEL, "corpus/images", "--output", output];
        run(folder, &[&common, options].concat())
    };
    assert_eq!(tag("none.csv", &["--consistent=0"]).status, 0);
    for (alone, none) in rows(&folder.join("kept.csv"))
        .iter()
        .zip(rows(&folder.join("none.csv")))
    {
        for column in [0, 1, 3, 5, 7] {
            assert_eq!(
                alone[column], none[column],
                "a strength of 0 changes nothing"
            );
        }
    }
    let finished = tag("joint.csv", &["--consistent", "--abstain-risk", "0.5"]);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let finished = tag("joint2.csv", &["--consistent=0.5", "--abstain-risk", "0.5"]);
    assert_eq!(finished.status, 2);
    assert!(
        finished.errors.contains("fitted strength"),
        "{}",
        finished.errors
    );
    let finished = tag("joint3.csv", &["--consistent=-1"]);
    assert_eq!(finished.status, 2);
}

fn tags_are_explained(folder: &Path) {
    let image = fs::read_dir(folder.join("corpus/images"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .min()
        .unwrap();
    let image = image.to_str().unwrap();
    let explain = |options: &[&'static str]| {
        let mut arguments = vec!["explain", image, "--model", MODEL];
        arguments.extend(options);
        arguments
    };
    let explanation = json(folder, &explain(&["--corpus", "corpus", "--output", "why"]));
    for (tag, task) in explanation["tags"].as_array().unwrap().iter().zip(TASKS) {
        assert_eq!(tag["task"], task);
        // A network of 32 pixels has one place at its end.
        let values = tag["heat"]["values"].as_array().unwrap();
        assert_eq!(values.len() as u64, tag["heat"]["rows"].as_u64().unwrap());
        assert!(folder.join("why").join(format!("{task}.png")).exists());
    }
    for kind in ["alike", "near_in_graph"] {
        let works = explanation[kind].as_array().unwrap();
        assert_eq!(works.len(), 6, "{kind}");
        let cosine = |place: usize| works[place]["cosine"].as_f64().unwrap();
        assert!(cosine(0) >= cosine(1) && cosine(0) <= 1.0 + 1e-6);
    }
    let html = fs::read_to_string(folder.join("why/index.html")).unwrap();
    for words in [
        "Synthetic data",
        "data:image/jpeg;base64",
        "Training works that look alike",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("http"), "the page needs no network");
    // What was computed once is kept.
    let cache = || {
        let mut names: Vec<_> = fs::read_dir(folder.join("cache"))
            .unwrap()
            .map(|entry| entry.unwrap().path().join("index.txt"))
            .collect();
        names.sort();
        fs::read_to_string(&names[0]).unwrap()
    };
    let first = cache();
    let printed = succeed(
        folder,
        &explain(&["--corpus", "corpus", "--output", "why.html"]),
    );
    assert!(
        printed.contains("look alike") && printed.contains("why.html"),
        "{printed}"
    );
    assert_eq!(cache(), first);
    // The model file alone will do.
    let printed = succeed(
        folder,
        &explain(&["--consistent", "--output", "alone.html"]),
    );
    assert!(!printed.contains("look alike"), "{printed}");
    let finished = run(folder, &["explain", "gone.jpg", "--model", MODEL]);
    assert_eq!(finished.status, 2);
    assert!(finished.errors.contains("gone.jpg"), "{}", finished.errors);
}

/// Files of models that were trained before curves and co-occurrences were kept.
fn older_files_still_tag(folder: &Path) {
    let (tensors, mut metadata) = load_tensors(&folder.join(MODEL)).unwrap();
    let mut description: Value = serde_json::from_str(&metadata["artkg"]).unwrap();
    for key in ["selection", "joint"] {
        assert!(
            description.as_object_mut().unwrap().remove(key).is_some(),
            "{key}"
        );
    }
    metadata.insert("artkg".to_owned(), description.to_string());
    save_tensors(&folder.join("old.safetensors"), &tensors, &metadata).unwrap();
    let tag = |output: &str, options: &[&str]| {
        let common = [
            "tag",
            "--model",
            "old.safetensors",
            "corpus/images",
            "--output",
            output,
        ];
        run(folder, &[&common, options].concat())
    };
    assert_eq!(tag("old.csv", &["--abstain", "0"]).status, 0);
    assert_eq!(
        rows(&folder.join("old.csv")),
        rows(&folder.join("kept.csv"))
    );
    for option in ["--abstain-risk=0.1", "--consistent"] {
        let finished = tag("older.csv", &[option]);
        assert_eq!(finished.status, 2, "{option}");
        assert!(
            finished.errors.contains("train the model again"),
            "{}",
            finished.errors
        );
    }
}
