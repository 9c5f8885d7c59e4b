//! `artkg corpus`.

mod synth;

use std::collections::BTreeMap;
use std::path::PathBuf;

use artkg_corpus::{
    CheckOptions, Corpus, DEFAULT_SHARES, DESCRIPTION_FILE, ImportOptions, Mapping, Problem,
    Severity, Stats, check, import, write_problems,
};
use artkg_vocabulary::Vocabulary;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::defaults::with_default;
use crate::globals::{CommandResult, Globals, Outcome};

/// The subcommands of `artkg corpus`.
#[derive(Subcommand)]
pub(crate) enum CorpusCommand {
    /// Make a corpus from tables of metadata and a folder of images
    Import(Box<ImportArguments>),
    /// Look for problems in a corpus that would harm training
    Check(CheckArguments),
    /// Count artworks, missing values and classes
    Stats(StatsArguments),
    /// Paint a synthetic corpus for demonstrations
    Synth(synth::SynthArguments),
}

/// The arguments of `artkg corpus import`.
#[derive(Args)]
pub(crate) struct ImportArguments {
    /// Tables (CSV, TSV, also .gz), or a folder that holds the source's tables
    #[arg(required = true)]
    tables: Vec<PathBuf>,
    /// The corpus folder to write
    #[arg(long, short)]
    output: PathBuf,
    /// A built-in mapping: semart, wga, tate, carnegie, table; detected when not given
    #[arg(long, conflicts_with = "mapping")]
    source: Option<String>,
    /// A mapping file of your own
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// The folder of the images; `Images` or `images` beside the table when not given
    #[arg(long)]
    images: Option<PathBuf>,
    /// Take a column from another column of the table, as in `author=maker`; can be repeated
    #[arg(long, value_name = "OURS=THEIRS", value_parser = column_pair)]
    column: Vec<(String, String)>,
    /// The delimiter: auto, tab or one character
    #[arg(long)]
    delimiter: Option<String>,
    /// The encoding of tables that are not UTF-8, such as windows-1252
    #[arg(long)]
    encoding: Option<String>,
    /// The corpus's name; the output folder's when not given
    #[arg(long)]
    name: Option<String>,
    #[arg(long, value_parser = shares, help = with_default(
        "Draw splits in these shares of train, validation and test, even if the source has splits",
        format_args!("the source's splits, else {}", default_shares()),
    ))]
    split: Option<[f64; 3]>,
    /// Replace a corpus that already exists
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    problems: ProblemArguments,
}

/// The arguments of `artkg corpus check`.
#[derive(Args)]
pub(crate) struct CheckArguments {
    /// The corpus folder
    corpus: PathBuf,
    /// How many training artworks a value needs to become a class
    #[arg(long, default_value_t = Vocabulary::DEFAULT_MINIMUM_COUNT)]
    minimum_count: usize,
    /// Don't decode the images: quick, but finds no damaged or repeated ones
    #[arg(long)]
    skip_images: bool,
    #[command(flatten)]
    problems: ProblemArguments,
}

