//! How a source was read.

use serde::Serialize;

use crate::encoding::EncodingBasis;
use crate::format::Format;

/// How a source was read, for those who wonder at what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The format, recognised by the content.
    pub format: Format,
    /// The encoding of a text.
    pub encoding: String,
    /// How the encoding was chosen.
    pub encoding_basis: EncodingBasis,
    /// A cell with letters beyond ASCII, where the encoding was found out.
    pub encoding_example: Option<String>,
    /// What stands between the cells of a table.
    pub delimiter: Option<char>,
    /// Where in the file the records stand: a list of a JSON file, a sheet of a workbook.
    pub part: Option<String>,
    /// Whether its records have more fields than are read.
    pub has_more_fields: bool,
}

impl Reading {
    /// Of a text in UTF-8, or of what is no text.
    pub(crate) fn of(format: Format, part: Option<String>) -> Self {
        Self {
            format,
            encoding: "UTF-8".to_owned(),
            encoding_basis: EncodingBasis::Valid,
            encoding_example: None,
            delimiter: None,
            part,
            has_more_fields: false,
        }
    }
}
