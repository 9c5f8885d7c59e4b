//! Progress bars of commands that count by themselves.

use std::io::IsTerminal;

use indicatif::ProgressBar;

use crate::globals::Globals;
use crate::terminal::work_bar;

impl Globals {
    /// Whether progress bars make sense: stderr is a terminal that is not silenced.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// A bar on stderr that counts to `total`; hidden without a terminal.
    pub(crate) fn progress_bar(&self, total: usize, unit: &str) -> ProgressBar {
        if !self.shows_progress() {
            return ProgressBar::hidden();
        }
        let bar = work_bar(unit);
        bar.set_length(total as u64);
        bar
    }
}
