//! The `artkg` program: argument parsing and printing only.

mod advice;
mod commands;
mod defaults;
mod given;
mod globals;
mod lost_column;
mod terminal;

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
    /// Caption images, and turn texts into vectors
    #[command(subcommand)]
    Captions(commands::captions::CaptionsCommand),
    /// Train a visual model on a corpus
    Train(Box<commands::train::TrainArguments>),
    /// Train and compare the systems of the paper's table on a corpus
    Compare(Box<commands::compare::CompareArguments>),
    /// Search for good training settings
    Tune(Box<commands::tune::TuneArguments>),
    /// Evaluate a model on a corpus and write a report
    Eval(commands::eval::EvalArguments),
    /// Find artworks by words, and words by artworks
    #[command(subcommand)]
    Retrieve(commands::retrieve::RetrieveCommand),
    /// Tag images with a trained model
    Tag(commands::tag::TagArguments),
    /// Show why a model gives an image its tags: where it looked, similar works, ties in the graph
    Explain(commands::explain::ExplainArguments),
    /// List the visual networks: layers, parameters, cost, published error, speed here
    Models(commands::models::ModelsArguments),
    /// Tag the flavour of particle-physics events
    #[command(subcommand)]
    Flavor(commands::flavor::FlavorCommand),
    /// Paint a synthetic corpus and run the whole pipeline on it
    Demo(commands::demo::DemoArguments),
    /// Print a script that completes artkg's commands and options in a shell
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

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    use super::*;

    /// The kind of error that parsing a command line ends with.
    fn refused(line: &str) -> Option<ErrorKind> {
        Arguments::try_parse_from(line.split(' '))
            .err()
            .map(|error| error.kind())
    }

    #[test]
    fn the_commands_are_well_formed() {
        Arguments::command().debug_assert();
    }

    /// The help of a subcommand, with the line breaks taken out.
    fn help(path: &[&str]) -> String {
        let mut command = Arguments::command();
        command.build();
        for name in path {
            command = command.find_subcommand(name).unwrap().clone();
        }
        let text = command.render_long_help().to_string();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn help_names_the_defaults_of_the_code() {
        let train = help(&["train"]);
        for part in [
            "Passes over the training images [default: 30]",
            "[default: 0.01 for sgd and adagrad, 0.001 for rmsprop, adam and adamw]",
            "[default: 0.9 for sgd, 0 for rmsprop]",
            "[default: 1e-10 for adagrad, 1e-8 for rmsprop, adam and adamw]",
            "[default: 0 for sgd, adagrad, rmsprop and adam, 0.01 for adamw]",
            "[default: coupled for sgd, adagrad, rmsprop and adam, decoupled for adamw]",
            "[default: pooled for pretrained, attributes and captions, input for finetune, mtl and kgm]",
            "Learning rate over the run [default: constant]",
            "[default: resnet50]",
            "[default: embeddings.safetensors in the corpus folder]",
        ] {
            assert!(train.contains(part), "{part}\n{train}");
        }
        let embed = help(&["graph", "embed"]);
        for part in [
            "[default: 5 for node2vec, 64 for TransE, DistMult and RotatE]",
            "[default: 0.025 for node2vec, 0.2 for TransE and RotatE, 0.1 for DistMult]",
            "[default: 6 for TransE and RotatE, 0 for DistMult]",
            "[default: log-sigmoid]",
        ] {
            assert!(embed.contains(part), "{part}\n{embed}");
        }
        let flavor = help(&["flavor", "train"]);
        for part in [
            "[default: 32 for classical, 256 for dense, 128 for sets, 48 for attention]",
            "[default: 1 for classical, 3 for dense and sets, 2 for attention]",
            "[default: 0 for classical, sets and attention, 0.3 for dense]",
            "Learning rate [default: 0.002]",
        ] {
            assert!(flavor.contains(part), "{part}\n{flavor}");
        }
    }

    #[test]
    fn flags_that_exclude_each_other_are_refused() {
        use ErrorKind::{ArgumentConflict, MissingRequiredArgument};
        let conflict = Some(ArgumentConflict);
        let missing = Some(MissingRequiredArgument);
        for (line, error) in [
            (
                "artkg corpus import t.csv -o c --source wga --mapping m.toml",
                conflict,
            ),
            (
                "artkg captions generate --captioner blip a.jpg --corpus c",
                conflict,
            ),
            ("artkg captions generate --captioner blip", missing),
            (
                "artkg captions embed --corpus c --captions f.csv --field title",
                conflict,
            ),
            ("artkg captions embed --corpus c", missing),
            ("artkg models resnet18 --profile --measure", conflict),
            ("artkg models --profile", missing),
            ("artkg models resnet18 --training", missing),
            ("artkg tag --model m.safetensors", missing),
            ("artkg retrieve train --corpus c", missing),
        ] {
            assert_eq!(refused(line), error, "{line}");
        }
        for line in [
            "artkg tag --model m.safetensors --list images.txt",
            "artkg retrieve train --resume",
            "artkg models resnet18 --profile --training",
            "artkg captions embed --corpus c --field title+description",
        ] {
            assert_eq!(refused(line), None, "{line}");
        }
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for line in [
            "artkg tag --model m a.jpg --top 0",
            "artkg tag --model m a.jpg --batch-size 0",
            "artkg models --batch 0",
            "artkg --threads 0 models",
            "artkg --threads 40000 models",
            "artkg train --memory-limit 6GB6",
            "artkg train --context graph",
            "artkg train --mode everything",
        ] {
            assert_eq!(refused(line), Some(ErrorKind::ValueValidation), "{line}");
        }
    }
}