/// The arguments of `artkg corpus stats`.
#[derive(Args)]
pub(crate) struct StatsArguments {
    /// The corpus folder
    corpus: PathBuf,
    /// How many training artworks a value needs to become a class
    #[arg(long, default_value_t = Vocabulary::DEFAULT_MINIMUM_COUNT)]
    minimum_count: usize,
    /// How many values of each attribute to print
    #[arg(long, default_value_t = 15)]
    most: usize,
    /// Write the charts to this file, .svg or .html
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// How problems are shown.
#[derive(Args)]
struct ProblemArguments {
    /// Print at most this many problems of each kind; all when not given
    #[arg(long)]
    most: Option<usize>,
    /// Write all problems to this CSV file
    #[arg(long, value_name = "FILE")]
    problems: Option<PathBuf>,
}

pub(crate) fn run(command: CorpusCommand, globals: &Globals) -> CommandResult {
    match command {
        CorpusCommand::Import(arguments) => run_import(*arguments, globals),
        CorpusCommand::Check(arguments) => run_check(&arguments, globals),
        CorpusCommand::Stats(arguments) => run_stats(&arguments, globals),
        CorpusCommand::Synth(arguments) => synth::run(&arguments, globals),
    }
}

fn run_import(arguments: ImportArguments, globals: &Globals) -> CommandResult {
    let folder = &arguments.output;
    if folder.join(DESCRIPTION_FILE).exists() && !arguments.overwrite {
        return Err(format!(
            "{} holds a corpus already; add `--overwrite` to replace it",
            folder.display()
        )
        .into());
    }
    let mapping = match (&arguments.source, &arguments.mapping) {
        (Some(name), _) => Some(Mapping::built_in(name)?),
        (None, Some(path)) => Some(Mapping::read(path)?),
        (None, None) => None,
    };
    let options = ImportOptions {
        mapping,
        columns: arguments.column,
        delimiter: arguments.delimiter,
        encoding: arguments.encoding,
        images: arguments.images,
        name: arguments.name,
        shares: arguments.split,
        seed: globals.seed(),
    };
    let bar = Bar::new(globals);
    let imported = import(&arguments.tables, folder, &options, &|step, done, total| {
        bar.show(step, done, total);
    })?;
    bar.finish();
    if imported.corpus.artworks.is_empty() {
        for problem in &imported.problems {
            eprintln!("{problem}");
        }
        return Err("no artwork could be read, so no corpus was written".into());
    }
    imported.corpus.save()?;
    if let Some(path) = &arguments.problems.problems {
        write_problems(path, &imported.problems)?;
    }
    let counts = artkg_corpus::Counts::of(&imported.corpus.artworks);
    if globals.json {
        let result = json!({
            "corpus": folder,
            "mapping": imported.mapping,
            "counts": counts,
            "tables": imported.tables,
            "images": imported.images,
            "problems": imported.problems,
        });
        println!("{result:#}");
    } else {
        for table in &imported.tables {
            let split = table
                .split
                .map_or_else(String::new, |split| format!(" for {split}"));
            globals.note(format!(
                "{}: {} rows, {} artworks{split} ({}, delimiter {:?})",
                table.file.display(),
                table.rows,
                table.artworks,
                table.encoding,
                table.delimiter
            ));
        }
        print_problems(
            &imported.problems,
            Some(arguments.problems.most.unwrap_or(10)),
        );
        println!(
            "{}: {} artworks by the mapping `{}` ({} train, {} val, {} test), {} with an image",
            folder.display(),
            counts.artworks,
            imported.mapping,
            counts.train,
            counts.validation,
            counts.test,
            counts.with_image
        );
        globals.note(format!("next: `artkg corpus check {}`", folder.display()));
    }
    Ok(outcome(&imported.problems))
}

fn run_check(arguments: &CheckArguments, globals: &Globals) -> CommandResult {
    let options = CheckOptions {
        minimum_count: arguments.minimum_count,
        decode: !arguments.skip_images,
    };
    let bar = Bar::new(globals);
    let report = check(&arguments.corpus, &options, &|step, done, total| {
        bar.show(step, done, total);
    })?;
    bar.finish();
    if let Some(path) = &arguments.problems.problems {
        write_problems(path, &report.problems)?;
    }
    if globals.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print_problems(&report.problems, arguments.problems.most);
        println!(
            "{}: {} artworks, {} images decoded, {} errors, {} warnings",
            report.name,
            report.counts.artworks,
            report.decoded,
            report.errors(),
            report.warnings()
        );
    }
    Ok(outcome(&report.problems))
}

