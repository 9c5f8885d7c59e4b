//! `artkg completions`.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::globals::{CommandResult, Outcome};
use crate::stdout;

/// The options of `artkg completions`.
#[derive(Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints what makes a shell complete the commands and options of `program`.
pub(crate) fn run(arguments: &CompletionsArguments, mut program: Command) -> CommandResult {
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    generate(arguments.shell, &mut program, name, &mut script);
    stdout::exact(&String::from_utf8_lossy(&script));
    Ok(Outcome::Success)
}
