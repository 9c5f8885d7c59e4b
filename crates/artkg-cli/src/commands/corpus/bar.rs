use indicatif::{ProgressBar, ProgressStyle};

use crate::globals::Globals;

/// A progress bar whose length is known once the work has begun.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(globals: &Globals) -> Self {
        if !globals.shows_progress() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template(
            "{msg} {wide_bar:.cyan/dim} {pos}/{len}  {per_sec}  {eta} left",
        )
        // The template is fixed; the default serves as well.
        .unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(ProgressBar::new(0).with_style(style))
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
