//! The rows of a table of text as records.

use std::path::{Path, PathBuf};

use csv::ByteRecord;

use crate::encoding::Survey;
use crate::error::{Error, Result};
use crate::fault::Fault;
use crate::format::Format;
use crate::place::{Place, Unit};
use crate::quotes::Swallowed;
use crate::reading::Reading;
use crate::stream::Stream;
use crate::table::{self, Next, Table};
use crate::table_format::TableFormat;
use crate::values::{Value, Values};

/// A table whose header was read, and the row read last.
pub(crate) struct Rows {
    path: PathBuf,
    header: Vec<String>,
    table: Table,
    record: ByteRecord,
    /// The file ended within the row's last cell.
    is_unclosed: bool,
}

impl Rows {
    /// Opens a table that was looked through, and reads its header.
    pub(crate) fn open(path: &Path, survey: &Survey, format: &TableFormat) -> Result<Self> {
        let mut rows = Self {
            path: path.to_path_buf(),
            header: Vec::new(),
            table: Table::open_surveyed(path, survey, format)?,
            record: ByteRecord::new(),
            is_unclosed: false,
        };
        if !rows.read()? {
            let path = path.to_path_buf();
            return Err(Error::EmptyTable { path });
        }
        rows.header = (0..rows.record.len())
            .map(|index| {
                let value = rows.cell(index);
                value.text.trim_start_matches('\u{feff}').trim().to_owned()
            })
            .collect();
        Ok(rows)
    }

    fn read(&mut self) -> Result<bool> {
        let next = self.table.read(&mut self.record)?;
        self.is_unclosed = next == Next::Unclosed;
        Ok(next != Next::End)
    }

    fn cell(&self, index: usize) -> Value<'_> {
        let bytes = self.record.get(index).unwrap_or_default();
        let (text, sound) = table::cell(bytes, self.table.cell_encoding());
        Value { text, sound }
    }

    fn is_blank(&self) -> bool {
        self.record
            .iter()
            .all(|cell| cell.iter().all(u8::is_ascii_whitespace))
    }

    /// More or fewer cells than the header has, empty ones at the end aside.
    fn wrong_length(&self) -> Option<Fault> {
        let (cells, expected) = (self.record.len(), self.header.len());
        let surplus_is_empty =
            (expected..cells).all(|index| self.cell(index).text.trim().is_empty());
        if cells == expected || cells > expected && surplus_is_empty {
            return None;
        }
        let bytes = self.record.iter().flatten();
        Some(Fault::CellCount {
            cells,
            expected,
            line_breaks: bytes.filter(|byte| **byte == b'\n').count(),
        })
    }

    /// The cell that took in the rows after it, because its quote is not closed.
    fn swallowed(&self) -> Option<Swallowed> {
        if self.is_unclosed {
            let column = self.record.len().saturating_sub(1);
            let cell = self.record.get(column).unwrap_or_default();
            let lines = cell.iter().filter(|byte| **byte == b'\n').count();
            return Some(Swallowed { column, lines });
        }
        self.table.swallowed(&self.record, self.header.len())
    }
}

impl Stream for Rows {
    fn reading(&self) -> Reading {
        Reading {
            format: Format::Table,
            encoding: self.table.encoding.name().to_owned(),
            encoding_basis: self.table.basis,
            encoding_example: self.table.example.clone(),
            delimiter: Some(char::from(self.table.delimiter)),
            part: None,
            has_more_fields: false,
        }
    }

    fn fields(&self) -> &[String] {
        &self.header
    }

    fn advance(&mut self) -> Result<bool> {
        while self.read()? {
            if !self.is_blank() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn place(&self) -> Place {
        Place {
            unit: Unit::Row,
            number: self.table.row(),
        }
    }

    fn fault(&self) -> Option<Fault> {
        self.wrong_length().or_else(|| {
            let Swallowed { column, lines } = self.swallowed()?;
            Some(Fault::UnclosedQuote { column, lines })
        })
    }

    fn values(&self, field: usize) -> Values<'_> {
        Values::One(Some(self.cell(field)))
    }

    fn has(&self, field: usize) -> bool {
        let cell = self.record.get(field).unwrap_or_default();
        !cell.trim_ascii().is_empty()
    }
}
