//! Flavour tagging from toy events to class probabilities.

use std::fs;
use std::path::Path;

use crate::program::{run, succeed};

const CLASSES: [&str; 6] = [
    "--class",
    "uds=events/uds.txt",
    "--class",
    "cc=events/cc.txt",
    "--class",
    "bb=events/bb.txt",
];

fn with_classes<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["flavor"];
    all.extend(arguments);
    all.extend(CLASSES);
    all
}

fn synth(folder: &Path, events: &str) {
    succeed(
        folder,
        &["flavor", "synth", "--output", "events", "--events", events],
    );
}

#[test]
fn toy_events_are_tagged_from_files_to_curves() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    synth(folder, "400");
    let checked = succeed(
        folder,
        &["flavor", "check", "events/bb.txt", "events/cc.txt"],
    );
    assert!(checked.contains("400"), "{checked}");
    for model in ["classical", "sets", "attention"] {
        let epochs = if model == "attention" { "2" } else { "6" };
        let train = [
            "train", "--model", model, "--epochs", epochs, "--output", model,
        ];
        succeed(folder, &with_classes(&train));
        assert!(folder.join(model).join("report.html").exists());
    }
    let mut damaged = fs::read(folder.join("sets/model.safetensors")).unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(folder.join("damaged.safetensors"), damaged).unwrap();
    let tag = [
        "flavor",
        "tag",
        "--model",
        "damaged.safetensors",
        "events/bb.txt",
    ];
    let refused = run(folder, &tag);
    assert_eq!((refused.status, refused.output.as_str()), (2, ""));
    for words in ["damaged.safetensors", "checksum does not match"] {
        assert!(refused.errors.contains(words), "{}", refused.errors);
    }
    let compared = [
        "eval",
        "--json",
        "--model",
        "classical/model.safetensors",
        "--model",
        "sets/model.safetensors",
        "--model",
        "attention/model.safetensors",
    ];
    let measured = succeed(folder, &with_classes(&compared));
    let measured: serde_json::Value = serde_json::from_str(&measured).unwrap();
    let models = measured.as_array().unwrap();
    assert_eq!(models.len(), 3);
    for model in models {
        assert_eq!(model["toy"], true);
        // Three classes by chance: a third.
        assert!(model["accuracy"].as_f64().unwrap() > 0.6, "{model}");
        assert_eq!(model["working_points"].as_array().unwrap().len(), 12);
        assert!(!model["importances"].as_array().unwrap().is_empty());
    }
    let page = fs::read_to_string(folder.join("classical/evaluation.html")).unwrap();
    assert!(page.contains("Background efficiency") && page.contains("Purity"));

    a_model_says_what_it_is_worth(folder);

    // In the order of the input, whatever the number of threads.
    let tag = |format: &str, threads: &str| {
        let arguments = [
            "flavor",
            "tag",
            "--model",
            "sets/model.safetensors",
            "--format",
            format,
            "events/cc.txt",
            "events/bb.txt",
        ];
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_artkg"));
        let output = command
            .current_dir(folder)
            .args(arguments)
            .args(["--threads", threads]);
        let output = output.output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let table = tag("csv", "2");
    assert_eq!(table, tag("csv", "1"));
    let mut rows = table.lines();
    assert_eq!(
        rows.next().unwrap(),
        "file,event,line,tracks,class,p_uds,p_cc,p_bb"
    );
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
    assert_eq!(rows.len(), 800);
    // One file that has nothing does not take the others' tags.
    fs::write(folder.join("empty.txt"), "").unwrap();
    let tagging = ["flavor", "tag", "--model", "sets/model.safetensors"];
    let files = ["events/cc.txt", "empty.txt", "gone.txt", "events/bb.txt"];
    let some = run(folder, &[&tagging[..], &files].concat());
    assert_eq!((some.status, &some.output), (1, &table), "{}", some.errors);
    for said in ["empty.txt", "gone.txt", "2 of 4 files could not be tagged"] {
        assert!(some.errors.contains(said), "{said}: {}", some.errors);
    }
    let none = run(
        folder,
        &[&tagging[..], &["empty.txt", "gone.txt", "-o", "none.csv"]].concat(),
    );
    assert_eq!(none.status, 2, "{}", none.errors);
    assert!(!folder.join("none.csv").exists());
    let strict = run(folder, &[&tagging[..], &["--strict"], &files].concat());
    assert_eq!(strict.status, 2, "{}", strict.errors);
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(row[1].parse::<usize>().unwrap(), place % 400 + 1);
        let sum: f64 = row[5..]
            .iter()
            .map(|cell| cell.parse::<f64>().unwrap())
            .sum();
        assert!((sum - 1.0).abs() < 1e-4);
    }
    for (line, row) in tag("jsonl", "2").lines().zip(&rows) {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(record["class"], row[4]);
        assert_eq!(record["line"].to_string(), row[2]);
    }
}