fn run_stats(arguments: &StatsArguments, globals: &Globals) -> CommandResult {
    let corpus = Corpus::open(&arguments.corpus)?;
    let stats = Stats::of(&corpus, arguments.minimum_count);
    if globals.json {
        println!("{}", serde_json::to_string_pretty(&stats)?);
    } else {
        print!("{}", stats.text(arguments.most));
    }
    if let Some(path) = &arguments.output {
        stats.write(path)?;
        globals.note(format!("wrote {}", path.display()));
    }
    Ok(Outcome::Success)
}

/// Prints problems by kind, errors first, with the number of each kind.
fn print_problems(problems: &[Problem], most: Option<usize>) {
    let mut kinds: BTreeMap<_, Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        kinds
            .entry((problem.severity, problem.kind))
            .or_default()
            .push(problem);
    }
    for ((severity, kind), problems) in kinds {
        let severity = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        println!("{severity}: {} ({})", kind.label(), problems.len());
        let shown = most.unwrap_or(problems.len());
        for problem in problems.iter().take(shown) {
            println!("  {problem}");
        }
        if problems.len() > shown {
            println!(
                "  … {} more; `--problems FILE.csv` writes all",
                problems.len() - shown
            );
        }
    }
}

fn outcome(problems: &[Problem]) -> Outcome {
    if problems
        .iter()
        .any(|problem| problem.severity == Severity::Error)
    {
        Outcome::SomeFailed
    } else {
        Outcome::Success
    }
}

/// Reads `author=maker`.
fn column_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((ours, theirs)) if !ours.trim().is_empty() && !theirs.trim().is_empty() => {
            Ok((ours.trim().to_owned(), theirs.trim().to_owned()))
        }
        _ => Err("write OURS=THEIRS, as in author=maker".to_owned()),
    }
}

/// Reads `80,10,10`.
fn shares(text: &str) -> Result<[f64; 3], String> {
    let shares: Option<Vec<f64>> = text
        .split([',', '/'])
        .map(|share| share.trim().parse().ok())
        .collect();
    shares
        .and_then(|shares| shares.try_into().ok())
        .ok_or_else(|| "write three numbers, as in 80,10,10".to_owned())
}

/// The usual shares, as `80,10,10`, for help texts.
fn default_shares() -> String {
    DEFAULT_SHARES
        .map(|share| (100.0 * share).round().to_string())
        .join(",")
}

/// A progress bar whose length is known once the work has begun.
struct Bar(ProgressBar);

impl Bar {
    fn new(globals: &Globals) -> Self {
        if !globals.shows_progress() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template(
            "{msg} {wide_bar:.cyan/dim} {pos}/{len}  {per_sec}  {eta} left",
        )
        // The template is fixed; the default serves as well.
        .unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(ProgressBar::new(0).with_style(style))
    }

    fn show(&self, step: &str, done: usize, total: usize) {
        if self.0.message() != step {
            self.0.set_message(step.to_owned());
        }
        // A step that does not know its end counts up.
        self.0.set_length(total.max(done) as u64);
        self.0.set_position(done as u64);
    }

    fn finish(&self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_pairs() {
        let pair = |text: &str| column_pair(text);
        let expected = ("id".to_owned(), "Inv.Nr".to_owned());
        assert_eq!(pair("id = Inv.Nr"), Ok(expected));
        assert!(pair("id").is_err());
        assert!(pair("=Maker").is_err());
        assert!(pair("author= ").is_err());
    }

    #[test]
    fn shares_are_three_numbers() {
        assert_eq!(shares("80,10,10"), Ok([80.0, 10.0, 10.0]));
        assert_eq!(shares("8/1/1"), Ok([8.0, 1.0, 1.0]));
        for text in ["80,20", "80,10,5,5", "80,ten,10", ""] {
            assert!(shares(text).is_err(), "{text}");
        }
        // What the help shows can be given.
        let usual = shares(&default_shares()).unwrap();
        assert_eq!(usual.map(|share| share / 100.0), DEFAULT_SHARES);
    }
}
