//! `artkg retrieve`.

mod eval;
mod notes;
mod query;
mod train;

use clap::Subcommand;

use crate::globals::{CommandResult, Globals};

/// Text to art and art to text.
#[derive(Subcommand)]
pub(crate) enum RetrieveCommand {
    /// Learn a space in which texts are close to their artworks
    Train(Box<train::TrainArguments>),
    /// Measure how often a text finds its artwork, and an artwork its text
    Eval(eval::EvalArguments),
    /// Find artworks by words
    Query(query::QueryArguments),
}

pub(crate) fn run(command: RetrieveCommand, globals: &Globals) -> CommandResult {
    match command {
        RetrieveCommand::Train(arguments) => train::run(&arguments, globals),
        RetrieveCommand::Eval(arguments) => eval::run(&arguments, globals),
        RetrieveCommand::Query(arguments) => query::run(&arguments, globals),
    }
}