/// A model of toy events and a file that says no checksum are told by each command that
/// uses them, and the origin lies beside the results.
fn a_model_says_what_it_is_worth(folder: &Path) {
    let bytes = fs::read(folder.join("sets/model.safetensors")).unwrap();
    let older = crate::program::without_checksum(&bytes);
    fs::write(folder.join("older.safetensors"), older).unwrap();
    let tagging = [
        "flavor",
        "tag",
        "events/bb.txt",
        "-o",
        "old.csv",
        "--model",
        "older.safetensors",
    ];
    let evaluating = [
        "eval",
        "--no-importance",
        "--model",
        "older.safetensors",
        "-o",
        "old.html",
    ];
    let all = with_classes(&evaluating);
    for arguments in [&tagging[..], &all] {
        let finished = run(folder, arguments);
        assert_eq!(finished.status, 0, "{}", finished.errors);
        for line in [
            "warning: older.safetensors learned from toy events, which are no physics",
            "older.safetensors: no checksum",
        ] {
            let count = finished.errors.matches(line).count();
            assert_eq!(count, 1, "{line}: {}", finished.errors);
        }
    }
    let page = fs::read_to_string(folder.join("old.html")).unwrap();
    assert!(page.contains("Toy events: models here learned"));
    let said = fs::read_to_string(folder.join("old.csv.meta.json")).unwrap();
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["tags"], "old.csv");
    assert_eq!(said["events"], 400);
    let origin = &said["origin"];
    assert_eq!(origin["toy"], true);
    assert_eq!(origin["model"]["file"], "older.safetensors");
    assert_eq!(origin["model"]["learned_from"][2], "bb=events/bb.txt");
    let fingerprint = origin["model"]["fingerprint"].as_str().unwrap();
    assert!(fingerprint.starts_with("sha256:"), "{fingerprint}");
    // Both files are its own, and are made anew; another one is not.
    succeed(folder, &tagging);
    fs::write(folder.join("old.csv.meta.json"), "mine").unwrap();
    let refused = run(folder, &tagging);
    assert_eq!(refused.status, 2);
    assert!(
        refused.errors.contains("old.csv.meta.json"),
        "{}",
        refused.errors
    );

    // Events that do not say that they are toys.
    fs::create_dir(folder.join("real")).unwrap();
    for class in ["uds", "cc", "bb"] {
        let toys = fs::read_to_string(folder.join(format!("events/{class}.txt"))).unwrap();
        let events = toys.split_once('\n').unwrap().1;
        fs::write(folder.join(format!("real/{class}.txt")), events).unwrap();
    }
    let real = CLASSES.map(|class| class.replace("events/", "real/"));
    let mut train: Vec<&str> = vec!["flavor", "train", "--epochs", "1", "--output", "of-real"];
    train.extend(real.iter().map(String::as_str));
    succeed(folder, &train);
    let model = "of-real/model.safetensors";
    let finished = run(
        folder,
        &["flavor", "tag", "--model", model, "events/bb.txt"],
    );
    assert_eq!(finished.status, 0, "{}", finished.errors);
    assert!(!finished.errors.contains("warning"), "{}", finished.errors);
}

/// The probabilities of a table of tags, event after event.
fn probabilities(table: &str) -> Vec<f64> {
    let rows = table.lines().skip(1);
    rows.flat_map(|row| row.split(',').skip(5).map(|cell| cell.parse().unwrap()))
        .collect()
}

#[test]
fn models_see_what_their_options_say_and_no_order_of_tracks() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    synth(folder, "60");
    // Each event's tracks the other way round.
    let events = fs::read_to_string(folder.join("events/bb.txt")).unwrap();
    let mut turned = String::new();
    for event in events.split("Axis").skip(1) {
        let (axis, tracks) = event.split_once('\n').unwrap();
        let tracks: Vec<&str> = tracks.lines().rev().collect();
        turned += &format!("Axis{axis}\n{}\n", tracks.join("\n"));
    }
    fs::write(folder.join("turned.txt"), turned).unwrap();
    let small = ["--width", "12", "--layers", "1", "--epochs", "1"];
    let cases: [(&str, &[&str], &str); 4] = [
        ("plain", &["--model", "dense", "--plain"], "false"),
        ("shared", &["--model", "dense"], "true"),
        (
            "blind",
            &["--model", "attention", "--pairs", "none"],
            "none",
        ),
        ("all", &["--model", "attention"], "all"),
    ];
    for (run, options, setting) in cases {
        let mut train = vec!["train", "--output", run];
        train.extend(options.iter().chain(&small));
        succeed(folder, &with_classes(&train));
        let config = fs::read_to_string(folder.join(run).join("config.toml")).unwrap();
        let key = match options[1] {
            "dense" => format!("shared_track_net = {setting}"),
            _ => format!("pair_inputs = \"{setting}\""),
        };
        assert!(config.contains(&key), "{key} in {config}");
        let model = format!("{run}/model.safetensors");
        let tag = |file| {
            let tags = succeed(folder, &["flavor", "tag", "--model", &model, file]);
            probabilities(&tags)
        };
        let (as_given, turned) = (tag("events/bb.txt"), tag("turned.txt"));
        assert_eq!(as_given.len(), 3 * 60);
        for (one, other) in as_given.iter().zip(&turned) {
            assert!((one - other).abs() < 1e-5, "{run}: {one} {other}");
        }
        let evaluated = ["eval", "--json", "--model", &model];
        let measured = succeed(folder, &with_classes(&evaluated));
        let measured: serde_json::Value = serde_json::from_str(&measured).unwrap();
        let importances = measured[0]["importances"].as_array().unwrap();
        let of_pairs = importances
            .iter()
            .find(|group| group["inputs"].as_str().unwrap().starts_with("pairs"));
        let growth = of_pairs.map(|group| group["loss_growth"].as_f64().unwrap());
        match run {
            "blind" => assert_eq!(growth, Some(0.0)),
            "all" => assert_ne!(growth, Some(0.0)),
            _ => assert_eq!(growth, None),
        }
    }
}

