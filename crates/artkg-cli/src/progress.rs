//! Progress bars of commands that count by themselves.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use crate::globals::Globals;

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
        let template =
            format!("{{wide_bar:.cyan/dim}} {{pos}}/{{len}} {unit}  {{per_sec}}  {{eta}} left");
        // The template is fixed; the default serves as well.
        let style = ProgressStyle::with_template(&template)
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(total as u64).with_style(style)
    }
}
