//! How a benchmark's program talks with `benchmarks/run.py`, which gives ours and its
//! peers turns on the machine, so that drift of its speed cancels out.
//!
//! The program prints a line of JSON when it is ready. Each line that it then reads is a
//! number of passes; it runs them and prints `{"seconds": […]}`. At the end of its input
//! it writes its outputs and ends.

use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// The command line: `--name value` pairs.
pub(crate) struct Options(HashMap<String, String>);

impl Options {
    /// Reads the program's arguments.
    pub(crate) fn read() -> Outcome<Self> {
        let mut arguments = std::env::args().skip(1);
        let mut options = HashMap::new();
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or(format!("{name} has no value"))?;
            options.insert(name, value);
        }
        Ok(Self(options))
    }

    /// The value of an option that has to be given.
    pub(crate) fn get(&self, name: &str) -> Outcome<&str> {
        let value = self.0.get(&format!("--{name}"));
        Ok(value.ok_or(format!("--{name} is missing"))?)
    }

    /// The value of an option that has to be given, as a number.
    pub(crate) fn count(&self, name: &str) -> Outcome<usize> {
        let text = self.get(name)?;
        let number = text.parse();
        Ok(number.map_err(|_| format!("--{name} is {text}, not a number"))?)
    }
}

/// Serves turns of `pass` until the input ends.
pub(crate) fn serve(mut pass: impl FnMut() -> Outcome<()>) -> Outcome<()> {
    say(concat!(
        r#"{"version": "artkg "#,
        env!("CARGO_PKG_VERSION"),
        r#""}"#
    ))?;
    for line in std::io::stdin().lock().lines() {
        let passes: usize = line?.trim().parse()?;
        let mut seconds = Vec::with_capacity(passes);
        for _ in 0..passes {
            let start = Instant::now();
            pass()?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        say(&format!(r#"{{"seconds": {seconds:?}}}"#))?;
    }
    Ok(())
}

fn say(line: &str) -> Outcome<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    Ok(output.flush()?)
}
