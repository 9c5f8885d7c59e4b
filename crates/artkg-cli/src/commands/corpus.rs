//! `artkg corpus`.

use clap::Subcommand;

use crate::globals::{CommandResult, Globals, Outcome};

/// The subcommands of `artkg corpus`.
#[derive(Subcommand)]
pub(crate) enum CorpusCommand {}

pub(crate) fn run(command: CorpusCommand, _globals: &Globals) -> CommandResult {
    match command {}
}
