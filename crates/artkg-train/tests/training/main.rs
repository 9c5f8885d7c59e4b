//! Whole runs of a small dense model on toy data.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests panic like the tests themselves"
)]

mod common;
mod settings;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use artkg_session::{Event, Observer, Session, StopFlag};
use artkg_train::{
    Decay, Error, Goal, Outcome, Record, Rule, RunFolder, ScheduleShape, TrainingConfig, train,
};
use common::{Fault, Toy, config};
use tempfile::TempDir;

/// Stops a run after a number of steps, as Ctrl-C would.
struct StopAfter {
    steps: AtomicUsize,
    stop: StopFlag,
}

impl Observer for StopAfter {
    fn observe(&self, event: &Event<'_>) {
        if let Event::Step(_) = event
            && self.steps.fetch_sub(1, Ordering::Relaxed) == 1
        {
            self.stop.stop();
        }
    }
}

fn stopping_after(steps: usize) -> Session {
    let stop = StopFlag::new();
    let observer = StopAfter {
        steps: steps.into(),
        stop: stop.clone(),
    };
    Session::new(1, stop, Arc::new(observer))
}

fn new_folder(parent: &TempDir, name: &str, config: &TrainingConfig) -> RunFolder {
    RunFolder::create(&parent.path().join(name), config).unwrap()
}

/// The run as another process resumes it, once the first is gone.
fn resumed(folder: RunFolder, config: &TrainingConfig) -> RunFolder {
    let path = folder.path().to_path_buf();
    drop(folder);
    RunFolder::resume(&path, config, &config.keys_free_to_change()).unwrap()
}

/// The records without what the clock measured.
fn records(folder: &RunFolder) -> Vec<Record> {
    let mut records = Record::read_all(&folder.metrics_file()).unwrap();
    for record in &mut records {
        if let Record::Epoch(epoch) = record {
            epoch.seconds = 0.0;
            epoch.validation_seconds = 0.0;
            epoch.examples_per_second = 0.0;
        }
    }
    records
}

fn assert_same_records(one: &RunFolder, other: &RunFolder) {
    let (one, other) = (records(one), records(other));
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
}

/// Trains without any disturbance.
fn unbroken(parent: &TempDir, config: &TrainingConfig) -> (RunFolder, Vec<u32>) {
    let folder = new_folder(parent, "unbroken", config);
    let toy = Toy::new(config);
    let summary = train(&toy, config, &folder, &Session::silent(1)).unwrap();
    assert_eq!(summary.outcome, Outcome::Finished);
    (folder, toy.bits())
}

#[test]
fn a_run_learns_and_leaves_its_files() {
    let parent = tempfile::tempdir().unwrap();
    let config = config();
    let folder = new_folder(&parent, "run", &config);
    let toy = Toy::new(&config);
    let summary = train(&toy, &config, &folder, &Session::silent(1)).unwrap();
    let (best_epoch, best) = summary.best.unwrap();
    assert!(best > 0.9, "the toy classes are separable: {best}");

    let records = Record::read_all(&folder.metrics_file()).unwrap();
    let steps = Toy::BATCHES * config.epochs;
    assert_eq!(records.len(), steps + config.epochs, "log_every = 1");
    let Record::Step(first) = &records[0] else {
        panic!("the first record is a step");
    };
    assert_eq!(
        (first.epoch, first.step, first.examples),
        (1, 1, config.batch_size)
    );
    assert!(first.gradient_norm > 0.0 && first.parts.contains_key("cross_entropy"));
    let epochs = folder.epochs().unwrap();
    assert!(epochs.last().unwrap().loss < epochs[0].loss / 2.0);
    let means = records[..Toy::BATCHES].iter().map(|record| match record {
        Record::Step(step) => step.loss,
        Record::Epoch(_) => panic!("an epoch among its steps"),
    });
    let mean = means.sum::<f64>() / Toy::BATCHES as f64;
    assert!((epochs[0].loss - mean).abs() < 1e-9);

    let report = std::fs::read_to_string(folder.report_file()).unwrap();
    assert!(report.contains("Learning curves") && report.contains("Toy section"));
    assert_eq!(folder.load_best(toy.store()).unwrap(), best_epoch);
    assert_eq!(toy.accuracy(), best);
    let events = std::fs::read_dir(folder.path()).unwrap();
    let events = events.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("events.out.tfevents.")
    });
    assert_eq!(events.count(), 1);
}

#[test]
fn an_interrupted_run_resumes_to_the_same_bits() {
    let parent = tempfile::tempdir().unwrap();
    let config = config();
    let (reference, bits) = unbroken(&parent, &config);
    // In the middle of an epoch, after its last step, and in the first epoch.
    for steps in [Toy::BATCHES + 3, Toy::BATCHES * 2, 1] {
        let folder = new_folder(&parent, &format!("interrupted-{steps}"), &config);
        let toy = Toy::new(&config);
        let summary = train(&toy, &config, &folder, &stopping_after(steps)).unwrap();
        assert_eq!(summary.outcome, Outcome::Interrupted);
        assert_eq!(summary.epochs * Toy::BATCHES + summary.steps, steps);

        let toy = Toy::new(&config);
        let folder = resumed(folder, &config);
        let summary = train(&toy, &config, &folder, &Session::silent(1)).unwrap();
        assert_eq!(summary.outcome, Outcome::Finished);
        assert_eq!(toy.bits(), bits, "interrupted after {steps} steps");
        assert_same_records(&folder, &reference);
    }
}

