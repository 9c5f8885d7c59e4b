use std::path::PathBuf;

use artkg_corpus::{Corpus, Split};
use artkg_files::counted;
use artkg_graph::{BuildOptions, KnowledgeGraph, Schema};
use clap::Args;
use serde_json::json;

use crate::commands::overwrite::OverwriteArgument;
use crate::defaults::with_default;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::here;
use crate::here::DEFAULT_GRAPH;
use crate::stdout;

/// The arguments of `artkg graph build`.
#[derive(Args)]
pub(crate) struct BuildArguments {
    /// The corpus folder; the one here or the only one below when not given
    corpus: Option<PathBuf>,
    #[arg(long, short, help = with_default(
        "The graph file to write",
        format_args!("{DEFAULT_GRAPH} in the corpus folder"),
    ))]
    output: Option<PathBuf>,
    /// A schema of your own instead of the built-in one
    #[arg(long)]
    schema: Option<PathBuf>,
    /// The splits whose artworks enter the graph, of train, val, test, none and all;
    /// anything beyond train leaks labels into models trained with the graph
    #[arg(long, value_delimiter = ',', default_value = "train")]
    splits: Vec<String>,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

pub(crate) fn run(arguments: &BuildArguments, globals: &Globals) -> CommandResult {
    let options = options(&arguments.splits)?;
    let schema = match &arguments.schema {
        Some(path) => Schema::read(path)?,
        None => Schema::built_in()?,
    };
    let folder = here::corpus(arguments.corpus.as_deref(), globals)?;
    let corpus = Corpus::open(&folder)?;
    let output = match &arguments.output {
        Some(path) => path.clone(),
        None => folder.join(DEFAULT_GRAPH),
    };
    let inputs: Vec<PathBuf> = corpus.files().chain(arguments.schema.clone()).collect();
    let overwrite = arguments.overwrite;
    overwrite.claim(&output, &inputs, KnowledgeGraph::is_file)?;
    let graph = KnowledgeGraph::build(&corpus, &schema, &options)?;
    // The program ends soon: to free a million records would take longer than to
    // write their graph.
    std::mem::forget(corpus);
    graph.save(&output)?;
    for warning in &graph.provenance().warnings {
        errln!("warning: {warning}");
    }
    if globals.json {
        let result = json!({
            "graph": output,
            "nodes": graph.node_count(),
            "edges": graph.edge_count(),
            "provenance": graph.provenance(),
        });
        stdout::json(&result)?;
    } else {
        outln!(
            "{}: {} and {} from {} of the split {} ({} left out)",
            output.display(),
            counted(graph.node_count(), "node"),
            counted(graph.edge_count(), "edge"),
            counted(graph.provenance().artworks, "artwork"),
            graph.provenance().splits.join(", "),
            graph.provenance().left_out,
        );
        globals.note(format!("next: `artkg graph embed {}`", output.display()));
    }
    Ok(Outcome::Success)
}

/// The artworks that names of splits, `none` and `all` stand for.
pub(crate) fn options(names: &[String]) -> Result<BuildOptions, artkg_corpus::Error> {
    let mut options = BuildOptions {
        splits: Vec::new(),
        unsplit: false,
    };
    for name in names {
        match name.trim() {
            "none" => options.unsplit = true,
            "all" => {
                options.splits = Split::ALL.to_vec();
                options.unsplit = true;
            }
            name => {
                let split = name.parse()?;
                if !options.splits.contains(&split) {
                    options.splits.push(split);
                }
            }
        }
    }
    Ok(options)
}
