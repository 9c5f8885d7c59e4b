use std::path::PathBuf;

use serde::Serialize;

use crate::artwork::Split;

/// One table that was read.
#[derive(Clone, Debug, Serialize)]
pub struct TableSummary {
    /// The file.
    pub file: PathBuf,
    /// Its rows, the header and blank ones aside.
    pub rows: usize,
    /// The artworks that came of them.
    pub artworks: usize,
    /// The encoding that it was read in.
    pub encoding: String,
    /// The delimiter that it was read with.
    pub delimiter: char,
    /// The split that its name tells.
    pub split: Option<Split>,
}