#[test]
fn a_run_interrupted_between_epochs_resumes_to_the_same_model() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    synth(folder, "150");
    let train = |run: &'static str, epochs| {
        with_classes(&[
            "train", "--model", "sets", "--width", "32", "--epochs", epochs, "--output", run,
        ])
    };
    succeed(folder, &train("unbroken", "4"));
    // What a run that was killed after its second epoch leaves behind.
    let config = fs::read_to_string(folder.join("unbroken/config.toml")).unwrap();
    fs::write(
        folder.join("constant.toml"),
        config.replace("\"cosine\"", "\"constant\""),
    )
    .unwrap();
    let short = |run: &'static str, epochs: &'static str| {
        vec![
            "flavor",
            "train",
            "--config",
            "constant.toml",
            "--epochs",
            epochs,
            "--output",
            run,
        ]
    };
    succeed(folder, &short("whole", "4"));
    succeed(folder, &short("parts", "2"));
    let mut resumed = short("parts", "4");
    resumed.push("--resume");
    succeed(folder, &resumed);
    let model = |run: &str| fs::read(folder.join(run).join("model.safetensors")).unwrap();
    assert_eq!(model("whole"), model("parts"), "bit for bit");
}

#[test]
fn faults_are_reported_and_statuses_tell() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    synth(folder, "60");
    let good = fs::read_to_string(folder.join("events/bb.txt")).unwrap();
    fs::write(
        folder.join("bad.txt"),
        format!("{good}Axis = 0 0 1\n1 2 3\n{good}"),
    )
    .unwrap();
    let line = good.lines().count() + 2;
    let checked = run(folder, &["flavor", "check", "bad.txt"]);
    assert_eq!(checked.status, 1);
    assert!(
        checked
            .errors
            .contains(&format!("bad.txt:{line}: a track of 3 numbers"))
    );
    let checked = run(folder, &["flavor", "check", "--strict", "bad.txt"]);
    assert_eq!(checked.status, 2);
    fs::write(folder.join("none.txt"), "Axis = 0 0 1\n1 2 3\n").unwrap();
    let cases: [(&[&str], &str); 6] = [
        (
            &["flavor", "check", "none.txt"],
            "its only event has a fault",
        ),
        (&["flavor", "check", "gone.txt"], "gone.txt"),
        (&["flavor", "train"], "--class"),
        (&["flavor", "train", "--class", "bb=bad.txt"], "only bb"),
        (&["flavor", "train", "--class", "bb"], "CLASS=FILE"),
        (
            &["flavor", "tag", "--model", "bad.txt", "bad.txt"],
            "bad.txt",
        ),
    ];
    for (arguments, expected) in cases {
        let finished = run(folder, arguments);
        assert_eq!(finished.status, 2, "{arguments:?}: {}", finished.errors);
        assert!(finished.errors.contains(expected), "{}", finished.errors);
    }
}

#[test]
fn lists_of_classes_train_the_same_model_as_files_of_one_class() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    synth(folder, "60");
    let (mut mixed, mut labels) = (String::new(), String::new());
    for class in ["uds", "cc", "bb"] {
        mixed += &fs::read_to_string(folder.join(format!("events/{class}.txt"))).unwrap();
        labels += &format!("{class}\n").repeat(60);
    }
    fs::write(folder.join("mixed.txt"), mixed).unwrap();
    fs::write(folder.join("labels.txt"), labels).unwrap();
    let options = ["--model", "classical", "--epochs", "2"];
    let mut list = vec![
        "flavor",
        "train",
        "--class",
        "@labels.txt=mixed.txt",
        "--output",
        "list",
    ];
    list.extend(options);
    let output = succeed(folder, &list);
    assert!(output.contains("best validation accuracy"), "{output}");
}
