//! `artkg graph reconcile`.

use std::path::PathBuf;

use artkg_graph::{Answers, Authority, KnowledgeGraph, is_unsure_table, write_unsure};
use clap::Args;
use serde_json::json;

use super::passed_over;
use crate::commands::overwrite::{OverwriteArgument, given};
use crate::globals::{CommandResult, Globals};
use crate::stdout;

/// The arguments of `artkg graph reconcile`.
#[derive(Args)]
pub(crate) struct ReconcileArguments {
    /// The graph file
    graph: PathBuf,
    /// A table of the authority file: CSV with the columns name and id (an address, or
    /// ulan:500115588), or ulan, wikidata, viaf…, and birth, death, nationality, other names
    authority: PathBuf,
    /// The graph file to write
    #[arg(long, short)]
    output: PathBuf,
    /// The kind of the nodes
    #[arg(long, default_value = "author")]
    kind: String,
    /// The authority that bare numbers in the column id are of: ulan, wikidata, viaf, gnd…
    #[arg(long, value_name = "NAME")]
    numbers_of: Option<String>,
    /// Write what is unsure to this CSV file, with a column `answer` to fill in
    #[arg(long, value_name = "FILE")]
    unsure: Option<PathBuf>,
    /// A file written by `--unsure` with `yes` or `no` in the column `answer`
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

pub(crate) fn run(arguments: &ReconcileArguments, globals: &Globals) -> CommandResult {
    let inputs = given([
        Some(&arguments.graph),
        Some(&arguments.authority),
        arguments.answers.as_ref(),
    ]);
    let overwrite = arguments.overwrite;
    overwrite.claim(&arguments.output, &inputs, KnowledgeGraph::is_file)?;
    if let Some(path) = &arguments.unsure {
        overwrite.claim(path, &inputs, is_unsure_table)?;
    }
    let graph = KnowledgeGraph::load(&arguments.graph)?;
    let authority = Authority::read(&arguments.authority, arguments.numbers_of.as_deref())?;
    let answers = match &arguments.answers {
        Some(path) => Answers::read(path)?,
        None => Answers::default(),
    };
    let done = graph.reconcile(&arguments.kind, &authority, &answers)?;
    done.graph.save(&arguments.output)?;
    if let Some(path) = &arguments.unsure {
        write_unsure(path, &done.unsure)?;
    }
    let mut nodes: Vec<&str> = done.unsure.iter().map(|row| row.node.as_str()).collect();
    nodes.dedup();
    if globals.json {
        let result = json!({
            "graph": arguments.output,
            "entries": authority.len(),
            "matched": done.matched,
            "known": done.known,
            "merged": done.merged,
            "unknown": done.unknown,
            "unsure_nodes": nodes.len(),
            "unsure": done.unsure,
            "skipped": authority.skipped,
        });
        stdout::json(&result)?;
    } else {
        outln!(
            "{}: nodes of kind {}: matched {}, known before {}, unsure {}, unknown {}; merged {}",
            arguments.output.display(),
            arguments.kind,
            done.matched,
            done.known,
            nodes.len(),
            done.unknown,
            done.merged
        );
        match &arguments.unsure {
            Some(path) if !done.unsure.is_empty() => globals.note(format!(
                "fill in the column `answer` of {0} and give it back with `--answers {0}`",
                path.display()
            )),
            None if !done.unsure.is_empty() => {
                globals.note("`--unsure FILE.csv` writes what is unsure".to_owned());
            }
            _ => {}
        }
        if done.merged > 0 {
            globals
                .note("embeddings made before know other nodes: embed the graph again".to_owned());
        }
    }
    let skipped = authority.skipped.iter();
    Ok(passed_over::say(skipped.map(|skipped| {
        let table = arguments.authority.as_path();
        (table, skipped.row, skipped.reason.as_str())
    })))
}
