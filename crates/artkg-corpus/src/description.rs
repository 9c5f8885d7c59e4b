use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::artwork::{Artwork, Split};
use crate::error::{Error, Result};

/// What `corpus.toml` says: where a corpus comes from and how it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorpusDescription {
    /// The version of the folder's format; this version reads [`Self::FORMAT`].
    pub format: u32,
    /// A short name for reports.
    pub name: String,
    /// Where the records come from.
    #[serde(default)]
    pub source: String,
    /// The licence of records and images.
    #[serde(default)]
    pub licence: String,
    /// The folder of the images; relative paths start at the corpus folder.
    pub image_root: PathBuf,
    /// Whether the corpus was generated: everything shown of it must say so.
    #[serde(default)]
    pub synthetic: bool,
    /// The name of the mapping that it was imported with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<String>,
    /// How the splits came about.
    #[serde(default)]
    pub split: SplitDescription,
    /// How many artworks there are; written by [`crate::Corpus::save`].
    #[serde(default)]
    pub counts: Counts,
}

impl CorpusDescription {
    /// The format that this version reads and writes.
    pub const FORMAT: u32 = 1;

    /// A description with a name and an image root, everything else empty.
    pub fn new(name: impl Into<String>, image_root: impl Into<PathBuf>) -> Self {
        Self {
            format: Self::FORMAT,
            name: name.into(),
            source: String::new(),
            licence: String::new(),
            image_root: image_root.into(),
            synthetic: false,
            mapping: None,
            split: SplitDescription::default(),
            counts: Counts::default(),
        }
    }

    /// Reads `corpus.toml`.
    ///
    /// # Errors
    /// An unreadable file, one of another shape (with the line), or one of
    /// another format version.
    pub fn read(path: &Path) -> Result<Self> {
        let text = artkg_files::read_text(path)?;
        let description: Self = toml::from_str(&text).map_err(|source| Error::Toml {
            path: path.to_path_buf(),
            source,
        })?;
        if description.format != Self::FORMAT {
            return Err(Error::Format {
                path: path.to_path_buf(),
                found: description.format,
                supported: Self::FORMAT,
            });
        }
        Ok(description)
    }

    /// Writes `corpus.toml`.
    ///
    /// # Errors
    /// A path that is not Unicode, or a file that cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = toml::to_string_pretty(self).map_err(|source| Error::Description {
            path: path.to_path_buf(),
            source,
        })?;
        Ok(artkg_files::write_bytes(path, text.as_bytes())?)
    }
}

/// How the splits of a corpus came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitDescription {
    /// Whether the source gave the splits; else they were drawn with `seed`.
    pub given: bool,
    /// The seed of the draw.
    #[serde(default)]
    pub seed: u64,
    /// The shares of train, validation and test that were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<[f64; 3]>,
}

/// Numbers of artworks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// All of them.
    pub artworks: usize,
    /// In the training split.
    pub train: usize,
    /// In the validation split.
    pub validation: usize,
    /// In the test split.
    pub test: usize,
    /// Whose image is there.
    pub with_image: usize,
}

impl Counts {
    /// Counts artworks, and no images: [`crate::Corpus::counts`] looks for these.
    pub(crate) fn of(artworks: &[Artwork]) -> Self {
        let mut counts = Self {
            artworks: artworks.len(),
            ..Self::default()
        };
        for artwork in artworks {
            match artwork.split {
                Some(Split::Train) => counts.train += 1,
                Some(Split::Validation) => counts.validation += 1,
                Some(Split::Test) => counts.test += 1,
                None => {}
            }
        }
        counts
    }

    /// The number in one split.
    pub fn split(&self, split: Split) -> usize {
        match split {
            Split::Train => self.train,
            Split::Validation => self.validation,
            Split::Test => self.test,
        }
    }
}
