//! The table of systems: every row runs, stops, goes on, and is tested.

use std::fs;

use serde_json::Value;

use crate::path::{SMALL, painted};
use crate::program::{run, succeed, without_checksum};

#[test]
fn rows_are_trained_once_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "120");
    succeed(folder, &["graph", "build", "corpus"]);
    let embed = ["graph", "embed", "corpus/graph.akg", "--dimension", "16"];
    succeed(folder, &embed);
    let compare = |rows: &'static str, more: &[&'static str]| {
        let mut arguments = vec!["compare", "--rows", rows, "--epochs", "2", "--json"];
        arguments.extend(["--random-weights", "--seeds", "2", "--output", "table"]);
        arguments.extend(SMALL);
        arguments.extend(more);
        arguments
    };

    // Nothing may begin: all is left for another time.
    let none = run(folder, &compare("mtl", &["--budget", "0s"]));
    assert_eq!(none.status, 1, "{}", none.errors);
    assert!(none.errors.contains("2 runs left"), "{}", none.errors);

    let rows = "mtl,kgm-fuse+prototypes,attributes,pretrained@resnet34";
    let table = succeed(folder, &compare(rows, &[]));
    let table: Value = serde_json::from_str(&table).unwrap();
    let row = |name: &str| {
        let rows = table["rows"].as_array().unwrap();
        let found = rows.iter().find(|row| row["row"] == name);
        found
            .unwrap_or_else(|| panic!("no row {name} in {table}"))
            .clone()
    };
    // The classifiers that attributes learns from have become a row.
    for name in ["mtl", "kgm-fuse+prototypes", "finetune", "attributes"] {
        let row = row(name);
        assert_eq!(row["seeds"], serde_json::json!([0, 1]), "{name}");
        for task in ["type", "school", "timeframe", "author"] {
            let accuracies = row["test_accuracy"][task].as_array().unwrap();
            assert_eq!(accuracies.len(), 2, "{name} {task}");
            for accuracy in accuracies {
                let accuracy = accuracy.as_f64().unwrap();
                assert!((0.0..=1.0).contains(&accuracy), "{name} {task}");
            }
        }
        assert!(row["paper"].is_null(), "this is not SemArt");
    }
    assert_eq!(row("pretrained@resnet34")["random_weights"], true);
    let (finetune, mtl) = (row("finetune"), row("mtl"));
    assert!(
        finetune["parameters"].as_u64() > mtl["parameters"].as_u64(),
        "a network a task"
    );
    // Which tags go together is measured for models of several tasks.
    row("mtl, consistent");

    // What is finished is not run again.
    let result = folder.join("table/results/mtl-0.json");
    let before = fs::metadata(&result).unwrap().modified().unwrap();
    let again = succeed(folder, &compare(rows, &[]));
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), table);
    assert_eq!(fs::metadata(&result).unwrap().modified().unwrap(), before);
    for file in ["comparison.html", "table.md"] {
        let text = fs::read_to_string(folder.join("table").join(file)).unwrap();
        assert!(text.contains("kgm-fuse+prototypes"), "{file}");
    }

    // What nothing vouches for is told.
    let model = folder.join("table/runs/mtl/seed-0/model.safetensors");
    let older = without_checksum(&fs::read(&model).unwrap());
    fs::write(&model, older).unwrap();
    let told = run(folder, &compare(rows, &[]));
    assert_eq!(told.status, 0, "{}", told.errors);
    let line = "model.safetensors: no checksum";
    assert_eq!(told.errors.matches(line).count(), 1, "{}", told.errors);

    // Nor is it mixed with runs of other settings.
    let others: [&[&str]; 2] = [&["--momentum", "0.5"], &["--task", "type"]];
    for settings in others {
        let other = run(folder, &compare("mtl", settings));
        assert_eq!(other.status, 2);
        assert!(other.errors.contains("other settings"), "{}", other.errors);
    }
}

#[test]
fn rows_that_cannot_run_are_reported_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "60");
    let mut compare = vec!["compare", "--epochs", "1", "--seeds", "1", "--rows"];
    let kgm: Vec<&str> = compare
        .iter()
        .copied()
        .chain(["kgm"])
        .chain(SMALL)
        .collect();
    let refused = run(folder, &kgm);
    assert_eq!(refused.status, 2);
    assert!(
        refused.errors.contains("artkg graph embed"),
        "{}",
        refused.errors
    );

    compare.extend([
        "mtl,finetune@vgg16",
        "--weights-of",
        "vgg16=missing.safetensors",
    ]);
    compare.extend(SMALL);
    let finished = run(folder, &compare);
    assert_eq!(finished.status, 1, "{}", finished.errors);
    let reason = "finetune@vgg16 cannot be run";
    assert!(finished.errors.contains(reason), "{}", finished.errors);
    assert!(finished.errors.contains("missing.safetensors"));
    assert!(finished.output.contains("mtl"), "{}", finished.output);

    let unknown = run(folder, &["compare", "--corpus", "corpus", "--rows", "mlt"]);
    assert_eq!(unknown.status, 2);
    assert!(
        unknown.errors.contains("unknown row `mlt`"),
        "{}",
        unknown.errors
    );
}
