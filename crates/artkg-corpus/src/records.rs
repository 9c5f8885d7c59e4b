//! Reading and writing `artworks.csv`.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder, Terminator, WriterBuilder};

use crate::artwork::{Artwork, COLUMNS};
use crate::error::{Error, Result};
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
}

impl Records {
    /// Reads every usable row of `path`.
    ///
    /// # Errors
    /// A file that cannot be read at all, or a header without `id`.
    pub fn read(path: &Path) -> Result<Self> {
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(artkg_files::open(path)?);
        let mut record = ByteRecord::new();
        if !reader
            .read_byte_record(&mut record)
            .map_err(Error::csv(path))?
        {
            return Err(Error::invalid(path, "the file is empty"));
        }
        let columns = header(path, &record)?;
        let mut records = Self::default();
        let mut seen = HashMap::new();
        let mut row = 1;
        while reader
            .read_byte_record(&mut record)
            .map_err(Error::csv(path))?
        {
            row += 1;
            match artwork(path, row, &columns, &record, &mut records.problems) {
                Some(artwork) => match seen.get(&artwork.id) {
                    Some(first) => records.problems.push(
                        Problem::new(
                            ProblemKind::DuplicateId,
                            path,
                            format!("the id `{}` was used in row {first} already", artwork.id),
                        )
                        .at(row, Some("id")),
                    ),
                    None => {
                        seen.insert(artwork.id.clone(), row);
                        records.artworks.push(artwork);
                        records.rows.push(row);
                    }
                },
                None => continue,
            }
        }
        Ok(records)
    }
}

/// The column names of the header; `id` must be one, none may come twice.
fn header(path: &Path, record: &ByteRecord) -> Result<Vec<String>> {
    let mut columns = Vec::with_capacity(record.len());
    for (index, field) in record.iter().enumerate() {
        let text = std::str::from_utf8(field)
            .map_err(|_| Error::invalid(path, "the header is not UTF-8"))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err(Error::invalid(
                path,
                format!("column {} has no name in the header", index + 1),
            ));
        }
        if columns.iter().any(|known| known == text) {
            return Err(Error::invalid(
                path,
                format!("the header has column `{text}` twice"),
            ));
        }
        columns.push(text.to_owned());
    }
    if !columns.iter().any(|column| column == "id") {
        return Err(Error::invalid(
            path,
            format!(
                "the header has no column `id`, only {}; \
                 a foreign table becomes a corpus with `artkg corpus import`",
                columns.join(", ")
            ),
        ));
    }
    Ok(columns)
}

/// One row as an artwork, or `None` when it cannot be used.
fn artwork(
    path: &Path,
    row: u64,
    columns: &[String],
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
        let Ok(text) = std::str::from_utf8(field) else {
            problems.push(
                Problem::new(
                    ProblemKind::BadEncoding,
                    path,
                    format!(
                        "`{}` is not UTF-8; the row was left out",
                        String::from_utf8_lossy(field)
                    ),
                )
                .at(row, Some(column)),
            );
            return None;
        };
        if artwork.set_cell(column, text).is_err() {
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
    let extra: BTreeSet<&str> = artworks
        .iter()
        .flat_map(|artwork| artwork.extra.keys())
        .map(String::as_str)
        .collect();
    artkg_files::write_atomically(path, |file| {
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::Any(b'\n'))
            .from_writer(file);
        writer
            .write_record(COLUMNS.iter().chain(&extra))
            .map_err(Error::csv(path))?;
        for artwork in artworks {
            let cells = COLUMNS
                .iter()
                .chain(&extra)
                .map(|column| artwork.cell(column).unwrap_or_default());
            writer.write_record(cells).map_err(Error::csv(path))?;
        }
        writer
            .flush()
            .map_err(|source| artkg_files::Error::new("write", path, source).into())
    })
}
