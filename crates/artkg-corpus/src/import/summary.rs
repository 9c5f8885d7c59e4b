use std::path::PathBuf;

use artkg_records::Reading;
use serde::Serialize;

use crate::artwork::Split;
use crate::column_use::{ColumnSource, UnusedColumn};

/// One table that was read.
#[derive(Clone, Debug, Serialize)]
pub struct TableSummary {
    /// The file.
    pub file: PathBuf,
    /// Its rows, the header and blank ones aside.
    pub rows: usize,
    /// The artworks that came of them.
    pub artworks: usize,
    /// How it was read: format, encoding, delimiter.
    #[serde(flatten)]
    pub reading: Reading,
    /// The split that its name tells.
    pub split: Option<Split>,
    /// Which of its columns feed ours.
    pub columns: Vec<ColumnSource>,
    /// Its columns that feed none of [`crate::COLUMNS`].
    pub unused: Vec<UnusedColumn>,
}

/// How images were found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImageMatching {
    /// Artworks whose image has the name that the table gives.
    pub by_name: usize,
    /// Artworks whose image the end of the given path or address names.
    pub by_end: usize,
    /// Artworks whose image's name differs in case, Unicode form, folder or extension.
    pub nearly: usize,
    /// Artworks whose image is called by the work's number.
    pub by_number: usize,
    /// Further images of works that have one by their number.
    pub views: usize,
    /// Artworks whose image has an address, to be fetched.
    pub by_address: usize,
    /// Artworks whose image is there in a format that is not read.
    pub unread: usize,
    /// Artworks whose table names an image that is not there.
    pub missing: usize,
    /// Artworks of which the table names no image, and no file has their number.
    pub unnamed: usize,
    /// Images that no artwork has.
    pub unused: usize,
}

impl ImageMatching {
    /// How many artworks have an image that is there.
    pub fn found(&self) -> usize {
        self.by_name + self.by_end + self.nearly + self.by_number
    }
}
