//! From the rows of tables to artworks.

use std::collections::HashMap;
use std::path::Path;

use super::columns::{self, Column};
use super::images::{Found, ImageIndex};
use super::summary::TableSummary;
use super::table::Table;
use super::values::Rewriter;
use crate::artwork::{Artwork, Split};
use crate::date::{YearRange, is_timeframe};
use crate::error::Result;
use crate::mapping::Mapping;
use crate::problem::{Problem, ProblemKind, Severity};
use crate::progress::Progress;
use crate::values::Values;

/// The artworks read so far, from all tables.
pub(super) struct Rows {
    pub(super) artworks: Vec<Artwork>,
    pub(super) problems: Vec<Problem>,
    pub(super) tables: Vec<TableSummary>,
    /// The images, where there is a folder of them.
    pub(super) images: Option<ImageIndex>,
    /// For each id the artwork's index, its table's and its row.
    seen: HashMap<String, (usize, usize, u64)>,
    /// For each image file the id that used it first.
    image_users: HashMap<String, usize>,
}

impl Rows {
    pub(super) fn new(images: Option<ImageIndex>) -> Self {
        Self {
            artworks: Vec::new(),
            problems: Vec::new(),
            tables: Vec::new(),
            images,
            seen: HashMap::new(),
            image_users: HashMap::new(),
        }
    }

    /// Reads all rows of a table.
    pub(super) fn read(
        &mut self,
        path: &Path,
        mapping: &Mapping,
        progress: &Progress<'_>,
    ) -> Result<()> {
        let mut table = Table::open(path, &mapping.table)?;
        let columns = columns::resolve(mapping, path, &table.header, &mut self.problems)?;
        let rewriters: Vec<Rewriter> = columns
            .iter()
            .map(|column| Rewriter::new(mapping, &column.name))
            .collect();
        let split = mapping.split_of(path);
        let before = self.artworks.len();
        let mut rows = 0;
        while table.advance()? {
            if table.is_blank() {
                continue;
            }
            rows += 1;
            if rows % 10_000 == 0 {
                progress("read", rows, 0);
            }
            let mut row = Row {
                table: &table,
                columns: &columns,
                problems: &mut self.problems,
            };
            let Some(mut artwork) = row.artwork(mapping, &rewriters) else {
                continue;
            };
            artwork.split = artwork.split.or(split);
            self.accept(artwork, &table, &columns);
        }
        self.tables.push(TableSummary {
            file: path.to_path_buf(),
            rows,
            artworks: self.artworks.len() - before,
            encoding: table.encoding.name().to_owned(),
            delimiter: char::from(table.delimiter),
            split,
        });
        Ok(())
    }

    /// Takes an artwork in, unless its id was used before.
    fn accept(&mut self, mut artwork: Artwork, table: &Table, columns: &[Column]) {
        self.find_image(&mut artwork, table, columns);
        let index = self.artworks.len();
        if let Some(&(first, first_table, first_row)) = self.seen.get(&artwork.id) {
            let place = match self.tables.get(first_table) {
                Some(summary) => format!("{}, row {first_row}", summary.file.display()),
                None => format!("row {first_row}"),
            };
            // A whole row that comes twice loses nothing.
            let same = artwork == self.artworks[first];
            let (what, severity) = if same {
                ("the same row", Severity::Warning)
            } else {
                ("another row with this id", Severity::Error)
            };
            let message = format!(
                "the id `{}` was used before: {what} is {place}; the first is kept",
                artwork.id
            );
            self.problems.push(
                Problem::new(ProblemKind::DuplicateId, &table.path, message)
                    .at(table.row(), Some(source_name(table, columns, "id")))
                    .with_severity(severity),
            );
            return;
        }
        self.seen
            .insert(artwork.id.clone(), (index, self.tables.len(), table.row()));
        if let Some(image) = &artwork.image
            && self.images.is_some()
        {
            if let Some(&user) = self.image_users.get(image) {
                let message = format!(
                    "the image `{image}` is also that of `{}`",
                    self.artworks[user].id
                );
                self.problems.push(
                    Problem::new(ProblemKind::SharedImage, &table.path, message)
                        .at(table.row(), Some(source_name(table, columns, "image"))),
                );
            } else {
                self.image_users.insert(image.clone(), index);
            }
        }
        self.artworks.push(artwork);
    }

