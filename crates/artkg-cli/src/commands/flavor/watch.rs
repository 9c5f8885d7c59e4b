use std::path::Path;

use artkg_files::counted;
use artkg_flavor::{Fault, FileSummary, ReadWatcher};

use crate::globals::{Globals, Outcome};

/// Faults that are printed for each file; `artkg flavor check` prints all.
const SHOWN: usize = 20;

/// Reports malformed lines to stderr and counts them.
pub(super) struct Watch<'a> {
    globals: &'a Globals,
    most: usize,
    in_file: usize,
    /// Malformed lines of all files.
    pub(super) faults: usize,
}

impl<'a> Watch<'a> {
    /// One that shows the first malformed lines of each file.
    pub(super) fn new(globals: &'a Globals) -> Self {
        Self {
            globals,
            most: SHOWN,
            in_file: 0,
            faults: 0,
        }
    }

    /// One that shows every malformed line.
    pub(super) fn of_everything(globals: &'a Globals) -> Self {
        Self {
            most: usize::MAX,
            ..Self::new(globals)
        }
    }

    /// How a command ended whose files were read without an error.
    pub(super) fn outcome(&self) -> Outcome {
        match self.faults {
            0 => Outcome::Success,
            _ => Outcome::SomeFailed,
        }
    }
}

impl ReadWatcher for Watch<'_> {
    fn fault(&mut self, fault: &Fault) {
        if self.in_file < self.most {
            errln!("{fault}");
        }
        self.in_file += 1;
        self.faults += 1;
    }

    fn file(&mut self, path: &Path, summary: FileSummary) {
        let path = path.display();
        if self.in_file > self.most {
            let more = self.in_file - self.most;
            let more = counted(more, "more malformed line");
            errln!("{path}: {more}; `artkg flavor check` lists all");
        }
        if summary.skipped > 0 {
            let events = counted(summary.events + summary.skipped, "event");
            errln!("{path}: left out {} of {events}", summary.skipped);
        }
        self.globals.note(format!(
            "{path}: {}{}, {}",
            if summary.is_toy { "toy events: " } else { "" },
            counted(summary.events, "event"),
            counted(summary.tracks, "track")
        ));
        self.in_file = 0;
    }
}
