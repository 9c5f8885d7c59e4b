//! Options that every command shares, and how results and errors reach people.

use std::error::Error;
use std::io::IsTerminal;

use clap::Args;

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Globals {
    /// Print results as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print nothing but results and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Seed of everything random
    #[arg(long, global = true, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Threads to use; all cores when not given
    #[arg(long, global = true)]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
}

impl Globals {
    /// The number of threads to use.
    pub(crate) fn threads(&self) -> usize {
        match self.threads {
            Some(threads) => threads.get(),
            None => std::thread::available_parallelism().map_or(1, |cores| cores.get()),
        }
    }

    /// Whether progress bars make sense: somebody looks at the terminal.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Prints a line about the work, to stderr, unless `--quiet`.
    pub(crate) fn note(&self, message: impl std::fmt::Display) {
        if !self.quiet {
            eprintln!("{message}");
        }
    }
}

/// How a command ended, short of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything asked for was done: exit status 0.
    Success,
    /// Some items failed and were reported: exit status 1.
    SomeFailed,
}

/// What every command returns; an error is exit status 2.
pub(crate) type CommandResult = Result<Outcome, Box<dyn Error>>;

/// Prints an error and its causes that say something new.
pub(crate) fn print_error(error: &dyn Error) {
    let mut message = error.to_string();
    eprintln!("error: {message}");
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !message.contains(&text) {
            eprintln!("  because: {text}");
            message = text;
        }
        source = cause.source();
    }
}
