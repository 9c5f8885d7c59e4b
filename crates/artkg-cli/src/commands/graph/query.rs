use std::path::PathBuf;

use artkg_files::counted;
use artkg_graph::{
    DEFAULT_BASE_IRI, ExportFormat, KnowledgeGraph, NodeTable, Resolved, Statistics,
};
use clap::Args;
use serde_json::{Value, json};

use super::GraphOption;
use super::words::file_and_names;
use super::works::Works;
use crate::commands::overwrite::OverwriteArgument;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::here;
use crate::stdout;

/// The arguments of `artkg graph stats`.
#[derive(Args)]
pub(crate) struct StatsArguments {
    /// The graph file; that of the folder or corpus here when not given
    graph: Option<PathBuf>,
}

/// The arguments of `artkg graph neighbors`.
#[derive(Args)]
pub(crate) struct NeighborsArguments {
    /// A node: `author:GOYA` or just `goya`; the graph file may stand before it
    #[arg(required = true, num_args = 1..=2, value_name = "NAME")]
    words: Vec<String>,
    #[command(flatten)]
    file: GraphOption,
    /// Print at most this many neighbours of each relation; 0 prints all
    #[arg(long, default_value_t = 20)]
    most: usize,
}

/// The arguments of `artkg graph path`.
#[derive(Args)]
pub(crate) struct PathArguments {
    /// The node to start from and the node to reach; the graph file may stand before them
    #[arg(required = true, num_args = 2..=3, value_name = "NAME")]
    words: Vec<String>,
    #[command(flatten)]
    file: GraphOption,
}

