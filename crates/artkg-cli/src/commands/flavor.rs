//! `artkg flavor`.

mod check;
mod eval;
mod synth;
mod tag;
mod train;
mod tune;
mod watch;

use clap::Subcommand;

use crate::globals::{CommandResult, Globals};

/// Flavour tagging of e+e- events from lists of tracks.
#[derive(Subcommand)]
pub(crate) enum FlavorCommand {
    /// Read track files and report every malformed line
    Check(check::CheckArguments),
    /// Make toy events to try the other commands on
    Synth(synth::SynthArguments),
    /// Train a tagger
    Train(Box<train::TrainArguments>),
    /// Search for good training settings
    Tune(Box<tune::TuneArguments>),
    /// Evaluate taggers and write a report
    Eval(eval::EvalArguments),
    /// Write class probabilities for every event
    Tag(tag::TagArguments),
}

pub(crate) fn run(command: FlavorCommand, globals: &Globals) -> CommandResult {
    match command {
        FlavorCommand::Check(arguments) => check::run(&arguments, globals),
        FlavorCommand::Synth(arguments) => synth::run(&arguments, globals),
        FlavorCommand::Train(arguments) => train::run(&arguments, globals),
        FlavorCommand::Tune(arguments) => tune::run(&arguments, globals),
        FlavorCommand::Eval(arguments) => eval::run(&arguments, globals),
        FlavorCommand::Tag(arguments) => tag::run(&arguments, globals),
    }
}
