//! `artkg corpus`.

mod bar;
mod existing;
#[cfg(feature = "addresses")]
mod fetch;
mod import;
mod problems;
mod sources;
mod synth;

use std::path::{Path, PathBuf};

use artkg_corpus::{
    ARTWORKS_FILE, CheckOptions, Corpus, DESCRIPTION_FILE, Stats, check, is_problem_table,
    write_problems,
};
use artkg_files::counted;
use artkg_vocabulary::{Attribute, Vocabulary};
use clap::{Args, Subcommand};

use crate::commands::overwrite::OverwriteArgument;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;
use bar::Bar;
use problems::{outcome, print_problems};

/// The subcommands of `artkg corpus`.
#[derive(Subcommand)]
pub(crate) enum CorpusCommand {
    /// Make a corpus from tables of metadata and a folder of images
    Import(Box<import::ImportArguments>),
    /// Look for problems in a corpus that would harm training
    Check(CheckArguments),
    /// Fetch the images that have an address, so that training needs no network
    #[cfg(feature = "addresses")]
    Fetch(fetch::FetchArguments),
    /// Count artworks, missing values and classes
    Stats(StatsArguments),
    /// Paint a synthetic corpus for demonstrations
    Synth(synth::SynthArguments),
}

/// The arguments of `artkg corpus check`.
#[derive(Args)]
pub(crate) struct CheckArguments {
    /// The corpus folder
    corpus: PathBuf,
    /// Columns to look at, such as type,movement; can be repeated. When not given the four
    /// that are learned by default, and every further column with two classes
    #[arg(long = "task", value_name = "COLUMN", value_delimiter = ',')]
    tasks: Vec<Attribute>,
    /// How many training artworks a value needs to become a class
    #[arg(long, default_value_t = Vocabulary::DEFAULT_MINIMUM_COUNT)]
    minimum_count: usize,
    /// Don't decode the images: quick, but finds no damaged or repeated ones
    #[arg(long)]
    skip_images: bool,
    /// Print at most this many problems of each kind; all when not given
    #[arg(long)]
    most: Option<usize>,
    /// Write all problems to this CSV file
    #[arg(long, value_name = "FILE")]
    problems: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

/// The arguments of `artkg corpus stats`.
#[derive(Args)]
pub(crate) struct StatsArguments {
    /// The corpus folder
    corpus: PathBuf,
    /// Columns to look at, such as type,movement; can be repeated. When not given the four
    /// that are learned by default, and every further column with two classes
    #[arg(long = "task", value_name = "COLUMN", value_delimiter = ',')]
    tasks: Vec<Attribute>,
    /// How many training artworks a value needs to become a class
    #[arg(long, default_value_t = Vocabulary::DEFAULT_MINIMUM_COUNT)]
    minimum_count: usize,
    /// How many values of each attribute to print
    #[arg(long, default_value_t = 15)]
    most: usize,
    /// Write the charts to this file, .svg or .html
    #[arg(long, short)]
    output: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

pub(crate) fn run(command: CorpusCommand, globals: &Globals) -> CommandResult {
    match command {
        CorpusCommand::Import(arguments) => import::run(*arguments, globals),
        #[cfg(feature = "addresses")]
        CorpusCommand::Fetch(arguments) => fetch::run(&arguments, globals),
        CorpusCommand::Check(arguments) => run_check(&arguments, globals),
        CorpusCommand::Stats(arguments) => run_stats(&arguments, globals),
        CorpusCommand::Synth(arguments) => synth::run(&arguments, globals),
    }
}

/// The files of a corpus, those of a damaged one as far as they are known.
fn files(folder: &Path) -> Vec<PathBuf> {
    match Corpus::open(folder) {
        Ok(corpus) => corpus.files().collect(),
        Err(_) => vec![folder.join(DESCRIPTION_FILE), folder.join(ARTWORKS_FILE)],
    }
}

fn run_check(arguments: &CheckArguments, globals: &Globals) -> CommandResult {
    let options = CheckOptions {
        tasks: arguments.tasks.clone(),
        minimum_count: arguments.minimum_count,
        decode: !arguments.skip_images,
    };
    if let Some(path) = &arguments.problems {
        let inputs = files(&arguments.corpus);
        arguments.overwrite.claim(path, &inputs, is_problem_table)?;
    }
    let bar = Bar::new(globals);
    let report = check(&arguments.corpus, &options, &|step, done, total| {
        bar.show(step, done, total);
    })?;
    bar.finish();
    if let Some(path) = &arguments.problems {
        write_problems(path, &report.problems)?;
    }
    if globals.json {
        stdout::json(&report)?;
    } else {
        print_problems(&report.problems, arguments.most);
        outln!(
            "{}: {}, {} decoded, {}, {}",
            report.name,
            counted(report.counts.artworks, "artwork"),
            counted(report.decoded, "image"),
            counted(report.errors(), "error"),
            counted(report.warnings(), "warning")
        );
    }
    Ok(outcome(&report.problems))
}

fn run_stats(arguments: &StatsArguments, globals: &Globals) -> CommandResult {
    let corpus = Corpus::open(&arguments.corpus)?;
    if let Some(path) = &arguments.output {
        let inputs: Vec<PathBuf> = corpus.files().collect();
        arguments.overwrite.claim(path, &inputs, Stats::is_file)?;
    }
    let attributes = match arguments.tasks.is_empty() {
        true => corpus.attributes(arguments.minimum_count),
        false => arguments.tasks.clone(),
    };
    let stats = Stats::of(&corpus, &attributes, arguments.minimum_count);
    if globals.json {
        stdout::json(&stats)?;
    } else {
        stdout::lines(&stats.text(arguments.most));
    }
    if let Some(path) = &arguments.output {
        stats.write(path)?;
        globals.note(format!("wrote {}", path.display()));
    }
    Ok(Outcome::Success)
}
