//! `artkg tags`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::commands::known::Known;
use crate::commands::outputs::{Destination, OutputArguments};
use crate::globals::{CommandResult, Globals};
use crate::stdout;

/// The commands of `artkg tags`.
#[derive(Subcommand)]
pub(crate) enum TagsCommand {
    /// Write the tags of a finished tag file in another format
    Convert(ConvertArguments),
}

/// The options of `artkg tags convert`.
#[derive(Args)]
pub(crate) struct ConvertArguments {
    /// Tag file ending in .csv, .jsonl or .parquet
    tags: PathBuf,
    /// File to write, in the format of its ending, or folder for sidecars and annotations
    /// [default: tags with the ending of the format; sidecars lie beside their images]
    output: Option<PathBuf>,
    #[command(flatten)]
    outputs: OutputArguments,
    /// Corpus folder that has the titles of the artworks, and the numbers of authority files
    #[cfg(feature = "collections")]
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Replace what is there
    #[arg(long)]
    overwrite: bool,
}

pub(crate) fn run(command: TagsCommand, globals: &Globals) -> CommandResult {
    let TagsCommand::Convert(arguments) = command;
    let destination = Destination::new(arguments.output.as_deref(), &arguments.outputs)?;
    #[cfg(feature = "collections")]
    let known = match &arguments.corpus {
        Some(folder) => Known::of(&artkg_corpus::Corpus::open(folder)?),
        None => Known::default(),
    };
    #[cfg(not(feature = "collections"))]
    let known = Known::default();
    let exchange = arguments.outputs.exchange(known)?;
    let published = exchange.publish(&arguments.tags, &destination, arguments.overwrite)?;
    if globals.json {
        stdout::json_line(&published.json())?;
    }
    Ok(globals.outcome(published.say(globals)))
}
