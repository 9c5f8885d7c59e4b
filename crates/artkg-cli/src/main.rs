//! The `artkg` program: argument parsing and printing only.

#[macro_use]
mod stderr;
#[macro_use]
mod stdout;

mod absent;
mod advice;
mod commands;
#[cfg(any(feature = "collections", feature = "flavor"))]
mod defaults;
#[cfg(feature = "runs")]
mod given;
mod globals;
#[cfg(feature = "collections")]
mod here;
#[cfg(feature = "collections")]
mod lost_column;
#[cfg(any(feature = "collections", feature = "flavor"))]
mod progress;
mod running;
mod terminal;

use std::process::ExitCode;

use artkg_files::visible;
use clap::builder::Resettable;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use globals::{Globals, Outcome};
use running::Running;

// Counts what is in use, so that a run that would not fit into memory says so.
#[global_allocator]
static ALLOCATOR: artkg_nn::CountingAllocator = artkg_nn::CountingAllocator;

/// Automatic, checkable tags for paintings from a knowledge graph of art.
#[derive(Parser)]
#[command(name = "artkg", version, max_term_width = 100)]
#[command(after_help = Resettable::from(absent::note()))]
struct Arguments {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Import, check and describe collections of artworks
    #[cfg(feature = "collections")]
    #[command(subcommand)]
    Corpus(commands::corpus::CorpusCommand),
    /// Build, query, export and embed the knowledge graph
    #[cfg(feature = "collections")]
    #[command(subcommand)]
    Graph(commands::graph::GraphCommand),
    /// Caption images, and turn texts into vectors
    #[cfg(feature = "train")]
    #[command(subcommand)]
    Captions(commands::captions::CaptionsCommand),
    /// Train a visual model on a corpus
    #[cfg(feature = "train")]
    Train(Box<commands::train::TrainArguments>),
    /// Train and compare the systems of the paper's table on a corpus
    #[cfg(feature = "train")]
    Compare(Box<commands::compare::CompareArguments>),
    /// Search for good training settings
    #[cfg(feature = "train")]
    Tune(Box<commands::tune::TuneArguments>),
    /// Evaluate a model on a corpus and write a report
    #[cfg(feature = "train")]
    Eval(commands::eval::EvalArguments),
    /// Find artworks by words, and words by artworks
    #[cfg(feature = "train")]
    #[command(subcommand)]
    Retrieve(commands::retrieve::RetrieveCommand),
    /// Tag images with a trained model
    Tag(Box<commands::tag::TagArguments>),
    /// Turn tag files into the formats of collection systems, viewers and triple stores
    #[command(subcommand)]
    Tags(commands::tags::TagsCommand),
    /// Show why a model gives an image its tags: where it looked, similar works, ties in the graph
    #[cfg(feature = "train")]
    Explain(commands::explain::ExplainArguments),
    /// List the visual networks: layers, parameters, cost, published error, speed here
    Models(commands::models::ModelsArguments),
    /// Tag the flavour of particle-physics events
    #[cfg(feature = "flavor")]
    #[command(subcommand)]
    Flavor(commands::flavor::FlavorCommand),
    /// Paint a synthetic corpus and run the whole pipeline on it
    #[cfg(feature = "train")]
    Demo(commands::demo::DemoArguments),
    /// Print a script that completes artkg's commands and options in a shell
    Completions(commands::completions::CompletionsArguments),
}

