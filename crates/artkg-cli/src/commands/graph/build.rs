use std::path::PathBuf;

use artkg_corpus::{Corpus, Split};
use artkg_files::counted;
use artkg_graph::{BuildOptions, Facts, FactsReport, KnowledgeGraph, Schema};
use clap::Args;
use serde_json::json;

use super::passed_over;
use crate::commands::overwrite::OverwriteArgument;
use crate::defaults::with_default;
use crate::globals::{CommandResult, Globals};
use crate::here;
use crate::here::DEFAULT_GRAPH;
use crate::stdout;

/// How many names are listed.
const LISTED: usize = 10;

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
    /// Tables of facts about the authors (CSV with a name, years of life, nationality, teachers…),
    /// which become nodes and relations as the schema says
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    facts: Vec<PathBuf>,
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
    let inputs = corpus.files().chain(arguments.schema.clone());
    let inputs: Vec<PathBuf> = inputs.chain(arguments.facts.iter().cloned()).collect();
    let overwrite = arguments.overwrite;
    overwrite.claim(&output, &inputs, KnowledgeGraph::is_file)?;
    let facts = match arguments.facts.as_slice() {
        [] => None,
        tables => Some(Facts::read(tables, &schema)?),
    };
    let mut graph = KnowledgeGraph::build(&corpus, &schema, &options)?;
    let report = match &facts {
        Some(facts) => Some(graph.add_facts(&schema, facts)?),
        None => None,
    };
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
            "facts": report,
            "skipped": facts.as_ref().map(|facts| &facts.skipped),
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
        if let (Some(facts), Some(report)) = (&facts, &report) {
            print_facts(facts, report, globals);
        }
        globals.note(format!("next: `artkg graph embed {}`", output.display()));
    }
    let skipped = facts.as_ref().map_or(&[][..], |facts| &facts.skipped);
    Ok(passed_over::say(skipped.iter().map(|skipped| {
        let table = skipped.path.as_path();
        (table, skipped.row, skipped.reason.as_str())
    })))
}

/// What became of tables of facts.
fn print_facts(facts: &Facts, report: &FactsReport, globals: &Globals) {
    outln!(
        "facts: {} of {} are in the graph; without facts: {} unknown, {} that several may be, {} \
         of other times",
        report.matched,
        counted(report.people, "person"),
        report.unknown,
        report.ambiguous.len(),
        report.contradicted.len(),
    );
    let edges = report.edges.iter();
    let edges: Vec<String> = edges
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    outln!(
        "facts: edges: {}; people who made no work here: {}",
        edges.join(", "),
        report.others
    );
    for (which, names) in [
        ("several people may be", &report.ambiguous),
        (
            "nobody of the name lived in the time of the works of",
            &report.contradicted,
        ),
        ("keys of nobody in the tables:", &report.unresolved),
    ] {
        if !names.is_empty() {
            let listed: Vec<&str> = names.iter().take(LISTED).map(String::as_str).collect();
            let more = if names.len() > LISTED { "…" } else { "" };
            globals.note(format!("{which} {}{more}", listed.join(" | ")));
        }
    }
    for (path, columns) in facts
        .unused
        .iter()
        .filter(|(_, columns)| !columns.is_empty())
    {
        globals.note(format!(
            "{}: not used: {}",
            path.display(),
            columns.join(", ")
        ));
    }
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
