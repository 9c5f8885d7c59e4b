use std::path::PathBuf;
use std::time::Instant;

use artkg_graph::node2vec::{
    Adjacency, Node2VecOptions, Progress, WalkOptions, embed, write_walks,
};
use artkg_graph::{Embeddings, KnowledgeGraph};
use clap::Args;
use serde_json::{Value, json};

use super::query::{node_json, resolve};
use super::{DEFAULT_EMBEDDINGS, DEFAULT_GRAPH};
use crate::globals::{CommandResult, Globals, Outcome};

/// The arguments of `artkg graph embed`.
#[derive(Args)]
pub(crate) struct EmbedArguments {
    /// The graph file
    #[arg(default_value = DEFAULT_GRAPH)]
    graph: PathBuf,
    /// The safetensors file to write; `embeddings.safetensors` beside the graph when
    /// not given
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Also write the vectors in word2vec's text format
    #[arg(long, value_name = "FILE")]
    word2vec: Option<PathBuf>,
    /// Also write the walks of the first epoch, a line of node numbers each
    #[arg(long, value_name = "FILE")]
    walks_output: Option<PathBuf>,
    /// The length of the vectors
    #[arg(long, default_value_t = 128)]
    dimension: usize,
    /// The number of nodes of a walk
    #[arg(long, default_value_t = 80)]
    walk_length: usize,
    /// How many walks start from each node, in each epoch
    #[arg(long, default_value_t = 10)]
    walks_per_node: usize,
    /// p: above 1, walks rarely step straight back; below 1, they often do
    #[arg(long, short = 'p', default_value_t = 1.0)]
    return_parameter: f32,
    /// q: above 1, walks stay near their last node; below 1, they move away
    #[arg(long, short = 'Q', default_value_t = 1.0)]
    in_out_parameter: f32,
    /// Follow edges in proportion to their counts
    #[arg(long)]
    weighted: bool,
    /// The largest distance in a walk between a node and its context
    #[arg(long, default_value_t = 10)]
    window: usize,
    /// How many negative samples each node gets
    #[arg(long, default_value_t = 5)]
    negatives: usize,
    /// How often all walks are drawn (anew) and learnt from
    #[arg(long, default_value_t = 1)]
    epochs: usize,
    /// The learning rate at the start; it falls linearly
    #[arg(long, default_value_t = 0.025)]
    learning_rate: f32,
}

/// The arguments of `artkg graph similar`.
#[derive(Args)]
pub(crate) struct SimilarArguments {
    /// A node: `author:GOYA` or just `goya`
    name: String,
    /// The embeddings file
    #[arg(long, short, default_value = DEFAULT_EMBEDDINGS, value_name = "FILE")]
    embeddings: PathBuf,
    /// List nodes of this kind only
    #[arg(long)]
    kind: Option<String>,
    /// How many nodes to list
    #[arg(long, default_value_t = 10)]
    top: usize,
}

impl EmbedArguments {
    fn options(&self, globals: &Globals) -> Node2VecOptions {
        Node2VecOptions {
            walks: WalkOptions {
                length: self.walk_length,
                walks_per_node: self.walks_per_node,
                return_parameter: self.return_parameter,
                in_out_parameter: self.in_out_parameter,
                weighted: self.weighted,
            },
            dimension: self.dimension,
            window: self.window,
            negatives: self.negatives,
            epochs: self.epochs,
            initial_learning_rate: self.learning_rate,
            final_learning_rate: self.learning_rate / 250.0,
            seed: globals.seed(),
            threads: globals.threads(),
        }
    }
}

pub(crate) fn run(arguments: &EmbedArguments, globals: &Globals) -> CommandResult {
    let options = arguments.options(globals);
    options.check()?;
    let graph = KnowledgeGraph::load(&arguments.graph)?;
    if let Some(path) = &arguments.walks_output {
        let adjacency = Adjacency::from_graph(&graph, arguments.weighted);
        write_walks(&adjacency, &options, path)?;
    }
    let bar = globals.progress_bar(0, "walks");
    let start = Instant::now();
    let embeddings = embed(&graph, &options, |progress: Progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.walks);
    })?;
    bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();
    let output = match &arguments.output {
        Some(path) => path.clone(),
        None => arguments.graph.with_file_name(DEFAULT_EMBEDDINGS),
    };
    embeddings.save(&output)?;
    if let Some(path) = &arguments.word2vec {
        embeddings.write_word2vec(path)?;
    }
    if globals.json {
        let result = json!({
            "embeddings": output,
            "nodes": embeddings.len(),
            "dimension": embeddings.dimension(),
            "seconds": seconds,
            "options": options,
        });
        println!("{result:#}");
    } else {
        println!(
            "{}: {} vectors of {} numbers in {seconds:.1} s",
            output.display(),
            embeddings.len(),
            embeddings.dimension(),
        );
    }
    Ok(Outcome::Success)
}

pub(crate) fn similar(arguments: &SimilarArguments, globals: &Globals) -> CommandResult {
    let embeddings = Embeddings::load(&arguments.embeddings)?;
    let nodes = embeddings.nodes();
    let kind = match &arguments.kind {
        Some(kind) => Some(nodes.resolve_kind(kind)?),
        None => None,
    };
    let node = resolve(nodes, &arguments.name, globals)?;
    let nearest = embeddings.nearest(node, kind, arguments.top);
    if globals.json {
        let similar: Vec<Value> = nearest
            .iter()
            .map(|neighbour| {
                json!({
                    "kind": nodes.kind_name(neighbour.node),
                    "name": nodes.name(neighbour.node),
                    "cosine": neighbour.cosine,
                })
            })
            .collect();
        let result = json!({"node": node_json(nodes, node), "similar": similar});
        println!("{result:#}");
    } else {
        println!("{}", nodes.label(node));
        for neighbour in &nearest {
            println!("  {:.3}  {}", neighbour.cosine, nodes.label(neighbour.node));
        }
    }
    Ok(Outcome::Success)
}