fn main() -> ExitCode {
    // Tensors come and go every step; giving their memory back each time is slow.
    artkg_nn::keep_freed_memory();
    let arguments = match parsed() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&absent::explained(error)),
    };
    let globals = arguments.globals;
    globals.configure_threads();
    let result = match arguments.command {
        #[cfg(feature = "collections")]
        Command::Corpus(command) => commands::corpus::run(command, &globals),
        #[cfg(feature = "collections")]
        Command::Graph(command) => commands::graph::run(command, &globals),
        #[cfg(feature = "train")]
        Command::Captions(command) => commands::captions::run(command, &globals),
        #[cfg(feature = "train")]
        Command::Train(arguments) => commands::train::run(*arguments, &globals),
        #[cfg(feature = "train")]
        Command::Compare(arguments) => commands::compare::run(*arguments, &globals),
        #[cfg(feature = "train")]
        Command::Tune(arguments) => commands::tune::run(*arguments, &globals),
        #[cfg(feature = "train")]
        Command::Eval(arguments) => commands::eval::run(arguments, &globals),
        #[cfg(feature = "train")]
        Command::Retrieve(command) => commands::retrieve::run(command, &globals),
        Command::Tag(arguments) => commands::tag::run(*arguments, &globals),
        Command::Tags(command) => commands::tags::run(command, &globals),
        #[cfg(feature = "train")]
        Command::Explain(arguments) => commands::explain::run(arguments, &globals),
        Command::Models(arguments) => commands::models::run(arguments, &globals),
        #[cfg(feature = "flavor")]
        Command::Flavor(command) => commands::flavor::run(command, &globals),
        #[cfg(feature = "train")]
        Command::Demo(arguments) => commands::demo::run(arguments, &globals),
        Command::Completions(arguments) => commands::completions::run(&arguments, program()),
    };
    stdout::flush();
    match result {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(1),
        Err(error) => {
            globals.print_error(error.as_ref());
            ExitCode::from(2)
        }
    }
}

/// The definition of the whole program.
fn program() -> clap::Command {
    Arguments::command()
}

/// The command line.
fn parsed() -> Result<Arguments, clap::Error> {
    let matches = program().try_get_matches()?;
    let mut arguments = Arguments::from_arg_matches(&matches)?;
    arguments.globals.running = Running::of(program, &matches);
    Ok(arguments)
}

