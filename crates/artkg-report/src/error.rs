/// What can go wrong when a chart is drawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The confusion matrix doesn't fit its class names.
    #[error(
        "a confusion matrix of {classes} classes needs {classes} rows of {classes} counts, \
         but row {row} has {found}"
    )]
    MatrixShape {
        /// Number of class names.
        classes: usize,
        /// First row that doesn't fit; the number of rows when one is missing.
        row: usize,
        /// Number of counts in that row (0 when the row is missing).
        found: usize,
    },
    /// The drawing library refused.
    #[error("cannot draw the chart: {0}")]
    Drawing(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The result of drawing a chart.
pub type Result<T> = std::result::Result<T, Error>;
