//! A run stays within its memory limit, or says beforehand that it cannot.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use crate::path::painted;
use crate::program::{artkg, run};

/// A network whose batches take a few hundred megabytes.
const LARGE: [&str; 16] = [
    "train",
    "--corpus",
    "corpus",
    "--mode",
    "mtl",
    "--backbone",
    "resnet18",
    "--resize",
    "192",
    "--crop",
    "192",
    "--minimum-count",
    "3",
    "--batch-size",
    "32",
    "--epochs",
];

/// Trains in a child process and returns the most memory that it held, in MiB,
/// as the kernel saw it.
#[cfg(target_os = "linux")]
fn peak_of(folder: &Path, more: &[&str]) -> f64 {
    let mut arguments = LARGE.to_vec();
    arguments.extend(["1", "--quiet"]);
    arguments.extend(more);
    let mut child = artkg(folder, &arguments)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        // The mark only rises; the last look at it is all that counts.
        if let Some(line) = text.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
            let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
            peak = kibibytes / 1024.0;
        }
        sleep(Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success(), "{arguments:?}");
    peak
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_stays_below_its_memory_limit() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "100");
    let free = peak_of(folder, &["--output", "free"]);
    // What stays, above all weights and their gradients, is below half of it.
    let limit = (0.75 * free).round();
    let option = format!("{limit}MiB");
    let bound = peak_of(folder, &["--output", "bound", "--memory-limit", &option]);
    assert!(
        bound < 1.03 * limit,
        "{bound} MiB, limit {option}, else {free} MiB"
    );
    let settings = |run: &str| -> toml::Table {
        let text = fs::read_to_string(folder.join(run).join("config.toml")).unwrap();
        text.parse::<toml::Table>().unwrap()["training"]
            .as_table()
            .unwrap()
            .clone()
    };
    assert_eq!(settings("free")["accumulate"].as_integer(), Some(1));
    let parts = settings("bound")["accumulate"].as_integer().unwrap();
    assert!(parts > 1, "the number of parts is written down");
    assert_eq!(
        settings("bound")["memory_limit"].as_str(),
        Some(&option[..])
    );
}

#[test]
fn a_run_that_cannot_fit_says_so_before_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "60");
    let mut arguments = LARGE.to_vec();
    arguments.extend(["1", "--output", "run", "--memory-limit", "64MiB"]);
    let finished = run(folder, &arguments);
    assert_eq!(finished.status, 2, "{}", finished.errors);
    for words in ["64MiB", "--freeze", "one example at a time"] {
        assert!(finished.errors.contains(words), "{}", finished.errors);
    }
    assert!(!folder.join("run/metrics.jsonl").exists());
}
