//! Reading and writing `artworks.csv`.

use std::hash::BuildHasher;
use std::path::Path;

use artkg_files::table::{TableWriter, read_cell};
use artkg_records::{Next, Table};
use csv::ByteRecord;
use encoding_rs::{Encoding, UTF_8};
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use rayon::prelude::*;

use crate::artwork::{Artwork, COLUMNS};
use crate::error::{Error, Result};
use crate::further_columns::FurtherColumns;
use crate::problem::{Problem, ProblemKind};

/// The rows of an `artworks.csv` that could be read, and what was wrong with
/// the others.
#[derive(Debug, Default)]
pub struct Records {
    /// The artworks, in the file's order.
    pub artworks: Vec<Artwork>,
    /// The row of each artwork as a spreadsheet numbers it (the header is 1).
    pub rows: Vec<u64>,
    /// What was wrong. Rows with a wrong number of cells, bytes that are not
    /// UTF-8, no id or a repeated id were left out.
    pub problems: Vec<Problem>,
    /// How the file was read.
    pub(crate) reading: Reading,
}

/// How a file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) encoding: &'static Encoding,
    pub(crate) delimiter: u8,
}

impl Default for Reading {
    /// As artkg writes.
    fn default() -> Self {
        Self {
            encoding: UTF_8,
            delimiter: b',',
        }
    }
}

impl Records {
    /// Reads every usable row of `path`.
    ///
    /// # Errors
    /// A file that cannot be read at all, or a header without `id`.
    pub fn read(path: &Path) -> Result<Self> {
        let mut table = Table::open_own(path, "id")?;
        let mut record = ByteRecord::new();
        if table.read(&mut record)? == Next::End {
            let path = path.to_path_buf();
            return Err(artkg_records::Error::EmptyTable { path }.into());
        }
        let encoding = table.cell_encoding();
        let columns = header(path, &record, encoding)?;
        let mut records = Self {
            reading: Reading {
                encoding: table.encoding,
                delimiter: table.delimiter,
            },
            ..Self::default()
        };
        let mut ids = Ids::default();
        // While one batch becomes artworks, those of the one before are taken in
        // and the one after is read.
        let (mut batch, mut after) = (Batch::default(), Batch::default());
        let (mut made, mut before) = (Vec::new(), Vec::new());
        let mut row = 1;
        batch.fill(&mut table, columns.len())?;
        while !(batch.rows().is_empty() && before.is_empty()) {
            let first = row + before.len() as u64 + 1;
            let (filled, ()) = rayon::join(
                || {
                    for made in before.drain(..) {
                        row += 1;
                        records.take_in(path, row, made, &mut ids);
                    }
                    after.fill(&mut table, columns.len())
                },
                || batch.make(path, first, &columns, encoding, &mut made),
            );
            filled?;
            std::mem::swap(&mut batch, &mut after);
            std::mem::swap(&mut made, &mut before);
        }
        Ok(records)
    }

    /// Adds what a row gave, unless its id is already present.
    fn take_in(&mut self, path: &Path, row: u64, (artwork, problems): Made, ids: &mut Ids) {
        self.problems.extend(problems);
        let Some(artwork) = artwork else { return };
        match ids.insert(&artwork.id, &self.artworks) {
            Some(first) => {
                let first = self.rows[first];
                let message = format!("the id `{}` was used in row {first} already", artwork.id);
                let problem = Problem::new(ProblemKind::DuplicateId, path, message);
                self.problems.push(problem.at(row, Some("id")));
            }
            None => {
                self.artworks.push(artwork);
                self.rows.push(row);
            }
        }
    }
}

/// What a row gives.
type Made = (Option<Artwork>, Vec<Problem>);

/// The positions of artworks by their ids, without a copy of these.
#[derive(Default)]
struct Ids {
    /// Hashes and positions; with the hash a growing table needn't look at the ids.
    table: HashTable<(u64, usize)>,
    hasher: DefaultHashBuilder,
}

impl Ids {
    /// Notes that the next artwork has this id; the position of the one that has
    /// it already, if any.
    fn insert(&mut self, id: &str, artworks: &[Artwork]) -> Option<usize> {
        let hash = self.hasher.hash_one(id);
        let is_same =
            |&(other, position): &(u64, usize)| other == hash && artworks[position].id == id;
        match self.table.entry(hash, is_same, |&(hash, _)| hash) {
            Entry::Occupied(entry) => Some(entry.get().1),
            Entry::Vacant(entry) => {
                entry.insert((hash, artworks.len()));
                None
            }
        }
    }
}

/// Some rows of the file.
#[derive(Default)]
struct Batch {
    /// Kept from batch to batch for their buffers.
    records: Vec<ByteRecord>,
    length: usize,
    /// Rows with a quote that is not closed.
    unclosed: Vec<usize>,
}

impl Batch {
    const LARGEST: usize = 1 << 13;

