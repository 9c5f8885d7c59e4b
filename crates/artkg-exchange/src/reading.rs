//! Tag files, read again.

mod csv_rows;
mod json_lines;

use std::path::{Path, PathBuf};

use artkg_tag::Origin;

use crate::error::{Error, Result};
use crate::format::Format;
use crate::tags_of::TagsOf;

/// A tag file and where its tags come from.
#[derive(Clone, Debug)]
pub struct TagFile {
    path: PathBuf,
    format: Format,
    origin: Origin,
}

impl TagFile {
    /// Opens a tag file, by its ending: CSV with the origin in the file beside it, JSON
    /// lines, or Parquet.
    ///
    /// # Errors
    /// When it is no such file, or says nothing of its origin.
    pub fn open(path: &Path) -> Result<Self> {
        let format = Format::of_path(path).map_err(|_| Error::NotRead(path.to_path_buf()))?;
        let origin = match format {
            Format::Csv => csv_rows::origin(path)?,
            Format::JsonLines => json_lines::origin(path)?,
            Format::Parquet => parquet_origin(path)?,
            _ => return Err(Error::NotRead(path.to_path_buf())),
        };
        Ok(Self {
            path: path.to_path_buf(),
            format,
            origin,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Where its tags come from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Its tags, from the first on.
    ///
    /// # Errors
    /// When it cannot be opened; each item, when its row is none.
    pub fn tags(&self) -> Result<TagsOf<'_>> {
        match self.format {
            Format::Csv => csv_rows::tags(&self.path, &self.origin),
            Format::JsonLines => json_lines::tags(&self.path),
            _ => parquet_tags(&self.path, &self.origin),
        }
    }
}

#[cfg(feature = "parquet")]
fn parquet_origin(path: &Path) -> Result<Origin> {
    crate::parquet_file::read_origin(path)
}

#[cfg(feature = "parquet")]
fn parquet_tags<'a>(path: &Path, origin: &'a Origin) -> Result<TagsOf<'a>> {
    crate::parquet_file::read_tags(path, origin)
}

#[cfg(not(feature = "parquet"))]
fn parquet_origin(_: &Path) -> Result<Origin> {
    Err(Error::NotBuilt("Parquet"))
}

#[cfg(not(feature = "parquet"))]
fn parquet_tags<'a>(_: &Path, _: &'a Origin) -> Result<TagsOf<'a>> {
    Err(Error::NotBuilt("Parquet"))
}

#[cfg(test)]
mod tests;
