/// What can go wrong when a graph neural network is trained.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The graph or its options.
    #[error(transparent)]
    Graph(#[from] artkg_graph::Error),
    /// The engine.
    #[error(transparent)]
    Network(#[from] artkg_nn::Error),
    /// A tensor operation.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// A graph without an edge has nothing to learn from.
    #[error("the graph has no edges, so there is nothing to learn from")]
    NoEdges,
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
