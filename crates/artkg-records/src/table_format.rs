//! The shape of a source's tables.

use encoding_rs::Encoding;
use serde::Deserialize;

use crate::error::{Error, Result};

/// The shape of a source's tables, and where in other files the records stand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableFormat {
    /// `auto`, `tab`, or one character.
    #[serde(default = "auto")]
    pub delimiter: String,
    /// The encoding of files that are not UTF-8 and have no byte-order mark,
    /// by its name on the web: `windows-1252`, `shift_jis`…; `auto` finds it out.
    #[serde(default = "auto")]
    pub encoding: String,
    /// Whether `"` quotes cells.
    #[serde(default = "yes")]
    pub quoting: bool,
    /// Where in a JSON file the records may stand: `objects[]`, or `.` where the whole
    /// file is one; the first that a file has counts. Without any, the usual places.
    #[serde(default)]
    pub records: Vec<String>,
    /// The sheet of a workbook; without one, the first that has rows.
    #[serde(default)]
    pub sheet: Option<String>,
}

impl Default for TableFormat {
    fn default() -> Self {
        Self {
            delimiter: auto(),
            encoding: auto(),
            quoting: true,
            records: Vec::new(),
            sheet: None,
        }
    }
}

fn auto() -> String {
    TableFormat::AUTO.to_owned()
}

fn yes() -> bool {
    true
}

impl TableFormat {
    /// What says that a delimiter or an encoding is to be found out.
    pub const AUTO: &str = "auto";

    /// The delimiter, or `None` to find it out.
    ///
    /// # Errors
    /// More or less than one character.
    pub fn delimiter_byte(&self) -> Result<Option<u8>> {
        match self.delimiter.as_str() {
            Self::AUTO => Ok(None),
            "tab" | "\\t" => Ok(Some(b'\t')),
            other => match other.as_bytes() {
                [byte] if *byte != b'"' => Ok(Some(*byte)),
                _ => Err(Error::Delimiter {
                    value: other.to_owned(),
                }),
            },
        }
    }

    /// The encoding of files that are not UTF-8, or `None` to find it out.
    ///
    /// # Errors
    /// A name that nobody knows.
    pub fn encoding(&self) -> Result<Option<&'static Encoding>> {
        if self.encoding == Self::AUTO {
            return Ok(None);
        }
        let encoding = Encoding::for_label(self.encoding.as_bytes());
        encoding.map(Some).ok_or_else(|| Error::Encoding {
            name: self.encoding.clone(),
        })
    }
}
