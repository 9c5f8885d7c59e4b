use std::path::PathBuf;

use artkg_graph::{
    DEFAULT_BASE_IRI, ExportFormat, KnowledgeGraph, NodeTable, Resolved, Statistics,
};
use clap::Args;
use serde_json::{Value, json};

use super::{DEFAULT_GRAPH, GraphOption};
use crate::commands::overwrite::OverwriteArgument;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// The arguments of `artkg graph stats`.
#[derive(Args)]
pub(crate) struct StatsArguments {
    /// The graph file
    #[arg(default_value = DEFAULT_GRAPH)]
    graph: PathBuf,
}

/// The arguments of `artkg graph neighbors`.
#[derive(Args)]
pub(crate) struct NeighborsArguments {
    /// A node: `author:GOYA` or just `goya`
    name: String,
    #[command(flatten)]
    file: GraphOption,
    /// Print at most this many neighbours of each relation; 0 prints all
    #[arg(long, default_value_t = 20)]
    most: usize,
}

/// The arguments of `artkg graph path`.
#[derive(Args)]
pub(crate) struct PathArguments {
    /// The node to start from
    from: String,
    /// The node to reach
    to: String,
    #[command(flatten)]
    file: GraphOption,
}

/// The arguments of `artkg graph export`.
#[derive(Args)]
pub(crate) struct ExportArguments {
    /// The graph file
    #[arg(default_value = DEFAULT_GRAPH)]
    graph: PathBuf,
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

pub(crate) fn stats(arguments: &StatsArguments, globals: &Globals) -> CommandResult {
    let graph = KnowledgeGraph::load(&arguments.graph)?;
    let statistics = graph.statistics();
    if globals.json {
        let result = json!({"provenance": graph.provenance(), "statistics": statistics});
        stdout::json(&result)?;
    } else {
        print_statistics(&graph, &statistics);
    }
    Ok(Outcome::Success)
}

fn print_statistics(graph: &KnowledgeGraph, statistics: &Statistics) {
    let provenance = graph.provenance();
    let synthetic = if provenance.synthetic {
        ", synthetic"
    } else {
        ""
    };
    outln!(
        "corpus {}{synthetic}: {} artworks of the split {}",
        provenance.corpus,
        provenance.artworks,
        provenance.splits.join(", ")
    );
    for warning in &provenance.warnings {
        outln!("warning: {warning}");
    }
    outln!();
    outln!("{:>10}  nodes", statistics.nodes);
    for kind in &statistics.nodes_by_kind {
        outln!("{:>10}    {}", kind.count, kind.name);
    }
    outln!();
    outln!("{:>10}  edges", statistics.edges);
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
        "{} components, the largest of {} nodes; {} nodes without edges",
        statistics.components,
        statistics.largest_component,
        statistics.isolated
    );
}

pub(crate) fn neighbors(arguments: &NeighborsArguments, globals: &Globals) -> CommandResult {
    let graph = KnowledgeGraph::load(&arguments.file.graph)?;
    let node = resolve(graph.nodes(), &arguments.name, globals)?;
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
                    .map(|&(node, count)| with_count(graph.nodes(), node, count))
                    .collect();
                json!({
                    "relation": group.relation,
                    "outgoing": group.outgoing,
                    "total": group.neighbours.len(),
                    "neighbors": neighbours,
                })
            })
            .collect();
        let result = json!({"node": node_json(graph.nodes(), node), "relations": groups});
        stdout::json(&result)?;
        return Ok(Outcome::Success);
    }
    outln!("{}", graph.nodes().label(node));
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
            outln!("    {}{times}", graph.nodes().label(node));
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
    let graph = KnowledgeGraph::load(&arguments.file.graph)?;
    let nodes = graph.nodes();
    let from = resolve(nodes, &arguments.from, globals)?;
    let to = resolve(nodes, &arguments.to, globals)?;
    let steps = graph.shortest_path(from, to);
    if globals.json {
        let steps = steps.as_ref().map(|steps| {
            let steps = steps.iter().map(|step| {
                json!({
                    "from": node_json(nodes, step.from),
                    "relation": step.relation,
                    "forward": step.forward,
                    "to": node_json(nodes, step.to),
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
                outln!("{}", nodes.label(from));
                for step in steps {
                    let relation = step.relation;
                    let arrow = if step.forward {
                        format!("—{relation}→")
                    } else {
                        format!("←{relation}—")
                    };
                    outln!("  {arrow} {}", nodes.label(step.to));
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
    for file in format.files(&arguments.output) {
        let inputs = [arguments.graph.clone()];
        let is_ours = |beginning: &[u8]| format.is_file(beginning);
        arguments.overwrite.claim(&file, &inputs, is_ours)?;
    }
    let graph = KnowledgeGraph::load(&arguments.graph)?;
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
            "{}: {} nodes and {} edges as {}",
            arguments.output.display(),
            graph.node_count(),
            graph.edge_count(),
            format.name()
        );
    }
    Ok(Outcome::Success)
}

/// The node that a name stands for; says on stderr what else it might have been.
pub(super) fn resolve(
    nodes: &NodeTable,
    name: &str,
    globals: &Globals,
) -> artkg_graph::Result<u32> {
    let Resolved { node, others } = nodes.resolve(name)?;
    if !others.is_empty() {
        globals.note(format!(
            "`{name}` is taken as {}; there is also {}",
            nodes.label(node),
            others.join(", ")
        ));
    }
    Ok(node)
}

pub(super) fn node_json(nodes: &NodeTable, node: u32) -> Value {
    json!({"kind": nodes.kind_name(node), "name": nodes.name(node)})
}

fn with_count(nodes: &NodeTable, node: u32, count: u32) -> Value {
    json!({"kind": nodes.kind_name(node), "name": nodes.name(node), "count": count})
}
