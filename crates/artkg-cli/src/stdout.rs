//! The one place that writes results to stdout. `println!` would panic where nobody
//! reads any more (`artkg models | head -1`) or the disk behind is full.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::process::exit;

/// Prints a line of results.
macro_rules! outln {
    () => { $crate::stdout::write(format_args!("\n")) };
    ($($argument:tt)*) => { $crate::stdout::write(format_args!("{}\n", format_args!($($argument)*))) };
}

/// Prints a part of a line of results.
macro_rules! out {
    ($($argument:tt)*) => { $crate::stdout::write(format_args!($($argument)*)) };
}

/// Writes results; ends the program where they cannot be written.
pub(crate) fn write(text: Arguments<'_>) {
    let mut stdout = io::stdout().lock();
    if let Err(error) = stdout.write_fmt(text) {
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
    eprintln!("error: cannot write to the standard output: {error}");
    exit(2);
}
