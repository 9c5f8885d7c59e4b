use std::path::{Path, PathBuf};
use std::time::Instant;

use artkg_files::counted;
use artkg_graph::node2vec::{self, Adjacency, is_walks_file, write_walks};
use artkg_graph::triplets::{self, Split, evaluate, hold_out};
use artkg_graph::{EmbeddingMethod, Embeddings, KnowledgeGraph};
use clap::Args;
use serde_json::json;

use super::embed_options::MethodArguments;
use super::link_prediction;
use crate::commands::overwrite::OverwriteArgument;
use crate::defaults::with_default;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::here;
use crate::here::DEFAULT_EMBEDDINGS;
use crate::stdout;

/// The arguments of `artkg graph embed`.
#[derive(Args)]
pub(crate) struct EmbedArguments {
    /// The graph file; that of the folder or corpus here when not given
    graph: Option<PathBuf>,
    #[arg(long, short, help = with_default(
        "The safetensors file to write",
        format_args!("{DEFAULT_EMBEDDINGS} beside the graph"),
    ))]
    output: Option<PathBuf>,
    /// Also write the nodes' vectors in word2vec's text format
    #[arg(long, value_name = "FILE")]
    word2vec: Option<PathBuf>,
    /// Hold this share of the edges out, learn from the others only, and measure how well
    /// the vectors predict those held out
    #[arg(long, value_name = "SHARE")]
    hold_out: Option<f64>,
    /// Write the edges held out to this CSV file
    #[arg(long, value_name = "FILE", requires = "hold_out")]
    held_out_output: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteArgument,
    #[command(flatten)]
    method: MethodArguments,
}

pub(crate) fn run(arguments: &EmbedArguments, globals: &Globals) -> CommandResult {
    let options = arguments.method.options(globals)?;
    options.check()?;
    let graph_file = here::graph(arguments.graph.as_deref())?;
    let output = match &arguments.output {
        Some(path) => path.clone(),
        None => graph_file.with_file_name(DEFAULT_EMBEDDINGS),
    };
    arguments.claim_outputs(&output, &graph_file)?;
    let graph = KnowledgeGraph::load(&graph_file)?;
    let split = match arguments.hold_out {
        Some(share) => Some(hold_out(&graph, share, globals.seed())?),
        None => None,
    };
    if let (Some(split), Some(path)) = (&split, &arguments.held_out_output) {
        split.write_held_out(path)?;
    }
    let training = split.as_ref().map_or(&graph, |split| &split.training);
    if let (EmbeddingMethod::Node2Vec(options), Some(path)) =
        (&options, &arguments.method.walks.walks_output)
    {
        let adjacency = Adjacency::from_graph(training, options.walks.weighted);
        write_walks(&adjacency, options, path)?;
    }
    let start = Instant::now();
    let embeddings = learn(training, &options, globals)?;
    let seconds = start.elapsed().as_secs_f64();
    embeddings.save(&output)?;
    if let Some(path) = &arguments.word2vec {
        embeddings.write_word2vec(path)?;
    }
    let prediction = split.map(|split| {
        let bar = globals.progress_bar(0, "questions");
        let prediction = evaluate(&embeddings, &graph, &split.held_out, |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        globals.note(
            "these vectors have not seen the edges held out; for vectors to work with, \
             embed again without --hold-out",
        );
        prediction
    });
    if globals.json {
        let result = json!({
            "embeddings": output,
            "nodes": embeddings.len(),
            "relations": embeddings.relations().len(),
            "dimension": embeddings.dimension(),
            "seconds": seconds,
            "options": options,
            "link_prediction": prediction,
        });
        stdout::json(&result)?;
    } else {
        outln!(
            "{}: {} of {} in {seconds:.1} s",
            output.display(),
            counted(embeddings.len(), "vector"),
            counted(embeddings.dimension(), "number"),
        );
        if let Some(prediction) = &prediction {
            link_prediction::print(prediction);
        }
    }
    Ok(Outcome::Success)
}

impl EmbedArguments {
    /// Refuses outputs that would replace what is not theirs.
    fn claim_outputs(&self, output: &Path, graph: &Path) -> artkg_files::Result<()> {
        let inputs = [graph.to_path_buf()];
        let claim =
            |path: &Path, is_ours: fn(&[u8]) -> bool| self.overwrite.claim(path, &inputs, is_ours);
        claim(output, Embeddings::is_file)?;
        if let Some(path) = &self.word2vec {
            claim(path, Embeddings::is_word2vec)?;
        }
        if let Some(path) = &self.held_out_output {
            claim(path, Split::is_held_out_table)?;
        }
        if let Some(path) = &self.method.walks.walks_output {
            claim(path, is_walks_file)?;
        }
        Ok(())
    }
}

/// Learns the vectors, with a progress bar.
fn learn(
    graph: &KnowledgeGraph,
    options: &EmbeddingMethod,
    globals: &Globals,
) -> Result<Embeddings, Box<dyn std::error::Error>> {
    match options {
        EmbeddingMethod::Node2Vec(options) => {
            let bar = globals.progress_bar(0, "walks");
            let embeddings = node2vec::embed(graph, options, |progress| {
                bar.set_length(progress.total);
                bar.set_position(progress.walks);
            });
            bar.finish_and_clear();
            Ok(embeddings?)
        }
        EmbeddingMethod::Triplets(options) => {
            let bar = globals.progress_bar(0, "triplets");
            let embeddings = triplets::embed(graph, options, |progress| {
                bar.set_length(progress.total);
                bar.set_position(progress.triplets);
            });
            bar.finish_and_clear();
            Ok(embeddings?)
        }
        EmbeddingMethod::Network(options) => {
            let bar = globals.progress_bar(0, "steps");
            let embeddings = artkg_gnn::embed(graph, options, |progress| {
                bar.set_length(progress.total);
                bar.set_position(progress.steps);
            });
            bar.finish_and_clear();
            Ok(embeddings?)
        }
        EmbeddingMethod::Texts(_) => Err(Box::new(artkg_graph::Error::Option {
            option: "the method",
            value: "texts".to_owned(),
            allowed: "vectors of texts come from `artkg captions embed`",
        })),
    }
}