#[test]
fn a_killed_run_resumes_from_the_last_checkpoint_to_the_same_bits() {
    let parent = tempfile::tempdir().unwrap();
    let mut config = config();
    config.checkpoint_every = 2;
    let (reference, bits) = unbroken(&parent, &config);
    // A fault in the data ends the process as abruptly as SIGKILL: nothing is
    // saved after it. Before the first checkpoint, and one epoch after it.
    for (epoch, step) in [(1, 2), (3, 4)] {
        let folder = new_folder(&parent, &format!("killed-{epoch}"), &config);
        let toy = Toy::with_fault(&config, Fault::Unreadable, epoch, step);
        let error = train(&toy, &config, &folder, &Session::silent(1)).unwrap_err();
        assert!(error.to_string().contains("the disk is gone"), "{error}");
        // A line that was being written.
        let mut text = std::fs::read_to_string(folder.metrics_file()).unwrap();
        assert!(text.lines().count() >= step - 1);
        text.push_str("{\"kind\":\"step\",\"epo");
        std::fs::write(folder.metrics_file(), text).unwrap();

        let toy = Toy::new(&config);
        let folder = resumed(folder, &config);
        train(&toy, &config, &folder, &Session::silent(1)).unwrap();
        assert_eq!(toy.bits(), bits, "killed in epoch {epoch}");
        assert_same_records(&folder, &reference);
    }
}

/// Where the child process of the next test trains.
const CHILD_FOLDER: &str = "ARTKG_TEST_CHILD_FOLDER";

#[test]
#[ignore = "a child process of the next test"]
fn child_process() {
    let config = config();
    let folder = std::env::var(CHILD_FOLDER).unwrap();
    let folder = RunFolder::open(folder.as_ref()).unwrap();
    let mut toy = Toy::new(&config);
    toy.milliseconds_per_batch = 20;
    train(&toy, &config, &folder, &Session::silent(1)).unwrap();
}

