//! A run that is killed goes on as if nothing had happened.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::path::{SMALL, painted};
use crate::program::{artkg, succeed};

/// The loss of every recorded step and epoch; times are left out.
fn losses(run: &Path) -> Vec<(String, String)> {
    fs::read_to_string(run.join("metrics.jsonl"))
        .unwrap()
        .lines()
        .map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let place = format!("{} {}", record["epoch"], record["step"]);
            (place, record["loss"].to_string())
        })
        .collect()
}

#[test]
fn a_killed_run_resumes_to_the_same_losses() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "120");
    let command = |run: &'static str| {
        let mut train = vec!["train", "--mode", "mtl", "--epochs", "4", "--output", run];
        train.extend(SMALL);
        train
    };
    succeed(folder, &command("unbroken"));

    let mut child = artkg(folder, &command("killed"))
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // Killed as soon as the first checkpoint is there: in a later epoch.
    let checkpoint = folder.join("killed/checkpoints/last.safetensors");
    let start = Instant::now();
    while !checkpoint.exists() {
        assert!(
            start.elapsed() < Duration::from_secs(300),
            "no checkpoint came"
        );
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!folder.join("killed/model.safetensors").exists());

    let mut resume = command("killed");
    resume.push("--resume");
    succeed(folder, &resume);
    assert_eq!(
        losses(&folder.join("killed")),
        losses(&folder.join("unbroken"))
    );
    let model = |run: &str| fs::read(folder.join(run).join("model.safetensors")).unwrap();
    assert_eq!(model("killed"), model("unbroken"), "bit for bit");
}
