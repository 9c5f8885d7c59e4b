use std::path::PathBuf;

use artkg_graph::Embeddings;
use clap::Args;
use serde_json::{Value, json};

use super::query::{node_json, resolve};
use super::words::file_and_names;
use super::works::Works;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::here;
use crate::stdout;

/// The arguments of `artkg graph similar`.
#[derive(Args)]
pub(crate) struct SimilarArguments {
    /// A node: `author:GOYA` or just `goya`; the embeddings file may stand before it
    #[arg(required = true, num_args = 1..=2, value_name = "NAME")]
    words: Vec<String>,
    /// The embeddings file; that of the folder or corpus here when not given
    #[arg(long, short, value_name = "FILE")]
    embeddings: Option<PathBuf>,
    /// List nodes of this kind only
    #[arg(long)]
    kind: Option<String>,
    /// How many nodes to list
    #[arg(long, default_value_t = 10)]
    top: usize,
}

pub(crate) fn run(arguments: &SimilarArguments, globals: &Globals) -> CommandResult {
    let found = file_and_names(&arguments.words, 1, "embeddings file", Embeddings::is_file)?;
    let path = match (found.file, &arguments.embeddings) {
        (Some(path), None) => path,
        (Some(path), Some(_)) => {
            let path = path.display();
            return Err(format!("two embeddings files: {path} and that of `--embeddings`").into());
        }
        (None, given) => here::embeddings(given.as_deref())?,
    };
    let embeddings = Embeddings::load(&path)?;
    let works = Works::beside(&path, &embeddings.provenance().graph);
    let nodes = embeddings.nodes();
    let kind = match &arguments.kind {
        Some(kind) => Some(nodes.resolve_kind(kind)?),
        None => None,
    };
    let node = resolve(nodes, &works, &found.names[0], globals)?;
    let nearest = embeddings.nearest(node, kind, arguments.top);
    if globals.json {
        let similar: Vec<Value> = nearest
            .iter()
            .map(|neighbour| {
                let mut json = node_json(nodes, &works, neighbour.node);
                json["cosine"] = neighbour.cosine.into();
                json
            })
            .collect();
        let result = json!({"node": node_json(nodes, &works, node), "similar": similar});
        stdout::json(&result)?;
    } else {
        outln!("{}", works.label(nodes, node));
        for neighbour in &nearest {
            outln!(
                "  {:.3}  {}",
                neighbour.cosine,
                works.label(nodes, neighbour.node)
            );
        }
    }
    Ok(Outcome::Success)
}