#[test]
fn a_process_killed_in_mid_epoch_resumes_to_the_same_bits() {
    let parent = tempfile::tempdir().unwrap();
    let config = config();
    let (reference, bits) = unbroken(&parent, &config);
    let folder = new_folder(&parent, "killed", &config);
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_process", "--ignored"])
        .env(CHILD_FOLDER, folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // An epoch is a line for each of its steps and one for itself: this is in
    // the middle of the second.
    let lines =
        || std::fs::read_to_string(folder.metrics_file()).map_or(0, |text| text.lines().count());
    let deadline = Instant::now() + Duration::from_secs(30);
    while lines() < Toy::BATCHES + 3 {
        assert!(
            Instant::now() < deadline,
            "the child process does not train"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(lines() < 2 * (Toy::BATCHES + 1), "killed too late");

    let toy = Toy::new(&config);
    let folder = resumed(folder, &config);
    train(&toy, &config, &folder, &Session::silent(1)).unwrap();
    assert_eq!(toy.bits(), bits);
    assert_same_records(&folder, &reference);
}

#[test]
fn a_finished_run_can_be_extended_without_a_cosine() {
    let parent = tempfile::tempdir().unwrap();
    let mut long = config();
    long.schedule.shape = ScheduleShape::Constant;
    let (reference, bits) = unbroken(&parent, &long);
    let mut short = long.clone();
    short.epochs = 2;
    let folder = new_folder(&parent, "short", &short);
    train(&Toy::new(&short), &short, &folder, &Session::silent(1)).unwrap();
    let toy = Toy::new(&long);
    let folder = resumed(folder, &long);
    train(&toy, &long, &folder, &Session::silent(1)).unwrap();
    assert_eq!(toy.bits(), bits);
    assert_same_records(&folder, &reference);

    // The cosine looks ahead, so its length can't change.
    let config = config();
    let folder = new_folder(&parent, "cosine", &config);
    train(&Toy::new(&config), &config, &folder, &Session::silent(1)).unwrap();
    let mut longer = config.clone();
    longer.epochs += 1;
    let free = longer.keys_free_to_change();
    let path = folder.path().to_path_buf();
    drop(folder);
    let message = RunFolder::resume(&path, &longer, &free)
        .unwrap_err()
        .to_string();
    assert!(message.contains("epochs was 4, is 5"), "{message}");
}

#[test]
fn not_finite_losses_and_gradients_name_the_batch() {
    let parent = tempfile::tempdir().unwrap();
    let config = config();
    for fault in [Fault::LossNotFinite, Fault::GradientNotFinite] {
        let folder = new_folder(&parent, &format!("{fault:?}"), &config);
        let toy = Toy::with_fault(&config, fault, 2, 3);
        let error = train(&toy, &config, &folder, &Session::silent(1)).unwrap_err();
        let message = error.to_string();
        let Error::NotFinite {
            epoch,
            step,
            batch,
            quantity,
            kept,
        } = error
        else {
            panic!("{message}");
        };
        assert_eq!((epoch, step), (2, 3));
        assert!(batch.starts_with("toy-"), "{batch}");
        // The last good state.
        assert_eq!(kept, Some(folder.last_checkpoint()));
        match fault {
            Fault::LossNotFinite => assert_eq!(quantity, "the loss"),
            _ => assert!(quantity.contains("weight"), "{quantity}"),
        }
        // The checkpoint of the first epoch is whole, and goes on without the fault.
        let folder = resumed(folder, &config);
        let toy = Toy::new(&config);
        let summary = train(&toy, &config, &folder, &Session::silent(1)).unwrap();
        assert_eq!(summary.outcome, Outcome::Finished);
    }
}

#[test]
fn patience_ends_a_run_and_keeps_the_best() {
    let parent = tempfile::tempdir().unwrap();
    let mut config = config();
    config.epochs = 10;
    config.early_stopping.metric = "size".to_owned();
    config.early_stopping.goal = Goal::Min;
    config.early_stopping.patience = 2;
    let folder = new_folder(&parent, "run", &config);
    let toy = Toy::new(&config);
    let summary = train(&toy, &config, &folder, &Session::silent(1)).unwrap();
    assert_eq!(summary.outcome, Outcome::StoppedEarly);
    assert_eq!((summary.epochs, summary.best.unwrap().0), (3, 1));
    let best: Vec<bool> = folder
        .epochs()
        .unwrap()
        .iter()
        .map(|epoch| epoch.best)
        .collect();
    assert_eq!(best, [true, false, false]);

    // Resuming has nothing left to do; with more patience it has.
    let folder = resumed(folder, &config);
    let summary = train(&toy, &config, &folder, &Session::silent(1)).unwrap();
    assert_eq!(
        (summary.outcome, summary.epochs),
        (Outcome::StoppedEarly, 3)
    );
    config.early_stopping.patience = 4;
    let folder = resumed(folder, &config);
    let summary = train(&toy, &config, &folder, &Session::silent(1)).unwrap();
    assert_eq!(
        (summary.outcome, summary.epochs),
        (Outcome::StoppedEarly, 5)
    );
}

#[test]
fn an_unknown_metric_lists_the_known_ones() {
    let parent = tempfile::tempdir().unwrap();
    let mut config = config();
    config.early_stopping.metric = "acuracy".to_owned();
    let folder = new_folder(&parent, "run", &config);
    let toy = Toy::new(&config);
    let error = train(&toy, &config, &folder, &Session::silent(1)).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("\"acuracy\"") && message.contains("accuracy, size"),
        "{message}"
    );
}

#[test]
fn clipping_bounds_the_update() {
    let parent = tempfile::tempdir().unwrap();
    let mut config = config();
    config.epochs = 1;
    config.gradient_clip = 1e-3;
    config.optimiser.rule = Rule::Sgd {
        momentum: 0.0,
        nesterov: false,
        decay: Decay::Coupled,
    };
    config.optimiser.group_rates.clear();
    config.optimiser.weight_decay = 0.0;
    config.optimiser.learning_rate = 1.0;
    config.schedule = Default::default();
    let folder = new_folder(&parent, "run", &config);
    let toy = Toy::new(&config);
    let before = toy.values();
    train(&toy, &config, &folder, &Session::silent(1)).unwrap();
    let moved = before
        .iter()
        .zip(toy.values())
        .map(|(a, b)| f64::from(a - b).powi(2));
    let moved = moved.sum::<f64>().sqrt();
    // Each step moves the parameters by exactly 1e-3.
    let most = 1e-3 * Toy::BATCHES as f64;
    assert!(moved <= most * 1.001 && moved > most / 10.0, "{moved}");
}

#[test]
fn group_rates_reach_their_group_alone() {
    let parent = tempfile::tempdir().unwrap();
    let mut config = config();
    config.epochs = 1;
    config.optimiser.weight_decay = 0.0;
    config.optimiser.group_rates = [("body".to_owned(), 0.0)].into();
    let folder = new_folder(&parent, "run", &config);
    let toy = Toy::new(&config);
    let before = toy.named_values();
    train(&toy, &config, &folder, &Session::silent(1)).unwrap();
    for ((name, before), (_, after)) in before.iter().zip(toy.named_values()) {
        assert_eq!(name.starts_with("body"), *before == after, "{name}");
    }
    config.optimiser.group_rates = [("heads".to_owned(), 2.0)].into();
    let folder = new_folder(&parent, "unknown group", &config);
    let error = train(&toy, &config, &folder, &Session::silent(1)).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("heads") && message.contains("body, head"),
        "{message}"
    );
}
