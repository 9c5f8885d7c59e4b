//! The `artkg` program: argument parsing and printing only.

mod commands;
mod given;
mod globals;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use globals::{Globals, Outcome};

// Counts what is in use, so that a run that would not fit into memory says so.
#[global_allocator]
static ALLOCATOR: artkg_nn::CountingAllocator = artkg_nn::CountingAllocator;

/// Automatic, checkable tags for paintings from a knowledge graph of art.
#[derive(Parser)]
#[command(name = "artkg", version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Import, check and describe collections of artworks
    #[command(subcommand)]
    Corpus(commands::corpus::CorpusCommand),
    /// Build, query, export and embed the knowledge graph
    #[command(subcommand)]
    Graph(commands::graph::GraphCommand),
    /// Make captions of images, and vectors of texts
    #[command(subcommand)]
    Captions(commands::captions::CaptionsCommand),
    /// Train a visual model of a corpus
    Train(Box<commands::train::TrainArguments>),
    /// Train and measure the systems of the paper's table on a corpus, side by side
    Compare(Box<commands::compare::CompareArguments>),
    /// Search for good settings of training
    Tune(Box<commands::tune::TuneArguments>),
    /// Measure a model on a corpus and write a report
    Eval(commands::eval::EvalArguments),
    /// Find artworks by words, and words by artworks
    #[command(subcommand)]
    Retrieve(commands::retrieve::RetrieveCommand),
    /// Tag images with a trained model
    Tag(commands::tag::TagArguments),
    /// Show why a model gives an image its tags: where it looked, works alike, ties in the graph
    Explain(commands::explain::ExplainArguments),
    /// List the visual networks: layers, parameters, cost, published error, speed here
    Models(commands::models::ModelsArguments),
    /// Tag the flavour of particle-physics events
    #[command(subcommand)]
    Flavor(commands::flavor::FlavorCommand),
    /// Paint a synthetic corpus and run the whole path on it
    Demo(commands::demo::DemoArguments),
    /// Print what makes a shell complete artkg's commands and options
    Completions(commands::completions::CompletionsArguments),
}

fn main() -> ExitCode {
    // Tensors come and go every step; giving their memory back each time is slow.
    artkg_nn::keep_freed_memory();
    let arguments = Arguments::parse();
    let globals = arguments.globals;
    globals.configure_threads();
    let result = match arguments.command {
        Command::Corpus(command) => commands::corpus::run(command, &globals),
        Command::Graph(command) => commands::graph::run(command, &globals),
        Command::Captions(command) => commands::captions::run(command, &globals),
        Command::Train(arguments) => commands::train::run(*arguments, &globals),
        Command::Compare(arguments) => commands::compare::run(*arguments, &globals),
        Command::Tune(arguments) => commands::tune::run(*arguments, &globals),
        Command::Eval(arguments) => commands::eval::run(arguments, &globals),
        Command::Retrieve(command) => commands::retrieve::run(command, &globals),
        Command::Tag(arguments) => commands::tag::run(arguments, &globals),
        Command::Explain(arguments) => commands::explain::run(arguments, &globals),
        Command::Models(arguments) => commands::models::run(arguments, &globals),
        Command::Flavor(command) => commands::flavor::run(command, &globals),
        Command::Demo(arguments) => commands::demo::run(arguments, &globals),
        Command::Completions(arguments) => {
            commands::completions::run(&arguments, Arguments::command())
        }
    };
    match result {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(1),
        Err(error) => {
            globals::print_error(error.as_ref());
            ExitCode::from(2)
        }
    }
}
