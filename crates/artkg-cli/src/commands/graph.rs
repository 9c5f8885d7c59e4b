//! `artkg graph`.

use clap::Subcommand;

use crate::globals::{CommandResult, Globals, Outcome};

/// The subcommands of `artkg graph`.
#[derive(Subcommand)]
pub(crate) enum GraphCommand {}

pub(crate) fn run(command: GraphCommand, _globals: &Globals) -> CommandResult {
    match command {}
}
