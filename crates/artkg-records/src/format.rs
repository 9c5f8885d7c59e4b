//! The formats that are read.

use std::fmt;

use serde::Serialize;

/// What a source's files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A table of text: CSV, TSV.
    Table,
    /// JSON.
    Json,
    /// JSON Lines: a record a line.
    JsonLines,
    /// IIIF Presentation: manifests and collections.
    Iiif,
    /// A workbook of Excel, `.xlsx` or `.xlsb`.
    Excel,
    /// A workbook of old versions of Excel, `.xls`.
    OldExcel,
    /// A spreadsheet of LibreOffice, `.ods`.
    OpenDocument,
    /// Parquet.
    Parquet,
    /// LIDO, an XML of museums.
    Lido,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Table => "a table",
            Self::Json => "JSON",
            Self::JsonLines => "JSON Lines",
            Self::Iiif => "IIIF",
            Self::Excel => "an Excel workbook",
            Self::OldExcel => "an old Excel workbook",
            Self::OpenDocument => "an OpenDocument spreadsheet",
            Self::Parquet => "Parquet",
            Self::Lido => "LIDO",
        })
    }
}
