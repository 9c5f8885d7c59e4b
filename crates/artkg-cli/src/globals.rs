//! Options that every command shares, and how results and errors reach people.

use std::error::Error;
use std::sync::Arc;

use artkg_nn::{Device, find_device};
use artkg_session::{Observer, Session, StopFlag};
use clap::Args;

use crate::advice::advice;
use crate::running::Running;
use crate::terminal::Terminal;

/// The seed unless told otherwise.
#[cfg(any(feature = "collections", feature = "flavor"))]
const SEED: u64 = 0;

/// More threads than any machine has cores for.
const MOST_THREADS: i64 = 1024;

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Globals {
    /// Print results as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print nothing but results and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    // Tagging has nothing random.
    #[cfg(any(feature = "collections", feature = "flavor"))]
    #[arg(long, global = true, help = crate::defaults::with_default(
        "Seed of all randomness",
        SEED,
    ))]
    pub(crate) seed: Option<u64>,
    /// Threads to use; one per core when not given
    #[arg(long, global = true, value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS))]
    pub(crate) threads: Option<u16>,
    /// Where networks compute: auto, the fastest that there is, or cpu
    #[arg(long, global = true, default_value = "auto", value_parser = find_device)]
    pub(crate) device: Device,
    /// The command that runs, for advice.
    #[arg(skip)]
    pub(crate) running: Running,
}

impl Globals {
    /// The seed of everything random.
    #[cfg(any(feature = "collections", feature = "flavor"))]
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or(SEED)
    }

    /// The number of threads to use.
    pub(crate) fn threads(&self) -> usize {
        match self.threads {
            Some(threads) => usize::from(threads),
            None => std::thread::available_parallelism().map_or(1, |cores| cores.get()),
        }
    }

    /// Gives the pool that the computations share its number of threads.
    pub(crate) fn configure_threads(&self) {
        if let Some(threads) = self.threads {
            // Fails only where the pool exists already, and main calls this first.
            let _ = rayon::ThreadPoolBuilder::new()
                .num_threads(usize::from(threads))
                .build_global();
        }
    }

    /// What the work of a command needs besides its subject: threads, a stop that Ctrl-C
    /// sets, and the terminal. Once for a command.
    pub(crate) fn session(&self) -> Result<Session, Box<dyn Error>> {
        self.watched_by(Arc::new(Terminal::new(self.quiet)))
    }

    /// As [`session`](Self::session), for training, which counts in `unit`.
    #[cfg(feature = "runs")]
    pub(crate) fn training_session(&self, unit: &'static str) -> Result<Session, Box<dyn Error>> {
        use crate::terminal::training::TrainingTerminal;
        self.watched_by(Arc::new(TrainingTerminal::new(self.quiet, unit)))
    }

    /// As [`session`](Self::session), for work that Ctrl-C ends at once, as nothing of it is
    /// kept.
    #[cfg(feature = "runs")]
    pub(crate) fn session_without_stop(&self) -> Session {
        let terminal = Arc::new(Terminal::new(self.quiet));
        Session::new(self.threads(), StopFlag::new(), terminal).on(self.device.clone())
    }

    /// How a command ended that did all but what was left out.
    pub(crate) fn outcome(&self, left_out: usize) -> Outcome {
        match left_out {
            0 => Outcome::Success,
            _ => {
                self.note(format!("{left_out} left out, see above"));
                Outcome::SomeFailed
            }
        }
    }

    fn watched_by(&self, observer: Arc<dyn Observer>) -> Result<Session, Box<dyn Error>> {
        let session = Session::new(self.threads(), stop_on_interrupt()?, observer);
        Ok(session.on(self.device.clone()))
    }

    /// Prints an error, its causes that say something new, and what to do.
    pub(crate) fn print_error(&self, error: &(dyn Error + 'static)) {
        let mut message = one_line(&error.to_string());
        errln!("error: {message}");
        let causes = || std::iter::successors(Some(error), |error| (**error).source());
        for cause in causes().skip(1) {
            let text = one_line(&cause.to_string());
            if !message.contains(&text) {
                errln!("  because: {text}");
                message = text;
            }
        }
        if let Some(advice) = causes().find_map(|error| advice(error, &self.running)) {
            errln!("  help: {advice}");
        }
    }

    /// Prints a line about the work, to stderr, unless `--quiet`.
    pub(crate) fn note(&self, message: impl std::fmt::Display) {
        if !self.quiet {
            errln!("{message}");
        }
    }
}

/// A flag that Ctrl-C sets. The command then finishes its current step, saves, and
/// says how to continue; a second Ctrl-C ends the program at once.
fn stop_on_interrupt() -> Result<StopFlag, Box<dyn Error>> {
    let stop = StopFlag::new();
    let flag = stop.clone();
    ctrlc::set_handler(move || {
        if flag.is_set() {
            std::process::exit(130);
        }
        errln!();
        errln!("stopping after this batch; press Ctrl-C again to stop at once");
        flag.stop();
    })?;
    Ok(stop)
}

/// An error as a line: one of a TOML file comes with a drawing of the place, below which
/// what is wrong is said.
fn one_line(text: &str) -> String {
    if !text.contains("TOML parse error at line") {
        return text.to_owned();
    }
    let is_drawn = |line: &str| {
        let line = line.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ' ');
        line.starts_with('|')
    };
    let said = text
        .lines()
        .filter(|line| !is_drawn(line) && !line.is_empty());
    said.collect::<Vec<_>>().join(": ")
}

/// How a command ended, short of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything asked for was done: exit status 0.
    Success,
    /// Some items failed and were reported: exit status 1.
    SomeFailed,
}

/// What a part of a command returns that has nothing to give.
#[cfg(feature = "collections")]
pub(crate) type Fallible = Result<(), Box<dyn Error>>;

/// What every command returns; an error is exit status 2.
pub(crate) type CommandResult = Result<Outcome, Box<dyn Error>>;

#[cfg(all(test, feature = "runs"))]
mod tests {
    use super::*;

    #[test]
    fn errors_of_toml_files_are_lines() {
        let error = "a = 1\nb = [\n".parse::<toml::Table>().unwrap_err();
        let text = one_line(&format!("x.toml: {error}"));
        assert!(
            text.starts_with("x.toml: TOML parse error at line 2"),
            "{text}"
        );
        assert!(!text.contains('\n') && !text.contains('|'), "{text}");
        assert_eq!(one_line("a\nb"), "a\nb");
    }
}
