//! How work in progress reaches people: bars and lines on stderr.

use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};

use artkg_report::duration_text;
use artkg_session::{Activity, EpochProgress, Event, Observer, StepProgress};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows the events of a session: a bar for what advances, a line for every epoch and
/// everything left out; only the lines where stderr is no terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// Whether only what was left out is shown.
    quiet: bool,
    /// What training counts: `images`.
    unit: &'static str,
    bars: Mutex<Bars>,
}

#[derive(Debug, Default)]
struct Bars {
    /// Of what advances.
    work: Option<(Activity, ProgressBar)>,
    /// Of an epoch.
    epoch: Option<ProgressBar>,
    /// How many tenths of extraction were reported last.
    tenths: usize,
}

impl Terminal {
    /// Counts training examples in `unit`.
    pub(crate) fn new(quiet: bool, unit: &'static str) -> Self {
        Self {
            quiet,
            unit,
            bars: Mutex::default(),
        }
    }

    fn bars(&self) -> MutexGuard<'_, Bars> {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shows_bars(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    fn advance(&self, activity: Activity, done: usize, total: usize) {
        let mut bars = self.bars();
        if self.shows_bars() {
            if bars.work.as_ref().is_none_or(|(of, _)| *of != activity) {
                bars.work = Some((activity, work_bar(activity.unit())));
            }
            let Some((_, bar)) = &bars.work else { return };
            bar.set_length(total as u64);
            bar.set_position(done as u64);
            if done == total {
                bar.finish_and_clear();
                bars.work = None;
            }
            return;
        }
        // Extraction may take hours, and nothing else says how far it is.
        if activity == Activity::Extraction && !self.quiet {
            let tenths = 10 * done / total.max(1);
            if tenths > bars.tenths {
                eprintln!("{done} of {total} {activity}");
            }
            // The next network begins anew.
            bars.tenths = tenths % 10;
        }
    }

    /// Prints a line beside the bars.
    fn print(&self, line: &str) {
        let bars = self.bars();
        let bar = match (&bars.work, &bars.epoch) {
            (Some((_, bar)), _) | (None, Some(bar)) => bar,
            (None, None) => {
                eprintln!("{line}");
                return;
            }
        };
        bar.suspend(|| eprintln!("{line}"));
    }

    fn step(&self, progress: &StepProgress) {
        if !self.shows_bars() {
            return;
        }
        let mut bars = self.bars();
        let bar = bars.epoch.get_or_insert_with(epoch_bar);
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
        if !self.quiet {
            self.print(&epoch_line(progress, self.unit));
        }
    }
}

impl Observer for Terminal {
    fn observe(&self, event: &Event<'_>) {
        match event {
            Event::Advanced {
                activity,
                done,
                total,
            } => self.advance(*activity, *done, *total),
            Event::LeftOut(sentence) => self.print(&format!("left out: {sentence}")),
            Event::Message(text) if !self.quiet => self.print(text),
            Event::Step(progress) => self.step(progress),
            Event::Validation(_) => {
                if let Some(bar) = &self.bars().epoch {
                    bar.set_message("validation");
                }
            }
            Event::Epoch(progress) => self.epoch(progress),
            Event::Ended => {
                if let Some(bar) = self.bars().epoch.take() {
                    bar.finish_and_clear();
                }
            }
            _ => {}
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
            rest: Terminal::new(quiet, ""),
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
            Event::LeftOut(_) => self.steps.suspend(|| self.rest.observe(event)),
            Event::Advanced { .. } => self.rest.observe(event),
            _ => {}
        }
    }
}

/// A bar that counts in `unit`, without a length yet.
pub(crate) fn work_bar(unit: &str) -> ProgressBar {
    styled(&format!(
        "{{wide_bar:.cyan/dim}} {{pos}}/{{len}} {unit}  {{per_sec}}  {{eta}} left"
    ))
}

fn epoch_bar() -> ProgressBar {
    styled("{prefix} {wide_bar:.cyan/dim} {pos}/{len}  {msg}")
}

/// A bar of a template of ours; the default would serve as well.
pub(crate) fn styled(template: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::no_length().with_style(style)
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
