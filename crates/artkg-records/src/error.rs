use std::path::{Path, PathBuf};

use crate::foreign_format::ForeignFormat;
use crate::place::Place;

/// What can go wrong with a source; every message names the file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A table is not valid CSV.
    #[error("{}: {source}", path.display())]
    Csv {
        /// The table.
        path: PathBuf,
        /// What the reader said.
        source: csv::Error,
    },
    /// A table without even a header.
    #[error("{}: the table is empty", path.display())]
    EmptyTable {
        /// The table.
        path: PathBuf,
    },
    /// A delimiter of more or less than one character.
    #[error("unknown delimiter `{value}`; use auto, tab or one character")]
    Delimiter {
        /// What was given.
        value: String,
    },
    /// An encoding that nobody knows.
    #[error(
        "unknown encoding `{name}`; use a name such as utf-8, windows-1252, iso-8859-2 or utf-16le"
    )]
    Encoding {
        /// The name asked for.
        name: String,
    },
    /// A file that holds no records that can be read.
    #[error("{}: {format}", path.display())]
    NotATable {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        format: ForeignFormat,
    },
    /// A row or record too large to be one.
    #[error(
        "{}: row {row} has more than {most} MiB: is a quote not closed, or is this no table?",
        path.display()
    )]
    LargeRow {
        /// The file.
        path: PathBuf,
        /// The row; the header is row 1.
        row: u64,
        /// The most that a row may have, in MiB.
        most: u64,
    },
    /// A record of a structured file too large to be one.
    #[error("{}, {place}: one record has more than {most} MiB", path.display())]
    LargeRecord {
        /// The file.
        path: PathBuf,
        /// The record.
        place: Place,
        /// The most that a record may have, in MiB.
        most: u64,
    },
    /// A compressed table that grows without end.
    #[error(
        "{}: the table has more than {times} times its compressed size, as no text does; \
         unpack it and look",
        path.display()
    )]
    Expansion {
        /// The table.
        path: PathBuf,
        /// The most that is allowed.
        times: u64,
    },
    /// A file of no text.
    #[error(
        "{}: the table holds zero bytes: it is no text, or UTF-16 without a byte-order mark; \
         save it as CSV in UTF-8",
        path.display()
    )]
    ZeroBytes {
        /// The file.
        path: PathBuf,
    },
    /// Text that is not the JSON it begins as.
    #[error("{}, line {line}: this is no sound JSON: {reason}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The line; the first is 1.
        line: u64,
        /// What is wrong there.
        reason: String,
    },
    /// Values within values within values.
    #[error("{}, line {line}: lists and objects stand within one another deeper than {most}", path.display())]
    Depth {
        /// The file.
        path: PathBuf,
        /// The line; the first is 1.
        line: u64,
        /// The most that is read.
        most: usize,
    },
    /// XML that cannot be read on.
    #[error("{}, element {element} (byte {byte}): {reason}", path.display())]
    Xml {
        /// The file.
        path: PathBuf,
        /// How many elements that are records were begun.
        element: u64,
        /// How far it was read.
        byte: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A workbook that cannot be read.
    #[error("{}: this workbook cannot be read: {reason}", path.display())]
    Workbook {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A workbook without the sheet that was asked for.
    #[error("{}: there is no sheet `{wanted}`, only {}", path.display(), found.join(", "))]
    NoSheet {
        /// The file.
        path: PathBuf,
        /// The sheet asked for.
        wanted: String,
        /// The sheets that it has.
        found: Vec<String>,
    },
    /// A Parquet file that cannot be read.
    #[error("{}, record {row}: this Parquet file cannot be read: {reason}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The record; 0 before the first.
        row: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A source without a table that has to be joined to it.
    #[error("{}: the table `{file}`, which says more of its works, is not beside it", path.display())]
    NoJoinedTable {
        /// The source's file.
        path: PathBuf,
        /// The table.
        file: String,
    },
    /// A table without a column that joins it.
    #[error("{}: there is no column `{column}` to join tables by", path.display())]
    NoJoinColumn {
        /// The table.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// A file of structured text without a record.
    #[error("{}: there is no record in it{}", path.display(), there(found))]
    NoRecords {
        /// The file.
        path: PathBuf,
        /// Lists of records that it has elsewhere.
        found: Vec<String>,
    },
    /// Files of one source that differ in format, or are several tables.
    #[error(
        "{}: the files of one source are all JSON or all LIDO; this one is something else, or a \
         table, which is a source by itself",
        path.display()
    )]
    MixedFormats {
        /// The file that differs.
        path: PathBuf,
    },
    /// A source without a file.
    #[error("there is no file to read")]
    NoFile,
}

impl Error {
    /// Wraps an error of the CSV reader with the table's path.
    pub(crate) fn csv(path: &Path) -> impl Fn(csv::Error) -> Self {
        move |source| Self::Csv {
            path: path.to_path_buf(),
            source,
        }
    }
}

fn there(found: &[String]) -> String {
    match found {
        [] => String::new(),
        _ => format!("; it has lists of records at {}", found.join(", ")),
    }
}

/// The result of reading a source.
pub type Result<T> = std::result::Result<T, Error>;