/// The arguments of `artkg graph export`.
#[derive(Args)]
pub(crate) struct ExportArguments {
    /// The graph file; that of the folder or corpus here when not given
    graph: Option<PathBuf>,
    /// The file to write; a folder for CSV
    #[arg(long, short)]
    output: PathBuf,
    /// Format: graphml, gexf, dot, csv or ntriples; by the output's extension when not given
    #[arg(long)]
    format: Option<ExportFormat>,
    /// Start of every IRI in N-Triples
    #[arg(long, default_value = DEFAULT_BASE_IRI)]
    base_iri: String,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

impl GraphOption {
    /// The graph, and the names among the words that may begin with its file.
    fn load(
        &self,
        words: &[String],
        names: usize,
    ) -> Result<(KnowledgeGraph, Works, Vec<String>), Box<dyn std::error::Error>> {
        let found = file_and_names(words, names, "graph file", KnowledgeGraph::is_file)?;
        let path = match (found.file, &self.graph) {
            (Some(path), None) => path,
            (Some(path), Some(_)) => {
                let path = path.display();
                return Err(format!("two graph files: {path} and that of `--graph`").into());
            }
            (None, given) => here::graph(given.as_deref())?,
        };
        let graph = KnowledgeGraph::load(&path)?;
        let works = Works::beside(&path, graph.provenance());
        Ok((graph, works, found.names))
    }
}

pub(crate) fn stats(arguments: &StatsArguments, globals: &Globals) -> CommandResult {
    let graph = KnowledgeGraph::load(&here::graph(arguments.graph.as_deref())?)?;
    let statistics = graph.statistics();
    if globals.json {
        let result = json!({"provenance": graph.provenance(), "statistics": statistics});
        stdout::json(&result)?;
    } else {
        print_statistics(&graph, &statistics);
    }
    Ok(Outcome::Success)
}

/// The word for one thing or several.
fn one_or_more(count: usize, thing: &str) -> String {
    match count {
        1 => thing.to_owned(),
        _ => format!("{thing}s"),
    }
}

fn print_statistics(graph: &KnowledgeGraph, statistics: &Statistics) {
    let provenance = graph.provenance();
    let synthetic = if provenance.synthetic {
        ", synthetic"
    } else {
        ""
    };
    outln!(
        "corpus {}{synthetic}: {} of the split {}",
        provenance.corpus,
        counted(provenance.artworks, "artwork"),
        provenance.splits.join(", ")
    );
    for warning in &provenance.warnings {
        outln!("warning: {warning}");
    }
    outln!();
    outln!(
        "{:>10}  {}",
        statistics.nodes,
        one_or_more(statistics.nodes, "node")
    );
    for kind in &statistics.nodes_by_kind {
        outln!("{:>10}    {}", kind.count, kind.name);
    }
    outln!();
    outln!(
        "{:>10}  {}",
        statistics.edges,
        one_or_more(statistics.edges, "edge")
    );
    for relation in &statistics.edges_by_relation {
        outln!("{:>10}    {}", relation.count, relation.name);
    }
    let degrees = &statistics.degrees;
    outln!();
    outln!(
        "degree: minimum {}, median {}, mean {:.2}, maximum {}{}",
        degrees.minimum,
        degrees.median,
        degrees.mean,
        degrees.maximum,
        match &degrees.maximum_node {
            Some(node) => format!(" ({node})"),
            None => String::new(),
        }
    );
    for (bucket, nodes) in degrees.histogram.iter().enumerate() {
        let range = match bucket {
            0 | 1 => bucket.to_string(),
            _ => format!("{}–{}", 1usize << (bucket - 1), (1usize << bucket) - 1),
        };
        outln!("{nodes:>10}    {range}");
    }
    outln!();
    outln!(
        "{}, the largest of {}; {} without edges",
        counted(statistics.components, "component"),
        counted(statistics.largest_component, "node"),
        counted(statistics.isolated, "node")
    );
}

pub(crate) fn neighbors(arguments: &NeighborsArguments, globals: &Globals) -> CommandResult {
    let (graph, works, names) = arguments.file.load(&arguments.words, 1)?;
    let node = resolve(graph.nodes(), &works, &names[0], globals)?;
    let groups = graph.neighbour_groups(node);
    let shown = |count: usize| match arguments.most {
        0 => count,
        most => count.min(most),
    };
    if globals.json {
        let groups: Vec<Value> = groups
            .iter()
            .map(|group| {
                let listed = &group.neighbours[..shown(group.neighbours.len())];
                let neighbours: Vec<Value> = listed
                    .iter()
                    .map(|&(node, count)| with_count(graph.nodes(), &works, node, count))
                    .collect();
                json!({
                    "relation": group.relation,
                    "outgoing": group.outgoing,
                    "total": group.neighbours.len(),
                    "neighbors": neighbours,
                })
            })
            .collect();
        let result = json!({"node": node_json(graph.nodes(), &works, node), "relations": groups});
        stdout::json(&result)?;
        return Ok(Outcome::Success);
    }
    outln!("{}", works.label(graph.nodes(), node));
    for group in &groups {
        let arrow = if group.outgoing { "→" } else { "←" };
        outln!();
        outln!("{arrow} {} ({})", group.relation, group.neighbours.len());
        let count = shown(group.neighbours.len());
        for &(node, seen) in &group.neighbours[..count] {
            let times = if seen > 1 {
                format!("  ({seen})")
            } else {
                String::new()
            };
            outln!("    {}{times}", works.label(graph.nodes(), node));
        }
        if count < group.neighbours.len() {
            outln!(
                "    … {} more (`--most 0` prints all)",
                group.neighbours.len() - count
            );
        }
    }
    if groups.is_empty() {
        outln!("no neighbours");
    }
    Ok(Outcome::Success)
}

pub(crate) fn path(arguments: &PathArguments, globals: &Globals) -> CommandResult {
    let (graph, works, names) = arguments.file.load(&arguments.words, 2)?;
    let nodes = graph.nodes();
    let from = resolve(nodes, &works, &names[0], globals)?;
    let to = resolve(nodes, &works, &names[1], globals)?;
    let steps = graph.shortest_path(from, to);
    if globals.json {
        let steps = steps.as_ref().map(|steps| {
            let steps = steps.iter().map(|step| {
                json!({
                    "from": node_json(nodes, &works, step.from),
                    "relation": step.relation,
                    "forward": step.forward,
                    "to": node_json(nodes, &works, step.to),
                })
            });
            steps.collect::<Vec<Value>>()
        });
        stdout::json(&json!({"path": steps}))?;
    } else {
        match &steps {
            None => outln!(
                "no path joins {} and {}",
                nodes.label(from),
                nodes.label(to)
            ),
            Some(steps) => {
                outln!("{}", works.label(nodes, from));
                for step in steps {
                    let relation = step.relation;
                    let arrow = if step.forward {
                        format!("—{relation}→")
                    } else {
                        format!("←{relation}—")
                    };
                    outln!("  {arrow} {}", works.label(nodes, step.to));
                }
            }
        }
    }
    Ok(match steps {
        Some(_) => Outcome::Success,
        None => Outcome::SomeFailed,
    })
}

pub(crate) fn export(arguments: &ExportArguments, globals: &Globals) -> CommandResult {
    let format = arguments
        .format
        .or_else(|| ExportFormat::of_path(&arguments.output))
        .ok_or_else(|| {
            format!(
                "the name {} tells no format: add `--format` with {}",
                arguments.output.display(),
                ExportFormat::ALL.map(ExportFormat::name).join(", ")
            )
        })?;
    let graph_file = here::graph(arguments.graph.as_deref())?;
    for file in format.files(&arguments.output) {
        let inputs = [graph_file.clone()];
        let is_ours = |beginning: &[u8]| format.is_file(beginning);
        arguments.overwrite.claim(&file, &inputs, is_ours)?;
    }
    let graph = KnowledgeGraph::load(&graph_file)?;
    graph.export(format, &arguments.output, &arguments.base_iri)?;
    if globals.json {
        let result = json!({
            "output": arguments.output,
            "format": format.name(),
            "nodes": graph.node_count(),
            "edges": graph.edge_count(),
        });
        stdout::json(&result)?;
    } else {
        outln!(
            "{}: {} and {} as {}",
            arguments.output.display(),
            counted(graph.node_count(), "node"),
            counted(graph.edge_count(), "edge"),
            format.name()
        );
    }
    Ok(Outcome::Success)
}

/// The node that a name stands for; says on stderr what else it might have been.
pub(super) fn resolve(
    nodes: &NodeTable,
    works: &Works,
    name: &str,
    globals: &Globals,
) -> Result<u32, Box<dyn std::error::Error>> {
    let Resolved { node, others } = nodes.resolve(name).map_err(|error| match &error {
        artkg_graph::Error::UnknownName { .. } => match works.elsewhere(name) {
            Some(elsewhere) => format!("{error}; {elsewhere}").into(),
            None => Box::<dyn std::error::Error>::from(error),
        },
        _ => error.into(),
    })?;
    if !others.is_empty() {
        globals.note(format!(
            "`{name}` is taken as {}; there is also {}",
            nodes.label(node),
            others.join(", ")
        ));
    }
    Ok(node)
}

pub(super) fn node_json(nodes: &NodeTable, works: &Works, node: u32) -> Value {
    let mut json = json!({"kind": nodes.kind_name(node), "name": nodes.name(node)});
    if let Some(title) = works.title(nodes, node) {
        json["title"] = title.into();
    }
    json
}

fn with_count(nodes: &NodeTable, works: &Works, node: u32, count: u32) -> Value {
    let mut json = node_json(nodes, works, node);
    json["count"] = count.into();
    json
}
