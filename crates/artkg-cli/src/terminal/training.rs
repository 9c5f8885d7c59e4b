//! Training on the terminal.

use std::sync::{Mutex, MutexGuard, PoisonError};

use artkg_report::duration_text;
use artkg_session::{EpochProgress, Event, Observer, StepProgress};
use indicatif::ProgressBar;

use super::{Terminal, styled};

/// Shows a run: a bar for the steps of an epoch and a line for every epoch, beside what
/// every session shows.
#[derive(Debug)]
pub(crate) struct TrainingTerminal {
    /// What training counts: `images`.
    unit: &'static str,
    epoch: Mutex<Option<ProgressBar>>,
    rest: Terminal,
}

impl TrainingTerminal {
    /// Counts training examples in `unit`.
    pub(crate) fn new(quiet: bool, unit: &'static str) -> Self {
        Self {
            unit,
            epoch: Mutex::default(),
            rest: Terminal::new(quiet),
        }
    }

    fn epoch_bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.epoch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs what may print lines, beside the bar of the epoch.
    fn beside(&self, prints: impl FnOnce()) {
        match &*self.epoch_bar() {
            Some(bar) => bar.suspend(prints),
            None => prints(),
        }
    }

    fn step(&self, progress: &StepProgress) {
        if !self.rest.shows_bars() {
            return;
        }
        let mut bar = self.epoch_bar();
        let bar = bar.get_or_insert_with(new_epoch_bar);
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

    fn epoch(&self, progress: &EpochProgress<'_>) {
        if !self.rest.quiet {
            let line = epoch_line(progress, self.unit);
            self.beside(|| self.rest.print(&line));
        }
    }
}

impl Observer for TrainingTerminal {
    fn observe(&self, event: &Event<'_>) {
        match event {
            Event::Step(progress) => self.step(progress),
            Event::Validation(_) => {
                if let Some(bar) = &*self.epoch_bar() {
                    bar.set_message("validation");
                }
            }
            Event::Epoch(progress) => self.epoch(progress),
            Event::Ended => {
                if let Some(bar) = self.epoch_bar().take() {
                    bar.finish_and_clear();
                }
            }
            Event::LeftOut(_) | Event::Warning(_) | Event::Message(_) => {
                self.beside(|| self.rest.observe(event));
            }
            _ => self.rest.observe(event),
        }
    }
}

/// Shows the steps of a trial on a bar that others write beside, and what was left out;
/// else only what takes long before the steps begin.
#[derive(Debug)]
pub(crate) struct TrialTerminal {
    steps: ProgressBar,
    rest: Terminal,
}

impl TrialTerminal {
    /// Shows steps on a bar.
    pub(crate) fn new(steps: ProgressBar, quiet: bool) -> Self {
        Self {
            steps,
            rest: Terminal::new(quiet),
        }
    }
}

impl Observer for TrialTerminal {
    fn observe(&self, event: &Event<'_>) {
        match event {
            Event::Step(progress) => {
                let steps = progress.epochs * progress.steps;
                let done = (progress.epoch - 1) * progress.steps + progress.step;
                self.steps.set_length(steps as u64);
                self.steps.set_position(done as u64);
            }
            Event::LeftOut(_) | Event::Warning(_) => {
                self.steps.suspend(|| self.rest.observe(event))
            }
            Event::Advanced { .. } => self.rest.observe(event),
            _ => {}
        }
    }
}

fn new_epoch_bar() -> ProgressBar {
    styled("{prefix} {wide_bar:.cyan/dim} {pos}/{len}  {msg}")
}

fn epoch_line(progress: &EpochProgress<'_>, unit: &str) -> String {
    let step = &progress.step;
    let mut line = format!(
        "epoch {}/{}: loss {:.4}",
        step.epoch, step.epochs, progress.loss
    );
    for (name, value) in progress.validation {
        line.push_str(&format!(", {name} {value:.4}"));
    }
    if progress.best {
        line.push_str(" (best)");
    }
    line.push_str(&format!("; {:.1} {unit}/s", progress.examples_per_second));
    if step.epoch < step.epochs {
        let left = duration_text(step.time_left);
        line.push_str(&format!(", {left} left"));
    }
    line
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_epoch_is_a_line() {
        let progress = EpochProgress {
            step: StepProgress {
                epoch: 3,
                epochs: 30,
                step: 10,
                steps: 10,
                loss: 1.23456,
                examples_per_second: 41.23,
                time_left: Duration::from_secs(300),
            },
            loss: 1.23456,
            validation: &[("accuracy".to_owned(), 0.5)].into(),
            best: true,
            examples_per_second: 41.23,
        };
        assert_eq!(
            epoch_line(&progress, "images"),
            "epoch 3/30: loss 1.2346, accuracy 0.5000 (best); 41.2 images/s, 5 min left"
        );
    }
}
