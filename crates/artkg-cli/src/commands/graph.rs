//! `artkg graph`.

#[cfg(feature = "train")]
mod audit;
pub(crate) mod build;
mod embed;
mod embed_options;
mod link_prediction;
mod passed_over;
mod query;
mod reconcile;
mod similar;
mod words;
mod works;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::globals::{CommandResult, Globals};

/// The subcommands of `artkg graph`.
#[derive(Subcommand)]
pub(crate) enum GraphCommand {
    /// Build the knowledge graph of a corpus
    Build(build::BuildArguments),
    /// Count nodes, edges, degrees and components
    Stats(query::StatsArguments),
    /// List the neighbours of a node
    #[command(visible_alias = "neighbours")]
    Neighbors(query::NeighborsArguments),
    /// Find the shortest path between two nodes
    Path(query::PathArguments),
    /// Give nodes the numbers of an authority file, from a table of it
    Reconcile(reconcile::ReconcileArguments),
    /// Prove that nothing of works kept aside is in a graph, embeddings or models
    #[cfg(feature = "train")]
    Audit(audit::AuditArguments),
    /// Write the graph in another program's format
    Export(query::ExportArguments),
    /// Give every node a vector (node2vec, TransE, DistMult, RotatE, GraphSAGE, R-GCN)
    Embed(Box<embed::EmbedArguments>),
    /// List the nodes with the most similar vectors
    Similar(similar::SimilarArguments),
}

/// The graph file that a command reads, for commands whose subject is a name.
#[derive(Args)]
pub(crate) struct GraphOption {
    /// The graph file; that of the folder or corpus here when not given
    #[arg(long, short, value_name = "FILE")]
    graph: Option<PathBuf>,
}

pub(crate) fn run(command: GraphCommand, globals: &Globals) -> CommandResult {
    match command {
        GraphCommand::Build(arguments) => build::run(&arguments, globals),
        GraphCommand::Stats(arguments) => query::stats(&arguments, globals),
        GraphCommand::Neighbors(arguments) => query::neighbors(&arguments, globals),
        GraphCommand::Path(arguments) => query::path(&arguments, globals),
        GraphCommand::Reconcile(arguments) => reconcile::run(&arguments, globals),
        #[cfg(feature = "train")]
        GraphCommand::Audit(arguments) => audit::run(&arguments, globals),
        GraphCommand::Export(arguments) => query::export(&arguments, globals),
        GraphCommand::Embed(arguments) => embed::run(&arguments, globals),
        GraphCommand::Similar(arguments) => similar::run(&arguments, globals),
    }
}
