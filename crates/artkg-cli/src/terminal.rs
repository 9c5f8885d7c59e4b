//! How work in progress reaches people: bars and lines on stderr.

#[cfg(feature = "runs")]
pub(crate) mod training;

use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};

use artkg_session::{Activity, Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows the events of a session: a bar for what advances, a line for everything left
/// out; only the lines where stderr is no terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// Whether only what was left out is shown.
    quiet: bool,
    bars: Mutex<Bars>,
}

#[derive(Debug, Default)]
struct Bars {
    /// Of what advances.
    work: Option<(Activity, ProgressBar)>,
    /// How many tenths of extraction were reported last.
    tenths: usize,
}

impl Terminal {
    /// Shows everything, or only what was left out.
    pub(crate) fn new(quiet: bool) -> Self {
        Self {
            quiet,
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
                errln!("{done} of {total} {activity}");
            }
            // The next network begins anew.
            bars.tenths = tenths % 10;
        }
    }

    /// Prints a line beside the bar.
    fn print(&self, line: &str) {
        match &self.bars().work {
            Some((_, bar)) => bar.suspend(|| errln!("{line}")),
            None => errln!("{line}"),
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
            Event::Warning(text) | Event::Message(text) if !self.quiet => self.print(text),
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

/// A bar of a template of ours; the default would serve as well.
pub(crate) fn styled(template: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::no_length().with_style(style)
}