    /// Replaces the image's name by that of the file it means. Without a folder
    /// of images no artwork has one.
    fn find_image(&mut self, artwork: &mut Artwork, table: &Table, columns: &[Column]) {
        let Some(images) = &mut self.images else {
            artwork.image = None;
            return;
        };
        let column = source_name(table, columns, "image");
        let mut note = |kind, message: String| {
            self.problems
                .push(Problem::new(kind, &table.path, message).at(table.row(), Some(column)));
        };
        let Some(name) = artwork.image.take() else {
            note(
                ProblemKind::NoImage,
                format!(
                    "`{}` names no image; it can be in the graph only",
                    artwork.id
                ),
            );
            return;
        };
        artwork.image = Some(match images.find(&name) {
            Found::Exactly(file) => file,
            Found::Nearly(file) => {
                note(
                    ProblemKind::ImageName,
                    format!("there is no image `{name}`; `{file}` is taken for it"),
                );
                file
            }
            Found::Nowhere => {
                note(
                    ProblemKind::MissingImage,
                    format!("there is no image `{name}`"),
                );
                name
            }
            Found::Ambiguous(files) => {
                note(
                    ProblemKind::MissingImage,
                    format!(
                        "there is no image `{name}`, but several like it: {}; \
                         write which one is meant",
                        files.join(", ")
                    ),
                );
                name
            }
        });
    }
}

/// The name in the source's header of the column that feeds one of ours.
fn source_name<'a>(table: &'a Table, columns: &[Column], name: &'a str) -> &'a str {
    columns
        .iter()
        .find(|column| column.name == name)
        .and_then(|column| table.header.get(*column.sources.first()?))
        .map_or(name, String::as_str)
}

/// One row on its way to an artwork.
struct Row<'a> {
    table: &'a Table,
    columns: &'a [Column],
    problems: &'a mut Vec<Problem>,
}

impl Row<'_> {
    fn note(&mut self, kind: ProblemKind, column: Option<&str>, message: String) {
        self.problems
            .push(Problem::new(kind, &self.table.path, message).at(self.table.row(), column));
    }

    fn artwork(&mut self, mapping: &Mapping, rewriters: &[Rewriter]) -> Option<Artwork> {
        if !self.has_right_length() {
            return None;
        }
        let table = self.table;
        let mut artwork = Artwork::default();
        for (column, rewriter) in self.columns.iter().zip(rewriters) {
            let mut value = None;
            for &source in &column.sources {
                let (text, sound) = table.cell(source);
                if !sound {
                    self.note(
                        ProblemKind::BadEncoding,
                        Some(&table.header[source]),
                        format!(
                            "`{text}` holds bytes that are not {}; save the table in UTF-8, \
                             or name its encoding",
                            table.encoding.name()
                        ),
                    );
                }
                value = rewriter.rewrite(&text);
                if value.is_some() {
                    break;
                }
            }
            let Some(value) = value.as_deref().or(rewriter.default()) else {
                continue;
            };
            if artwork.set_cell(&column.name, value).is_err() {
                let name = source_name(table, self.columns, &column.name);
                self.note(
                    ProblemKind::UnknownSplit,
                    Some(name),
                    format!(
                        "unknown split `{value}`; use {}",
                        Split::ALL.map(Split::name).join(", ")
                    ),
                );
            }
        }
        for (name, value) in &mapping.defaults {
            if artwork.cell(name).is_none() {
                // The mapping was refused if its default split were none.
                let _ = artwork.set_cell(name, value);
            }
        }
        if artwork.id.is_empty() {
            let name = source_name(table, self.columns, "id");
            self.note(
                ProblemKind::MissingId,
                Some(name),
                "there is no id; the row was left out".to_owned(),
            );
            return None;
        }
        self.date(&mut artwork, mapping.options.derive_timeframe);
        Some(artwork)
    }

    /// Whether the row has as many cells as the header, empty ones at the end aside.
    fn has_right_length(&mut self) -> bool {
        let (cells, expected) = (self.table.cells(), self.table.header.len());
        let surplus_is_empty =
            (expected..cells).all(|index| self.table.cell(index).0.trim().is_empty());
        if cells == expected || cells > expected && surplus_is_empty {
            return true;
        }
        let hint = match self.table.line_breaks() {
            0 => String::new(),
            breaks => format!(" (it spans {} lines: is a quote not closed?)", breaks + 1),
        };
        self.note(
            ProblemKind::WrongCellCount,
            None,
            format!("{cells} cells where the header has {expected}{hint}; the row was left out"),
        );
        false
    }

    /// Reads the date, and the timeframe from it where there is none.
    fn date(&mut self, artwork: &mut Artwork, derive: bool) {
        if let Some(timeframe) = artwork.cell("timeframe")
            && !is_timeframe(timeframe)
        {
            let message = format!(
                "`{timeframe}` is no 50-year timeframe such as 1851-1900; it is kept as a class"
            );
            let name = source_name(self.table, self.columns, "timeframe");
            self.note(ProblemKind::BadTimeframe, Some(name), message);
        }
        let Some(date) = artwork.cell("date") else {
            return;
        };
        match YearRange::parse(date) {
            Some(range) if derive && artwork.timeframe.is_none() => {
                artwork.timeframe = range.timeframe().map(Values::from);
            }
            Some(_) => {}
            None => {
                let message = format!("no year can be read from `{date}`");
                let name = source_name(self.table, self.columns, "date");
                self.note(ProblemKind::UnreadableDate, Some(name), message);
            }
        }
    }
}