/// Prints what is wrong with a command line, or the help that it asks for. What it quotes
/// may be names of files, which `*` brought there.
fn refuse(error: &clap::Error) -> ExitCode {
    let plain = error.render().to_string();
    let has_hidden = plain.lines().any(|line| visible(line) != line);
    if has_hidden && error.use_stderr() {
        plain.lines().for_each(|line| errln!("{line}"));
    } else {
        // Nobody reads; there is nobody to tell.
        let _ = error.print();
    }
    ExitCode::from(error.exit_code() as u8)
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

    #[test]
    fn each_command_is_there_or_says_what_it_needs() {
        let there = |name: &str| Arguments::command().find_subcommand(name).is_some();
        let mut commands = vec!["completions", "models", "tag", "tags"];
        for part in &absent::PARTS {
            for name in part.commands {
                assert_eq!(there(name), part.built, "{name}");
                if part.built {
                    commands.push(name);
                    continue;
                }
                for line in [format!("artkg {name} --help"), format!("artkg help {name}")] {
                    let error = Arguments::try_parse_from(line.split(' ')).err().unwrap();
                    let says = absent::explained(error).to_string();
                    let needs = format!("`artkg {name}` needs the feature `{}`", part.feature);
                    assert!(says.contains(&needs), "{line}: {says}");
                }
            }
        }
        let all = Arguments::command();
        let mut all: Vec<_> = all.get_subcommands().map(clap::Command::get_name).collect();
        all.sort_unstable();
        commands.sort_unstable();
        assert_eq!(all, commands);
    }

    #[test]
    fn the_help_names_what_the_program_lacks() {
        let help = Arguments::command().render_help().to_string();
        for part in &absent::PARTS {
            let line = format!("  {}: {}", part.feature, part.commands.join(", "));
            assert_eq!(help.contains(&line), !part.built, "{help}");
        }
    }

    #[test]
    fn mistyped_commands_are_still_corrected() {
        let error = Arguments::try_parse_from(["artkg", "tagg"]).err().unwrap();
        let says = absent::explained(error).to_string();
        assert!(says.contains("'tag'"), "{says}");
    }

    /// The help of a subcommand, with the line breaks taken out.
    #[cfg(any(feature = "collections", feature = "flavor"))]
    fn help(path: &[&str]) -> String {
        let mut command = Arguments::command();
        command.build();
        for name in path {
            command = command.find_subcommand(name).unwrap().clone();
        }
        let text = command.render_long_help().to_string();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[cfg(feature = "train")]
    #[test]
    fn help_names_the_defaults_of_training() {
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
    }

    #[cfg(feature = "collections")]
    #[test]
    fn help_names_the_defaults_of_embeddings() {
        let embed = help(&["graph", "embed"]);
        for part in [
            "[default: 5 for node2vec, 64 for TransE, DistMult and RotatE, 8 for GraphSAGE and R-GCN]",
            "[default: 0.025 for node2vec, 0.2 for TransE and RotatE, 0.1 for DistMult, 0.01 for \
             GraphSAGE and R-GCN]",
            "[default: 6 for TransE and RotatE, 0 for DistMult]",
            "[default: log-sigmoid]",
        ] {
            assert!(embed.contains(part), "{part}\n{embed}");
        }
    }

    #[cfg(feature = "flavor")]
    #[test]
    fn help_names_the_defaults_of_flavour_tagging() {
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

    fn assert_conflict(line: &str) {
        assert_eq!(refused(line), Some(ErrorKind::ArgumentConflict), "{line}");
    }

    fn assert_missing(line: &str) {
        let missing = Some(ErrorKind::MissingRequiredArgument);
        assert_eq!(refused(line), missing, "{line}");
    }

    fn assert_accepted(line: &str) {
        assert_eq!(refused(line), None, "{line}");
    }

    fn assert_out_of_range(line: &str) {
        assert_eq!(refused(line), Some(ErrorKind::ValueValidation), "{line}");
    }

    #[test]
    fn flags_that_exclude_each_other_are_refused() {
        assert_conflict("artkg models resnet18 --profile --measure");
        assert_missing("artkg models --profile");
        assert_missing("artkg models resnet18 --training");
        assert_missing("artkg tag --model m.safetensors");
        assert_accepted("artkg tag --model m.safetensors --list images.txt");
        assert_accepted("artkg models resnet18 --profile --training");
    }

    #[cfg(feature = "collections")]
    #[test]
    fn flags_of_collections_that_exclude_each_other_are_refused() {
        assert_conflict("artkg corpus import t.csv -o c --source wga --mapping m.toml");
    }

    #[cfg(feature = "train")]
    #[test]
    fn flags_of_training_that_exclude_each_other_are_refused() {
        assert_conflict("artkg captions generate --captioner blip a.jpg --corpus c");
        assert_conflict("artkg captions embed --corpus c --captions f.csv --field title");
        assert_missing("artkg captions generate --captioner blip");
        assert_missing("artkg captions embed --corpus c");
        assert_missing("artkg retrieve train --corpus c");
        assert_accepted("artkg retrieve train --resume");
        assert_accepted("artkg captions embed --corpus c --field title+description");
        assert_accepted("artkg captions embed --corpus c --field title,description");
        assert_accepted("artkg train --context fuse,joint --context prototypes");
    }

    #[test]
    fn values_out_of_range_are_refused() {
        assert_out_of_range("artkg tag --model m a.jpg --top 0");
        assert_out_of_range("artkg tag --model m a.jpg --batch-size 0");
        assert_out_of_range("artkg models --batch 0");
        assert_out_of_range("artkg --threads 0 models");
        assert_out_of_range("artkg --threads 40000 models");
    }

    #[test]
    fn a_device_that_is_not_there_is_refused_in_one_sentence() {
        for device in ["auto", "cpu"] {
            assert_accepted(&format!("artkg models --device {device}"));
        }
        let line = ["artkg", "models", "--device", "cuda"];
        let error = Arguments::try_parse_from(line).err().unwrap();
        let says = error.to_string();
        assert_eq!(
            says.lines().next(),
            Some(
                "error: invalid value 'cuda' for '--device <DEVICE>': this build cannot compute \
                 on `cuda`, only on cpu"
            )
        );
    }

    #[cfg(feature = "train")]
    #[test]
    fn values_of_training_out_of_range_are_refused() {
        assert_out_of_range("artkg train --memory-limit 6GB6");
        assert_out_of_range("artkg train --context graph");
        assert_out_of_range("artkg train --mode everything");
    }
}
