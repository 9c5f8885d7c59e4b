use indicatif::ProgressBar;

use crate::globals::Globals;
use crate::terminal::styled;

/// A progress bar whose length is known once the work has begun.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(globals: &Globals) -> Self {
        if !globals.shows_progress() {
            return Self(ProgressBar::hidden());
        }
        Self(styled(
            "{msg} {wide_bar:.cyan/dim} {pos}/{len}  {per_sec}  {eta} left",
        ))
    }

    pub(super) fn show(&self, step: &str, done: usize, total: usize) {
        if self.0.message() != step {
            self.0.set_message(step.to_owned());
        }
        // A step that does not know its end counts up.
        self.0.set_length(total.max(done) as u64);
        self.0.set_position(done as u64);
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
