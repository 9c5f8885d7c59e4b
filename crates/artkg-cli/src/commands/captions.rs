//! `artkg captions`.

mod embed;
mod generate;

use clap::Subcommand;

use crate::globals::{CommandResult, Globals};

/// The subcommands of `artkg captions`.
#[derive(Subcommand)]
pub(crate) enum CaptionsCommand {
    /// Make captions of images: of a corpus, or of image files
    Generate(Box<generate::GenerateArguments>),
    /// Give artworks vectors of their texts
    Embed(embed::EmbedArguments),
}

pub(crate) fn run(command: CaptionsCommand, globals: &Globals) -> CommandResult {
    match command {
        CaptionsCommand::Generate(arguments) => generate::run(&arguments, globals),
        CaptionsCommand::Embed(arguments) => embed::run(&arguments, globals),
    }
}
