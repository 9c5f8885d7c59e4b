use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use artkg_art::ArtSettings;
use artkg_model::Mode;
use artkg_vision::Architecture;

use crate::error::{Error, Result};
use crate::row::Row;

/// What is compared.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The settings that all rows share.
    pub base: ArtSettings,
    /// The rows.
    pub rows: Vec<Row>,
    /// Runs of each row; their seeds count from the base's.
    pub seeds: u64,
    /// Weights of networks other than the base's; `imagenet` where none are given.
    pub weights: BTreeMap<Architecture, String>,
    /// Whether a row whose weights are not available is trained from random ones.
    pub random_weights: bool,
    /// No run begins after this time.
    pub budget: Option<Duration>,
    /// Where runs and results are kept.
    pub folder: PathBuf,
}

impl Comparison {
    /// Checks the base settings as far as all rows need them.
    ///
    /// # Errors
    /// A row that lacks embeddings or captions.
    pub fn check(&self) -> Result<()> {
        for row in &self.rows {
            let settings = row.settings(&self.base, 0);
            if settings.mode == Mode::Kgm && !settings.embeddings().exists() {
                return Err(Error::RowNeedsEmbeddings(row.to_string()));
            }
            if settings.mode == Mode::Captions && settings.captions.is_none() {
                return Err(Error::RowNeedsCaptions(row.to_string()));
            }
        }
        if self.rows.is_empty() || self.seeds == 0 {
            return Err(Error::Nothing);
        }
        Ok(())
    }
}