    fn rows(&self) -> &[ByteRecord] {
        &self.records[..self.length]
    }

    /// Reads the next rows, fewer or none at the end of the file.
    fn fill(&mut self, table: &mut Table, columns: usize) -> Result<()> {
        self.length = 0;
        self.unclosed.clear();
        while self.length < Self::LARGEST {
            if self.length == self.records.len() {
                self.records.push(ByteRecord::new());
            }
            let record = &mut self.records[self.length];
            let next = table.read(record)?;
            if next == Next::End {
                break;
            }
            if next == Next::Unclosed || table.swallowed(record, columns).is_some() {
                self.unclosed.push(self.length);
            }
            self.length += 1;
        }
        Ok(())
    }

    /// Makes what each row gives; `first` is the number of the first one.
    fn make(
        &self,
        path: &Path,
        first: u64,
        columns: &[String],
        encoding: &'static Encoding,
        made: &mut Vec<Made>,
    ) {
        let rows = self.rows().par_iter().enumerate().with_min_len(256);
        rows.map(|(place, record)| {
            let mut problems = Vec::new();
            let row = first + place as u64;
            if self.unclosed.contains(&place) {
                let message = "a quote in this row is not closed, so that others after it may be \
                               lost; the row was left out";
                let problem = Problem::new(ProblemKind::UnclosedQuote, path, message);
                return (None, vec![problem.at(row, None)]);
            }
            let artwork = artwork(path, row, columns, encoding, record, &mut problems);
            (artwork, problems)
        })
        .collect_into_vec(made);
    }
}

/// The column names of the header; `id` must be one, none may come twice.
fn header(path: &Path, record: &ByteRecord, encoding: &'static Encoding) -> Result<Vec<String>> {
    let mut columns = Vec::with_capacity(record.len());
    for (index, field) in record.iter().enumerate() {
        let (text, sound) = artkg_records::cell(field, encoding);
        if !sound {
            let path = path.to_path_buf();
            return Err(Error::HeaderEncoding { path });
        }
        let text = read_cell(text.trim_start_matches('\u{feff}')).trim();
        if text.is_empty() {
            return Err(Error::UnnamedColumn {
                path: path.to_path_buf(),
                column: index + 1,
            });
        }
        if columns.iter().any(|known| known == text) {
            return Err(Error::RepeatedColumn {
                path: path.to_path_buf(),
                column: text.to_owned(),
            });
        }
        columns.push(text.to_owned());
    }
    if !columns.iter().any(|column| column == "id") {
        return Err(Error::NoIdColumn {
            path: path.to_path_buf(),
            found: columns,
        });
    }
    Ok(columns)
}

/// One row as an artwork, or `None` when it cannot be used.
fn artwork(
    path: &Path,
    row: u64,
    columns: &[String],
    encoding: &'static Encoding,
    record: &ByteRecord,
    problems: &mut Vec<Problem>,
) -> Option<Artwork> {
    if record.len() != columns.len() {
        problems.push(
            Problem::new(
                ProblemKind::WrongCellCount,
                path,
                format!(
                    "{} cells where the header has {}; the row was left out",
                    record.len(),
                    columns.len()
                ),
            )
            .at(row, None),
        );
        return None;
    }
    let mut artwork = Artwork::default();
    for (column, field) in columns.iter().zip(record) {
        let (text, sound) = artkg_records::cell(field, encoding);
        if !sound {
            problems.push(
                Problem::new(
                    ProblemKind::BadEncoding,
                    path,
                    format!("`{text}` is not {}; the row was left out", encoding.name()),
                )
                .at(row, Some(column)),
            );
            return None;
        }
        if artwork.set_cell(column, read_cell(&text)).is_err() {
            problems.push(
                Problem::new(
                    ProblemKind::UnknownSplit,
                    path,
                    format!(
                        "unknown split `{}`; use train, val or test, or leave it empty",
                        text.trim()
                    ),
                )
                .at(row, Some(column)),
            );
        }
    }
    if artwork.id.is_empty() {
        problems.push(
            Problem::new(
                ProblemKind::MissingId,
                path,
                "the id is empty; the row was left out",
            )
            .at(row, Some("id")),
        );
        return None;
    }
    Some(artwork)
}

/// Writes `artworks.csv`: [`COLUMNS`], then the extra columns by name.
pub(crate) fn write(path: &Path, artworks: &[Artwork]) -> Result<()> {
    let further = FurtherColumns::of(artworks.par_iter());
    let columns = || COLUMNS.iter().copied().chain(further.names());
    artkg_files::write_atomically(path, |file| {
        let mut table = TableWriter::new(file);
        let write = |table: &mut TableWriter<_>| {
            table.row(columns())?;
            for artwork in artworks {
                table.row(columns().map(|column| artwork.cell(column).unwrap_or_default()))?;
            }
            table.flush()
        };
        write(&mut table).map_err(|source| artkg_files::Error::new("write", path, source).into())
    })
}
