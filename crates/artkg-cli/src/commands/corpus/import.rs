//! `artkg corpus import`.

use std::path::PathBuf;

use artkg_corpus::{
    DEFAULT_SHARES, Import, ImportOptions, Mapping, Qualified, import, is_problem_table,
    write_problems,
};
use artkg_files::counted;
use clap::Args;
use serde_json::json;

use super::bar::Bar;
use super::existing::refuse_existing;
use super::problems::{outcome, print_problems};
use super::sources::{makers_line, print_sources, respellings_line};
use crate::commands::overwrite::OverwriteArgument;
use crate::defaults::with_default;
use crate::globals::{CommandResult, Globals};
use crate::lost_column::lost_column;
use crate::stdout;

/// How many problems of each kind are printed when nothing is said.
const MOST_PROBLEMS: usize = 10;

/// The arguments of `artkg corpus import`.
#[derive(Args)]
pub(crate) struct ImportArguments {
    /// Files with records: CSV, TSV, JSON, JSON Lines, Excel, OpenDocument, Parquet, LIDO, IIIF
    /// (also .gz and .zst), or a folder that holds the source's files
    #[arg(required = true)]
    tables: Vec<PathBuf>,
    /// The corpus folder to write
    #[arg(long, short)]
    output: PathBuf,
    #[arg(long, conflicts_with = "mapping", help = format!(
        "A built-in mapping: {}; detected when not given",
        Mapping::built_in_names().collect::<Vec<_>>().join(", "),
    ))]
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
    /// The encoding of tables that are not UTF-8, such as windows-1252; found out when not given
    #[arg(long)]
    encoding: Option<String>,
    /// Where in a JSON file the records stand, as in `objects[]`; `.` where a file is one record
    #[arg(long, value_name = "PATH")]
    records: Option<String>,
    /// The sheet of a workbook; the first that has rows when not given
    #[arg(long)]
    sheet: Option<String>,
    /// The corpus's name; the output folder's when not given
    #[arg(long)]
    name: Option<String>,
    #[arg(long, value_parser = shares, help = with_default(
        "Draw splits in these shares of train, validation and test, even if the source has splits",
        format_args!("the source's splits, else {}", default_shares()),
    ))]
    split: Option<[f64; 3]>,
    #[arg(long, help = with_default(
        "What becomes of makers who are not simply the author (attributed to, workshop of, \
         after…): keep them beside the authors, drop them, or take them as-author as well",
        Qualified::default(),
    ), default_value_t, hide_default_value = true)]
    qualified: Qualified,
    /// Write no corpus if no artwork has a type, an author, a school or a date
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    overwrite: OverwriteArgument,
    /// Print at most this many problems of each kind
    #[arg(long, default_value_t = MOST_PROBLEMS)]
    most: usize,
    /// Write all problems to this CSV file
    #[arg(long, value_name = "FILE")]
    problems: Option<PathBuf>,
}

pub(super) fn run(arguments: ImportArguments, globals: &Globals) -> CommandResult {
    let folder = &arguments.output;
    let tables = arguments.tables.iter().filter(|path| path.is_file());
    let inputs: Vec<PathBuf> = tables.chain(&arguments.mapping).cloned().collect();
    refuse_existing(folder, &inputs, arguments.overwrite)?;
    if let Some(path) = &arguments.problems {
        arguments.overwrite.claim(path, &inputs, is_problem_table)?;
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
        records: arguments.records,
        sheet: arguments.sheet,
        images: arguments.images,
        name: arguments.name,
        shares: arguments.split,
        strict: arguments.strict,
        qualified: arguments.qualified,
        seed: globals.seed(),
    };
    let bar = Bar::new(globals);
    let imported = import(&arguments.tables, folder, &options, &|step, done, total| {
        bar.show(step, done, total);
    })?;
    bar.finish();
    if imported.corpus.artworks.is_empty() {
        for problem in &imported.problems {
            errln!("{problem}");
        }
        return Err("no artwork could be read, so no corpus was written".into());
    }
    imported.corpus.save()?;
    if let Some(path) = &arguments.problems {
        write_problems(path, &imported.problems)?;
    }
    match globals.json {
        true => print_json(&imported)?,
        false => print_text(&imported, arguments.most, globals),
    }
    // Even without other words: whoever misses this trains on nothing.
    for lost in &imported.lost {
        errln!("warning: {}", lost_column(lost));
    }
    Ok(outcome(&imported.problems))
}

fn print_json(imported: &Import) -> serde_json::Result<()> {
    let result = json!({
        "corpus": imported.corpus.folder,
        "mapping": imported.mapping,
        "counts": imported.corpus.counts(),
        "tables": imported.tables,
        "images": imported.images,
        "image_matching": imported.image_matching,
        "makers": imported.makers,
        "respellings": imported.respellings,
        "lost": imported.lost,
        "problems": imported.problems,
    });
    stdout::json(&result)
}

fn print_text(imported: &Import, most: usize, globals: &Globals) {
    print_sources(imported, globals);
    print_problems(&imported.problems, Some(most));
    if let Some(line) = makers_line(&imported.makers) {
        outln!("{line}");
    }
    if let Some(line) = respellings_line(&imported.respellings) {
        outln!("{line}");
    }
    let counts = imported.corpus.counts();
    let folder = imported.corpus.folder.display();
    outln!(
        "{folder}: {} by the mapping `{}` ({} train, {} val, {} test), {} with an image",
        counted(counts.artworks, "artwork"),
        imported.mapping,
        counts.train,
        counts.validation,
        counts.test,
        imported
            .image_matching
            .map_or(0, |matching| matching.found()),
    );
    globals.note(format!("next: `artkg corpus check {folder}`"));
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
