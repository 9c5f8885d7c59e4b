//! The search for settings: trials, baseline, resume, what comes of it.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::path::painted;
use crate::program::{artkg, run, succeed};

/// Settings of a network small enough for a test.
const BASE: &str = "mode = \"kgm\"\nminimum_count = 3\n\
    [backbone]\nname = \"resnet18\"\n\
    [preprocessing]\nresize = 36\ncrop = 32\n\
    [training]\nbatch_size = 16\n";

fn prepared(folder: &Path) {
    painted(folder, "80");
    succeed(folder, &["graph", "build", "corpus"]);
    let embed = ["graph", "embed", "corpus/graph.akg", "--dimension", "8"];
    succeed(folder, &embed);
    fs::write(folder.join("base.toml"), BASE).unwrap();
}

fn tune<'a>(output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut tune = vec!["tune", "--config", "base.toml", "--corpus", "corpus"];
    tune.extend(["--epochs", "1", "--trials", "4", "--output", output]);
    tune.extend(["--parameter", "learning_rate=1e-3..1e-1:log"]);
    tune.extend([
        "--parameter",
        "dropout=0..0.5",
        "--parameter",
        "p=0.5..2:log",
    ]);
    tune.extend(more);
    tune
}

/// The lines of a study's records, without their times.
fn trials(study: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(study.join("trials.jsonl")).unwrap();
    let lines = text.lines().map(|line| {
        let mut trial: serde_json::Value = serde_json::from_str(line).unwrap();
        trial.as_object_mut().unwrap().remove("seconds");
        trial
    });
    lines.collect()
}

#[test]
fn a_study_ends_in_settings_that_train() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepared(folder);
    let printed = succeed(folder, &tune("study", &["--baseline", "--json"]));
    let result: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(result["trials"], 4);
    let study = folder.join("study");
    let best = result["best"]["number"].as_u64().unwrap() as usize;
    assert_eq!(trials(&study).len(), 4);
    assert_eq!(
        trials(&study),
        trials(&study.join("random")),
        "all are startup trials"
    );
    let html = fs::read_to_string(study.join("report.html")).unwrap();
    for expected in ["Synthetic", "Best of random", "node2vec.return_parameter"] {
        assert!(html.contains(expected), "{expected}");
    }
    // The same options are embedded once.
    assert_eq!(fs::read_dir(study.join("embeddings")).unwrap().count(), 4);
    // Only the best trial keeps its model.
    for number in 1..=4 {
        let trial = study.join(format!("trials/{number:04}"));
        assert!(trial.join("metrics.jsonl").exists());
        assert_eq!(trial.join("model.safetensors").exists(), number == best);
        assert_eq!(trial.join("checkpoints").exists(), number == best);
    }
    let train = [
        "train",
        "--config",
        "study/best.toml",
        "--output",
        "run",
        "--json",
    ];
    let run: serde_json::Value = serde_json::from_str(&succeed(folder, &train)).unwrap();
    assert_eq!(run["best_validation_accuracy"], result["best"]["value"]);
    let model = |run: &Path| fs::read(run.join("model.safetensors")).unwrap();
    let trial = study.join(format!("trials/{best:04}"));
    assert!(
        model(&trial) == model(&folder.join("run")),
        "the models differ"
    );

    // More trials of the same study.
    let longer = succeed(
        folder,
        &["tune", "--output", "study", "--resume", "--trials", "5"],
    );
    assert!(longer.contains("of 5)"), "{longer}");
    assert_eq!(
        trials(&study.join("random")).len(),
        5,
        "the baseline goes on, too"
    );
}

#[test]
fn a_killed_study_resumes_to_the_same_trials() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepared(folder);
    succeed(folder, &tune("whole", &[]));
    let mut child = artkg(folder, &tune("parts", &[]))
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // Killed in the third trial.
    let third = folder.join("parts/trials/0003/config.toml");
    let start = Instant::now();
    while !third.exists() {
        assert!(start.elapsed() < Duration::from_secs(300), "no third trial");
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(trials(&folder.join("parts")).len() < 4);
    succeed(folder, &["tune", "--output", "parts", "--resume"]);
    assert_eq!(trials(&folder.join("parts")), trials(&folder.join("whole")));
}

#[test]
fn studies_without_sense_are_refused_before_the_first_trial() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "40");
    let mtl = BASE.replace("kgm", "mtl");
    fs::write(folder.join("base.toml"), &mtl).unwrap();
    let cases: [(&[&str], &str); 7] = [
        (&["--parameter", "learning_rat=0..1"], "learning_rat"),
        (&["--parameter", "momentum=0..2"], "momentum = 1"),
        (&["--parameter", "dropout=0.5"], "two values or more"),
        (&["--parameter", "q=0.5..2"], "--graph"),
        (&["--sampler", "grid"], "tpe and random"),
        (&["--sampler", "random", "--baseline"], "baseline itself"),
        (&["--resume"], "holds no study"),
    ];
    for (options, expected) in cases {
        let mut tune = vec!["tune", "--config", "base.toml", "--corpus", "corpus"];
        tune.extend(options);
        let finished = run(folder, &tune);
        assert_eq!(finished.status, 2, "{options:?}: {}", finished.errors);
        assert!(
            finished.errors.contains(expected),
            "{options:?}: {}",
            finished.errors
        );
        assert!(!folder.join("studies/latest/trials.jsonl").exists());
    }
}

#[test]
fn flavour_taggers_are_tuned_like_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let synth = ["flavor", "synth", "--output", "events", "--events", "120"];
    succeed(folder, &synth);
    let mut tune = vec!["flavor", "tune", "--model", "classical", "--epochs", "2"];
    for class in ["uds=events/uds.txt", "cc=events/cc.txt", "bb=events/bb.txt"] {
        tune.extend(["--class", class]);
    }
    tune.extend(["--trials", "3", "--output", "study"]);
    let printed = succeed(folder, &tune);
    assert!(printed.contains("best accuracy of tpe"), "{printed}");
    let train = [
        "flavor",
        "train",
        "--config",
        "study/best.toml",
        "--output",
        "run",
    ];
    succeed(folder, &train);
}
