//! The tables that we write: CSV whose cells do nothing in a spreadsheet.
//!
//! A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break,
//! whoever named the file or artwork that it holds. Such a cell gets an apostrophe in
//! front, which makes it a text there; numbers stay numbers. [`read_cell`] takes the
//! apostrophe away, so that what is written is read back exactly.

use std::borrow::Cow;
use std::io::{self, Write};

/// How the cells of a table are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cells {
    /// So that no spreadsheet runs one, as [`written_cell`] gives them.
    #[default]
    Harmless,
    /// As they are, for programs that take the apostrophe for a part of the text. Only what
    /// [`read_cell`] would take an apostrophe from gets another one.
    Plain,
}

impl Cells {
    fn written(self, cell: &str) -> Cow<'_, str> {
        match self {
            Self::Harmless => written_cell(cell),
            Self::Plain if read_cell(cell) != cell => Cow::Owned(format!("'{cell}")),
            Self::Plain => Cow::Borrowed(cell),
        }
    }
}

/// Writes rows of CSV.
pub struct TableWriter<W: Write> {
    rows: csv::Writer<W>,
    cells: Cells,
}

impl<W: Write> TableWriter<W> {
    /// A table without rows; the first that is added is its header. Its cells are harmless.
    pub fn new(writer: W) -> Self {
        Self::with(writer, Cells::default())
    }

    /// A table without rows whose cells are written so.
    pub fn with(writer: W, cells: Cells) -> Self {
        Self {
            rows: csv::Writer::from_writer(writer),
            cells,
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When it cannot be written, or has another number of cells than the first one.
    pub fn row<Cell: AsRef<str>>(
        &mut self,
        cells: impl IntoIterator<Item = Cell>,
    ) -> io::Result<()> {
        for cell in cells {
            self.cell(cell.as_ref())?;
        }
        self.end_row()
    }

    /// Adds a cell to the row that is being written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn cell(&mut self, cell: &str) -> io::Result<()> {
        Ok(self.rows.write_field(self.cells.written(cell).as_bytes())?)
    }

    /// Ends a row that was written cell by cell.
    ///
    /// # Errors
    /// As [`TableWriter::row`].
    pub fn end_row(&mut self) -> io::Result<()> {
        Ok(self.rows.write_record(None::<&[u8]>)?)
    }

    /// Hands everything to the writer beneath.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// A cell as it is written.
pub fn written_cell(cell: &str) -> Cow<'_, str> {
    let text = cell.trim_start_matches('\'');
    let is_number = text.len() == cell.len() && is_number(cell);
    match may_run(text) && !is_number {
        true => Cow::Owned(format!("'{cell}")),
        false => Cow::Borrowed(cell),
    }
}

/// A cell as it was before [`written_cell`].
pub fn read_cell(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if may_run(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

/// Whether some spreadsheet takes a cell for a formula. A single character is none.
fn may_run(text: &str) -> bool {
    let mut letters = text.chars();
    let first = letters.next().unwrap_or_default();
    // The wide forms too: some spreadsheets take them for the same.
    let begins = matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n')
        || matches!(first, '＝' | '＋' | '－' | '＠');
    begins && letters.next().is_some()
}

/// Whether a cell is a number, such as `-0.5` or `+1e-3`, and nothing else.
fn is_number(cell: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    cell.bytes().all(is_part) && cell.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_would_run_are_texts_and_numbers_stay_numbers() {
        for (cell, written) in [
            ("=1+1.jpg", "'=1+1.jpg"),
            ("+49 30", "'+49 30"),
            ("-rf", "'-rf"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("＝1", "'＝1"),
            ("-1-2", "'-1-2"),
            ("-inf", "'-inf"),
            ("'=1", "''=1"),
            ("'-0.5", "''-0.5"),
        ] {
            assert_eq!(written_cell(cell), written);
        }
        for cell in [
            "", "-", "=", "a=1", "-0.5", "+1e-3", "-12", "'", "'tis", "''x", "1-2",
        ] {
            assert_eq!(written_cell(cell), cell);
        }
    }

    #[test]
    fn whatever_is_written_is_read_back() {
        let parts = ["'", "=", "-", "1", ".", "a", "\t", " ", "e", "＝"];
        let mut cells = vec![String::new()];
        let mut longest = cells.clone();
        for _ in 0..4 {
            let longer = longest.iter();
            longest = longer
                .flat_map(|cell| parts.map(|part| format!("{cell}{part}")))
                .collect();
            cells.extend_from_slice(&longest);
        }
        for cell in &cells {
            let written = written_cell(cell);
            assert_eq!(read_cell(&written), cell, "{written}");
            let runs = may_run(&written) && !is_number(&written);
            assert!(!runs, "{written}");
            let plain = Cells::Plain.written(cell);
            assert_eq!(read_cell(&plain), cell, "{plain}");
            assert!(plain == *cell || cell.starts_with('\''), "{plain}");
        }
        assert_eq!(cells.len(), 11_111);
    }

    #[test]
    fn rows_are_quoted_where_they_have_to_be() {
        let mut short = TableWriter::new(Vec::new());
        short.row(["name", "value"]).unwrap();
        assert!(short.row(["one"]).is_err());
        let mut bytes = Vec::new();
        let mut table = TableWriter::new(&mut bytes);
        table.row(["name", "value"]).unwrap();
        table.row(["=a,b", "-0.5"]).unwrap();
        table.cell("@x").unwrap();
        table.cell("a \"b\"").unwrap();
        table.end_row().unwrap();
        table.flush().unwrap();
        drop(table);
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "name,value\n\"'=a,b\",-0.5\n'@x,\"a \"\"b\"\"\"\n"
        );
    }
}
