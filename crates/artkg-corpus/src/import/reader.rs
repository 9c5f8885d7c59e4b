//! The rows of a foreign table, with its header.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use csv::ByteRecord;

use super::columns::Column;
use crate::error::{Error, Result};
use crate::mapping::TableFormat;
use crate::table::{self, Next, Swallowed, Table};

/// A table whose header was read, and the row read last.
pub(super) struct RowReader {
    pub(super) path: PathBuf,
    pub(super) header: Vec<String>,
    pub(super) table: Table,
    record: ByteRecord,
    /// The file ended within the row's last cell.
    is_unclosed: bool,
}

impl RowReader {
    /// Opens a table and reads its header.
    pub(super) fn open(path: &Path, format: &TableFormat) -> Result<Self> {
        let mut reader = Self {
            path: path.to_path_buf(),
            header: Vec::new(),
            table: Table::open(path, format)?,
            record: ByteRecord::new(),
            is_unclosed: false,
        };
        if !reader.advance()? {
            let path = path.to_path_buf();
            return Err(Error::EmptyTable { path });
        }
        reader.header = (0..reader.record.len())
            .map(|index| {
                let (text, _) = reader.cell(index);
                text.trim_start_matches('\u{feff}').trim().to_owned()
            })
            .collect();
        Ok(reader)
    }

    /// Reads the next row; `false` at the end.
    pub(super) fn advance(&mut self) -> Result<bool> {
        let next = self.table.read(&mut self.record)?;
        self.is_unclosed = next == Next::Unclosed;
        Ok(next != Next::End)
    }

    /// The number of the row as a spreadsheet has it: the header is row 1.
    pub(super) fn row(&self) -> u64 {
        self.table.row()
    }

    pub(super) fn record(&self) -> &ByteRecord {
        &self.record
    }

    /// The number of cells of the row.
    pub(super) fn cells(&self) -> usize {
        self.record.len()
    }

    /// A cell's text, and whether all its bytes made sense.
    pub(super) fn cell(&self, index: usize) -> (Cow<'_, str>, bool) {
        let bytes = self.record.get(index).unwrap_or_default();
        table::cell(bytes, self.table.cell_encoding())
    }

    /// Whether the row has no text at all.
    pub(super) fn is_blank(&self) -> bool {
        self.record
            .iter()
            .all(|cell| cell.iter().all(u8::is_ascii_whitespace))
    }

    /// The line breaks within the row's cells.
    pub(super) fn line_breaks(&self) -> usize {
        self.record
            .iter()
            .flatten()
            .filter(|byte| **byte == b'\n')
            .count()
    }

    /// The cell that took in the rows after it, because its quote is not closed.
    pub(super) fn swallowed(&self) -> Option<Swallowed> {
        if self.is_unclosed {
            let column = self.record.len().saturating_sub(1);
            let cell = self.record.get(column).unwrap_or_default();
            let lines = cell.iter().filter(|byte| **byte == b'\n').count();
            return Some(Swallowed { column, lines });
        }
        self.table.swallowed(&self.record, self.header.len())
    }

    /// The name in the header of the column that feeds one of ours.
    pub(super) fn source_name<'a>(&'a self, columns: &[Column], name: &'a str) -> &'a str {
        columns
            .iter()
            .find(|column| column.name == name)
            .and_then(|column| self.header.get(*column.sources.first()?))
            .map_or(name, String::as_str)
    }
}
