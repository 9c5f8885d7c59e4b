//! The seam between tags and the files that hold them.

use std::path::{Path, PathBuf};

use artkg_files::Writer;

use crate::error::Result;
use crate::origin::Origin;
use crate::tags::Tags;

/// What a format makes of tags. The tags come from the journal of a finished run, once
/// and in the order of the images; their origin says which columns there are.
pub trait TagWriter {
    /// The format's name, by which an interrupted run knows it.
    fn name(&self) -> &'static str;

    /// Files that are written beside `target`, such as one with the origin.
    fn companions(&self, _target: &Path) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Writes all tags into `writer`, which becomes `target`, and the companions.
    ///
    /// # Errors
    /// Those of the tags, or when something cannot be written.
    fn write(
        &self,
        target: &Path,
        origin: &Origin,
        tags: &mut dyn Iterator<Item = Result<Tags>>,
        writer: &mut Writer,
    ) -> Result<()>;
}
