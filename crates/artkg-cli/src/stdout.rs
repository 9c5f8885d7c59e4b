//! The one place that writes results to stdout. `println!` would panic where nobody
//! reads any more (`artkg models | head -1`) or the disk behind is full, and would let
//! names from elsewhere move the cursor or forge lines; JSON stays exact.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::process::exit;

use artkg_files::visible;
use serde::Serialize;

/// Prints a line of results. A line break may come from what is printed only, where it is
/// shown and not obeyed.
macro_rules! outln {
    () => { $crate::stdout::exact("\n") };
    ($format:literal $($arguments:tt)*) => {{
        const { assert!(!$crate::stderr::has_break($format), "one line at a time") };
        $crate::stdout::line(format_args!($format $($arguments)*))
    }};
}

/// Prints a part of a line of results.
#[cfg(feature = "train")]
macro_rules! out {
    ($format:literal $($arguments:tt)*) => {{
        const { assert!(!$crate::stderr::has_break($format), "one line at a time") };
        $crate::stdout::part(format_args!($format $($arguments)*))
    }};
}

/// Prints a line; see [`outln`].
pub(crate) fn line(text: Arguments<'_>) {
    exact(&format!("{}\n", visible(&text.to_string())));
}

/// Prints a part of a line; see [`out`].
#[cfg(feature = "train")]
pub(crate) fn part(text: Arguments<'_>) {
    exact(&visible(&text.to_string()));
}

/// Prints lines that a library laid out, each of which ends in a line break.
#[cfg(feature = "collections")]
pub(crate) fn lines(text: &str) {
    for one in text.lines() {
        line(format_args!("{one}"));
    }
}

/// Prints results for machines, over several lines.
pub(crate) fn json(value: &impl Serialize) -> serde_json::Result<()> {
    exact(&(serde_json::to_string_pretty(value)? + "\n"));
    Ok(())
}

/// Prints results for machines in one line.
pub(crate) fn json_line(value: &impl Serialize) -> serde_json::Result<()> {
    exact(&(serde_json::to_string(value)? + "\n"));
    Ok(())
}

/// Prints a text as it is; ends the program where that cannot be done.
pub(crate) fn exact(text: &str) {
    let mut stdout = io::stdout().lock();
    if let Err(error) = stdout.write_all(text.as_bytes()) {
        end(&error);
    }
}

/// Brings everything to whoever reads, at the end of the program.
pub(crate) fn flush() {
    if let Err(error) = io::stdout().flush() {
        end(&error);
    }
}

/// Ends the program where results cannot be written.
pub(crate) fn end(error: &io::Error) -> ! {
    if error.kind() == ErrorKind::BrokenPipe {
        // Whoever reads has seen enough.
        exit(0);
    }
    errln!("error: cannot write to the standard output: {error}");
    exit(2);
}
