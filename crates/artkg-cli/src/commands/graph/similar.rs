use std::path::PathBuf;

use artkg_graph::Embeddings;
use clap::Args;
use serde_json::{Value, json};

use super::DEFAULT_EMBEDDINGS;
use super::query::{node_json, resolve};
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

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

pub(crate) fn run(arguments: &SimilarArguments, globals: &Globals) -> CommandResult {
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
        stdout::json(&result)?;
    } else {
        outln!("{}", nodes.label(node));
        for neighbour in &nearest {
            outln!("  {:.3}  {}", neighbour.cosine, nodes.label(neighbour.node));
        }
    }
    Ok(Outcome::Success)
}
