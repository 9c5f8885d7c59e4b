use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::record::EpochRecord;

/// Where a run is, after each step.
#[derive(Clone, Copy, Debug)]
pub struct StepProgress {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Epochs in all.
    pub epochs: usize,
    /// Finished steps of the epoch.
    pub step: usize,
    /// Steps in an epoch.
    pub steps: usize,
    /// Mean loss of the epoch so far.
    pub loss: f64,
    /// Training examples a second since the run was started or resumed.
    pub examples_per_second: f64,
    /// Estimated time to the last epoch's end.
    pub time_left: Duration,
}

/// Watches a run. Every method does nothing by default.
pub trait Progress {
    /// A step is done.
    fn step(&mut self, _progress: &StepProgress) {}
    /// Validation begins.
    fn validation(&mut self, _epoch: usize) {}
    /// An epoch is done, validation included.
    fn epoch(&mut self, _record: &EpochRecord, _progress: &StepProgress) {}
    /// Something worth a line has happened.
    fn message(&mut self, _text: &str) {}
}

/// Shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {}

/// A bar on stderr, and a line for every epoch; only the lines where stderr is
/// no terminal.
#[derive(Debug)]
pub struct TerminalProgress {
    unit: String,
    bar: Option<ProgressBar>,
}

impl TerminalProgress {
    /// Counts in `unit`, such as `images`.
    pub fn new(unit: impl Into<String>) -> Self {
        let template = "{prefix} {wide_bar:.cyan/dim} {pos}/{len}  {msg}";
        let bar = std::io::stderr().is_terminal().then(|| {
            // The template is fixed and tested; the default serves as well.
            let style = ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::no_length().with_style(style)
        });
        Self {
            unit: unit.into(),
            bar,
        }
    }

    fn print(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }
}

impl Progress for TerminalProgress {
    fn step(&mut self, progress: &StepProgress) {
        let Some(bar) = &self.bar else { return };
        bar.set_length(progress.steps as u64);
        bar.set_position(progress.step as u64);
        bar.set_prefix(format!("epoch {}/{}", progress.epoch, progress.epochs));
        bar.set_message(format!(
            "loss {:.4}  {:.1} {}/s  {} left",
            progress.loss,
            progress.examples_per_second,
            self.unit,
            duration_text(progress.time_left)
        ));
    }

    fn validation(&mut self, _epoch: usize) {
        if let Some(bar) = &self.bar {
            bar.set_message("validation");
        }
    }

    fn epoch(&mut self, record: &EpochRecord, progress: &StepProgress) {
        let line = epoch_line(record, progress, &self.unit);
        self.print(&line);
        if record.epoch == progress.epochs
            && let Some(bar) = &self.bar
        {
            bar.finish_and_clear();
        }
    }

    fn message(&mut self, text: &str) {
        self.print(text);
    }
}

fn epoch_line(record: &EpochRecord, progress: &StepProgress, unit: &str) -> String {
    let mut line = format!(
        "epoch {}/{}: loss {:.4}",
        record.epoch, progress.epochs, record.loss
    );
    for (name, value) in &record.validation {
        line.push_str(&format!(", {name} {value:.4}"));
    }
    if record.best {
        line.push_str(" (best)");
    }
    line.push_str(&format!("; {:.1} {unit}/s", record.examples_per_second));
    if record.epoch < progress.epochs {
        let left = duration_text(progress.time_left);
        line.push_str(&format!(", {left} left"));
    }
    line
}

/// `45 s`, `12 min`, `3 h 20 min`.
pub(crate) fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=89 => format!("{seconds} s"),
        90..=5399 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        let text = |seconds| duration_text(Duration::from_secs(seconds));
        assert_eq!(
            [text(45), text(725), text(12_000)],
            ["45 s", "12 min", "3 h 20 min"]
        );
    }

    #[test]
    fn an_epoch_is_a_line() {
        let record = EpochRecord {
            epoch: 3,
            loss: 1.23456,
            parts: Default::default(),
            validation: [("accuracy".to_owned(), 0.5)].into(),
            learning_rate: 0.1,
            best: true,
            seconds: 10.0,
            validation_seconds: 1.0,
            examples_per_second: 41.23,
        };
        let progress = StepProgress {
            epoch: 3,
            epochs: 30,
            step: 10,
            steps: 10,
            loss: 1.23456,
            examples_per_second: 41.23,
            time_left: Duration::from_secs(300),
        };
        assert_eq!(
            epoch_line(&record, &progress, "images"),
            "epoch 3/30: loss 1.2346, accuracy 0.5000 (best); 41.2 images/s, 5 min left"
        );
    }
}
