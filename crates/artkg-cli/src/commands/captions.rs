//! `artkg captions`.

mod embed;
mod generate;

use clap::Subcommand;

use crate::globals::{CommandResult, Globals};

/// The subcommands of `artkg captions`.
#[derive(Subcommand)]
pub(crate) enum CaptionsCommand {
    /// Make captions for a corpus or for image files
    Generate(Box<generate::GenerateArguments>),
    /// Turn artworks' texts into vectors
    Embed(embed::EmbedArguments),
}

pub(crate) fn run(command: CaptionsCommand, globals: &Globals) -> CommandResult {
    match command {
        CaptionsCommand::Generate(arguments) => generate::run(&arguments, globals),
        CaptionsCommand::Embed(arguments) => embed::run(&arguments, globals),
    }
}
