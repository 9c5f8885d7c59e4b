//! Models of columns that the paper does not know.

use std::fs;
use std::path::Path;

use artkg_vision::Architecture;
use serde_json::Value;

use crate::path::{SMALL, painted, random_weights};
use crate::program::{run, succeed, without_checksum};

/// Gives the works of the corpus a movement by their type, but every eleventh none. Some
/// have a second one, which no model learns. The number of test works with one.
fn add_movements(folder: &Path) -> usize {
    let path = folder.join("corpus/artworks.csv");
    let mut table = csv::Reader::from_path(&path).unwrap();
    let mut header = table.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|cell| cell == name).unwrap();
    let (kind, split) = (column("type"), column("split"));
    header.push_field("movement");
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let mut written = csv::Writer::from_path(&path).unwrap();
    written.write_record(&header).unwrap();
    let mut tested = 0;
    for (number, mut row) in rows.into_iter().enumerate() {
        let movement = match (number % 11, &row[kind]) {
            (0, _) => "",
            (_, "portrait" | "religious") => "Figuration|Salon",
            (_, _) => "Naturalism",
        };
        tested += usize::from(&row[split] == "test" && !movement.is_empty());
        row.push_field(movement);
        written.write_record(&row).unwrap();
    }
    written.flush().unwrap();
    tested
}

#[test]
fn any_column_can_be_a_task() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "120");
    let tested = add_movements(folder);
    succeed(folder, &["graph", "build", "corpus"]);
    let embed = ["graph", "embed", "corpus/graph.akg", "--dimension", "16"];
    succeed(folder, &embed);

    let with = |first: &[&'static str], last: &[&'static str]| [first, &SMALL, last].concat();
    let train = ["train", "--epochs", "2", "--output", "run"];
    let refused = run(folder, &with(&train, &["--task", "type,mood"]));
    assert_eq!(refused.status, 2);
    for words in [
        "no column mood",
        "author",
        "technique",
        "movement",
        "--task",
    ] {
        assert!(refused.errors.contains(words), "{}", refused.errors);
    }
    assert!(!refused.errors.contains("image,"), "{}", refused.errors);
    let of_two = ["--task", "type,movement", "--context", "prototypes+joint"];
    succeed(folder, &with(&train, &of_two));
    let classes = fs::read_to_string(folder.join("run/vocabulary.json")).unwrap();
    let classes: Value = serde_json::from_str(&classes).unwrap();
    assert_eq!(classes.as_array().unwrap().len(), 2);
    assert_eq!(classes[1]["attribute"], "movement");
    let names = serde_json::json!(["unknown", "Figuration", "Naturalism"]);
    assert_eq!(classes[1]["classes"], names);

    let model = ["--model", "run/model.safetensors"];
    let eval = [&["eval", "--json", "--corpus", "corpus"], &model[..]].concat();
    let measured: Value = serde_json::from_str(&succeed(folder, &eval)).unwrap();
    let tasks = measured["tasks"].as_array().unwrap();
    let attributes: Vec<&Value> = tasks.iter().map(|task| &task["attribute"]).collect();
    assert_eq!(attributes, ["type", "movement"]);
    assert_eq!(tasks[1]["examples"], tested);

    let tag = ["tag", "corpus/images", "--output", "tags.csv"];
    succeed(folder, &[&tag[..], &model].concat());
    let mut tags = csv::Reader::from_path(folder.join("tags.csv")).unwrap();
    let header: Vec<&str> = tags.headers().unwrap().iter().collect();
    let columns = [
        "image",
        "type",
        "type_confidence",
        "movement",
        "movement_confidence",
        "review",
    ];
    assert_eq!(header, columns);
    for row in tags.records() {
        let movement = row.unwrap()[3].to_owned();
        let known = ["unknown", "Figuration", "Naturalism"];
        assert!(known.contains(&movement.as_str()), "{movement}");
    }

    let explain = ["explain", "corpus/images/synthetic-0001.jpg", "--json"];
    let explained = succeed(
        folder,
        &[&explain[..], &model, &["--corpus", "corpus"]].concat(),
    );
    let explained: Value = serde_json::from_str(&explained).unwrap();
    assert_eq!(explained["tags"][1]["task"], "movement");
    // Retrieval takes what the model knows, if nothing else is said.
    let retrieve = ["retrieve", "train", "--corpus", "corpus", "--epochs", "1"];
    succeed(
        folder,
        &[&retrieve[..], &model, &["--output", "found"]].concat(),
    );
    let settings = fs::read_to_string(folder.join("found/config.toml")).unwrap();
    let expected = "attributes = [\"type\", \"movement\"]";
    assert!(settings.contains(expected), "{settings}");
}

#[test]
fn classifiers_of_any_column_are_found_in_their_folder() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "80");
    add_movements(folder);
    random_weights(&folder.join("resnet18.safetensors"), Architecture::ResNet18);
    let train = |arguments: &[&'static str]| {
        let train = [&["train", "--epochs", "1"], arguments, &SMALL].concat();
        let finished = run(folder, &train);
        assert_eq!(finished.status, 0, "{}", finished.errors);
        finished.errors
    };
    let two = [
        "--mode",
        "finetune",
        "--task",
        "movement,type",
        "--output",
        "two",
    ];
    train(&two);
    let model = folder.join("two/type/model.safetensors");
    let older = without_checksum(&fs::read(&model).unwrap());
    fs::write(&model, older).unwrap();
    let told = train(&[
        "--mode",
        "attributes",
        "--attributes",
        "two",
        "--weights",
        "resnet18.safetensors",
        "--task",
        "movement",
        "--output",
        "one",
    ]);
    let line = "two/type/model.safetensors: no checksum";
    assert_eq!(told.matches(line).count(), 1, "{told}");
    let settings = fs::read_to_string(folder.join("one/config.toml")).unwrap();
    let expected =
        "attributes = [\"two/type/model.safetensors\", \"two/movement/model.safetensors\"]";
    assert!(settings.contains(expected), "{settings}");
}
