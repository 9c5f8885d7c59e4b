//! `artkg retrieve eval`.

use std::path::PathBuf;

use artkg_corpus::{Corpus, Split};
use artkg_files::counted;
use artkg_retrieve::{Recall, RetrievalModel, evaluate_retrieval};
use clap::Args;

use super::notes::note_retrieval;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::here;
use crate::stdout;

/// The options of `artkg retrieve eval`.
#[derive(Args)]
pub(crate) struct EvalArguments {
    /// Retrieval file of `artkg retrieve train`
    #[arg(long)]
    model: PathBuf,
    /// Corpus folder; the one here or the only one below when not given
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Split to measure on: train, val or test
    #[arg(long, default_value = "test")]
    split: Split,
}

pub(crate) fn run(arguments: &EvalArguments, globals: &Globals) -> CommandResult {
    let model = RetrievalModel::load(&arguments.model, &globals.device)?;
    let corpus = Corpus::open(&here::corpus(arguments.corpus.as_deref(), globals)?)?;
    note_retrieval(&arguments.model, &model, &corpus, globals);
    model.check_corpus(&corpus)?;
    let evaluation = evaluate_retrieval(&model, &corpus, arguments.split)?;
    if globals.json {
        stdout::json(&evaluation)?;
        return Ok(Outcome::Success);
    }
    outln!(
        "{} of the {} split of {} with an image and a text",
        counted(evaluation.artworks, "artwork"),
        arguments.split,
        corpus.description.name
    );
    outln!(
        "{:<12} {:>7} {:>7} {:>7} {:>12}",
        "",
        "R@1",
        "R@5",
        "R@10",
        "median rank"
    );
    for (name, recall) in [
        ("text to art", evaluation.text_to_art),
        ("art to text", evaluation.art_to_text),
        ("by guessing", evaluation.random),
    ] {
        print_row(name, recall);
    }
    Ok(Outcome::Success)
}

fn print_row(name: &str, recall: Recall) {
    outln!(
        "{name:<12} {:>6.1}% {:>6.1}% {:>6.1}% {:>12}",
        100.0 * recall.at_1,
        100.0 * recall.at_5,
        100.0 * recall.at_10,
        recall.median_rank
    );
}
