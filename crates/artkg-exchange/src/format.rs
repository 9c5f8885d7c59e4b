use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A format that tags are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A table, with the origin of the tags in a file beside it.
    Csv,
    /// One JSON object a line, the first with the origin.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// XMP sidecars of the images: a folder, or beside them.
    Xmp,
    /// W3C Web Annotations on the canvases of an IIIF manifest: a folder.
    Iiif,
    /// Linked Art as JSON-LD.
    LinkedArt,
    /// LIDO 1.1.
    Lido,
    /// A table for OpenRefine and for updates of collection systems.
    OpenRefine,
}

/// What of a tag a format has a place for, besides the tags that are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    /// The classes after the most probable one.
    pub alternatives: bool,
    /// Classes that were not sure enough to be given.
    pub withheld: bool,
    /// That the class was too rare to be learned.
    pub rare: bool,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] = [
        Self::Csv,
        Self::JsonLines,
        Self::Parquet,
        Self::Xmp,
        Self::Iiif,
        Self::LinkedArt,
        Self::Lido,
        Self::OpenRefine,
    ];

    /// The format's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Parquet => "parquet",
            Self::Xmp => "xmp",
            Self::Iiif => "iiif",
            Self::LinkedArt => "linked-art",
            Self::Lido => "lido",
            Self::OpenRefine => "openrefine",
        }
    }

    /// The ending of its files; nothing where the output is a folder.
    pub fn ending(self) -> Option<&'static str> {
        match self {
            Self::Csv | Self::OpenRefine => Some("csv"),
            Self::JsonLines => Some("jsonl"),
            Self::Parquet => Some("parquet"),
            Self::LinkedArt => Some("jsonld"),
            Self::Lido => Some("xml"),
            Self::Xmp | Self::Iiif => None,
        }
    }

    /// The format that the ending of a file asks for.
    ///
    /// # Errors
    /// When it asks for none.
    pub fn of_path(path: &Path) -> Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("jsonl") => Ok(Self::JsonLines),
            Some("parquet") => Ok(Self::Parquet),
            Some("jsonld") => Ok(Self::LinkedArt),
            Some("xml" | "lido") => Ok(Self::Lido),
            _ => Err(Error::NoFormat(path.to_path_buf())),
        }
    }

    /// What it has a place for.
    pub fn holds(self) -> Holds {
        let all = matches!(
            self,
            Self::Csv | Self::JsonLines | Self::Parquet | Self::Xmp
        );
        Holds {
            alternatives: all,
            withheld: all,
            rare: all,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| Error::UnknownFormat {
                word: text.to_owned(),
                known: Self::ALL.map(Self::name).to_vec(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_endings_say_the_format() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse::<Format>().unwrap(), format);
            // The table for OpenRefine is asked for by name: `.csv` is our own.
            if let Some(ending) = format.ending().filter(|_| format != Format::OpenRefine) {
                let path = format!("a/tags.{ending}");
                assert_eq!(Format::of_path(Path::new(&path)).unwrap(), format);
            }
        }
        let message = "ead".parse::<Format>().unwrap_err().to_string();
        assert!(message.contains("ead") && message.contains("linked-art"));
        assert!(matches!(
            Format::of_path(Path::new("tags")),
            Err(Error::NoFormat(_))
        ));
    }
}
