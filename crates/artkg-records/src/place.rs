//! Where a record stands.

use std::fmt;

use serde::Serialize;

/// What a file's records are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Rows as a spreadsheet numbers them: the header is row 1.
    #[default]
    Row,
    /// Lines of the file: the first is line 1.
    Line,
    /// Records in their order: the first is record 1.
    Record,
    /// Elements of an XML file that are records: the first is element 1.
    Element,
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Row => "row",
            Self::Line => "line",
            Self::Record => "record",
            Self::Element => "element",
        })
    }
}

/// Where a record stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What is counted.
    pub unit: Unit,
    /// The record's number.
    pub number: u64,
}

impl Place {
    /// That of the record of this number, the first being 1.
    pub(crate) fn of_record(number: u64) -> Self {
        Self {
            unit: Unit::Record,
            number,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.unit, self.number)
    }
}
