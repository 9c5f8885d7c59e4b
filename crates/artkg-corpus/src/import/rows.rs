//! From the rows of tables to artworks.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use csv::ByteRecord;

use super::columns::{self, Column};
use super::images::{Found, ImageIndex};
use super::reader::RowReader;
use super::resembles::UsualNames;
use super::row::Row;
use super::summary::{ImageMatching, TableSummary};
use super::values::Rewriter;
use crate::artwork::{Artwork, COLUMNS};
use crate::column_use::{ColumnSource, UnusedColumn};
use crate::date::YEAR_COLUMNS;
use crate::error::Result;
use crate::mapping::Mapping;
use crate::problem::{Problem, ProblemKind, Severity};
use crate::progress::Progress;
use crate::table::EncodingBasis;

/// The artworks read so far, from all tables.
pub(super) struct Rows {
    pub(super) artworks: Vec<Artwork>,
    pub(super) problems: Vec<Problem>,
    pub(super) tables: Vec<TableSummary>,
    /// The images, where there is a folder of them.
    pub(super) images: Option<ImageIndex>,
    /// How they were found.
    pub(super) matching: ImageMatching,
    /// For each id the artwork's index, its table's and its row.
    seen: HashMap<String, (usize, usize, u64)>,
    /// For each image file the id that used it first.
    image_users: HashMap<String, usize>,
    /// Artworks that a table names no image of that is there.
    unnamed: Vec<Unnamed>,
    /// What our columns are usually called.
    pub(super) usual: UsualNames,
}

/// An artwork that its table names no image of that is there.
struct Unnamed {
    artwork: usize,
    /// Its id and other numbers.
    numbers: Vec<String>,
    /// Where it comes from: the place for a message.
    place: Problem,
}

impl Rows {
    pub(super) fn new(images: Option<ImageIndex>) -> Result<Self> {
        Ok(Self {
            artworks: Vec::new(),
            problems: Vec::new(),
            tables: Vec::new(),
            images,
            matching: ImageMatching::default(),
            seen: HashMap::new(),
            image_users: HashMap::new(),
            unnamed: Vec::new(),
            usual: UsualNames::new()?,
        })
    }

    /// Reads all rows of a table.
    pub(super) fn read(
        &mut self,
        path: &Path,
        mapping: &Mapping,
        progress: &Progress<'_>,
    ) -> Result<()> {
        let mut reader = RowReader::open(path, &mapping.table)?;
        let columns = columns::resolve(mapping, path, &reader.header, &mut self.problems)?;
        let numbers = columns::of_numbers(&columns, &reader.header, &self.usual);
        let mut unused = Unused::new(&columns, &reader.header);
        let rewriters: Vec<Rewriter> = columns
            .iter()
            .map(|column| Rewriter::new(mapping, &column.name))
            .collect();
        let split = mapping.split_of(path);
        let before = self.artworks.len();
        let mut rows = 0;
        while reader.advance()? {
            if reader.is_blank() {
                continue;
            }
            rows += 1;
            if rows % 10_000 == 0 {
                progress("read", rows, 0);
            }
            unused.count(reader.record());
            let mut row = Row {
                reader: &reader,
                columns: &columns,
                problems: &mut self.problems,
            };
            let Some(mut artwork) = row.artwork(mapping, &rewriters) else {
                continue;
            };
            artwork.split = artwork.split.or(split);
            self.accept(artwork, &reader, &columns, &numbers);
        }
        self.note_guess(&reader);
        let table = &reader.table;
        self.tables.push(TableSummary {
            file: path.to_path_buf(),
            rows,
            artworks: self.artworks.len() - before,
            encoding: table.encoding.name().to_owned(),
            encoding_basis: table.basis,
            encoding_example: table.example.clone(),
            delimiter: char::from(table.delimiter),
            split,
            columns: sources(&columns, &reader.header, &self.artworks[before..]),
            unused: unused.columns,
        });
        Ok(())
    }

    /// Says that the encoding is a guess.
    fn note_guess(&mut self, reader: &RowReader) {
        let table = &reader.table;
        if table.basis != EncodingBasis::Guessed {
            return;
        }
        let example = match &table.example {
            Some(example) => format!(", and reads `{example}`"),
            None => String::new(),
        };
        let message = format!(
            "the encoding is a guess from a few letters: {}{example}; if that is wrong, name the \
             encoding or save the table in UTF-8",
            table.encoding.name()
        );
        self.problems.push(Problem::new(
            ProblemKind::GuessedEncoding,
            &reader.path,
            message,
        ));
    }

    /// Takes an artwork in, unless its id was used before.
    fn accept(
        &mut self,
        mut artwork: Artwork,
        reader: &RowReader,
        columns: &[Column],
        numbers: &[usize],
    ) {
        let index = self.artworks.len();
        let named = self.find_image(&mut artwork, reader, columns);
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
                Problem::new(ProblemKind::DuplicateId, &reader.path, message)
                    .at(reader.row(), Some(reader.source_name(columns, "id")))
                    .with_severity(severity),
            );
            return;
        }
        self.seen
            .insert(artwork.id.clone(), (index, self.tables.len(), reader.row()));
        match named {
            Some(count) => *count(&mut self.matching) += 1,
            None if self.images.is_some() => {
                let mut all = vec![artwork.id.clone()];
                all.extend(
                    numbers
                        .iter()
                        .map(|column| reader.cell(*column).0.trim().to_owned()),
                );
                all.dedup();
                let column = reader.source_name(columns, "image");
                self.unnamed.push(Unnamed {
                    artwork: index,
                    numbers: all,
                    place: Problem::new(ProblemKind::NoImage, &reader.path, "")
                        .at(reader.row(), Some(column)),
                });
            }
            None => {}
        }
        if let Some(image) = &artwork.image
            && self.images.is_some()
        {
            if let Some(&user) = self.image_users.get(image) {
                let message = format!(
                    "the image `{image}` is also that of `{}`",
                    self.artworks[user].id
                );
                self.problems.push(
                    Problem::new(ProblemKind::SharedImage, &reader.path, message)
                        .at(reader.row(), Some(reader.source_name(columns, "image"))),
                );
            } else {
                self.image_users.insert(image.clone(), index);
            }
        }
        self.artworks.push(artwork);
    }

    /// Replaces the image's name by that of the file it means; what to count it
    /// as, or `None` where the table names none that is there. Without a folder of
    /// images no artwork has one but those with an address.
    fn find_image(
        &mut self,
        artwork: &mut Artwork,
        reader: &RowReader,
        columns: &[Column],
    ) -> Option<fn(&mut ImageMatching) -> &mut usize> {
        let name = artwork.image.take()?;
        let Some(images) = self.images.as_mut() else {
            if artkg_files::is_address(&name) {
                self.matching.by_address += 1;
                artwork.image = Some(name);
            }
            return None;
        };
        let column = reader.source_name(columns, "image");
        let mut note = |kind, message: String| {
            self.problems
                .push(Problem::new(kind, &reader.path, message).at(reader.row(), Some(column)));
        };
        let (image, count): (_, fn(&mut ImageMatching) -> &mut usize) = match images.find(&name) {
            Found::Exactly(file) => (file, |matching| &mut matching.by_name),
            Found::ByEnd(file) => (file, |matching| &mut matching.by_end),
            Found::Nearly(file) => {
                note(
                    ProblemKind::ImageName,
                    format!("there is no image `{name}`; `{file}` is taken for it"),
                );
                (file, |matching| &mut matching.nearly)
            }
            Found::Unread(file) => {
                note(ProblemKind::UnreadImage, unread_message(&file));
                (file, |matching| &mut matching.unread)
            }
            Found::Nowhere => {
                // A file may be called by the work's number all the same.
                artwork.image = Some(name);
                return None;
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
                (name, |matching| &mut matching.missing)
            }
        };
        artwork.image = Some(image);
        Some(count)
    }

    /// Finds images by the numbers of the works that the tables name none of that
    /// is there.
    pub(super) fn match_numbers(&mut self) {
        let Some(images) = &mut self.images else {
            return;
        };
        let unnamed = std::mem::take(&mut self.unnamed);
        let numbers: Vec<Vec<String>> = unnamed.iter().map(|work| work.numbers.clone()).collect();
        let mut matched: BTreeMap<usize, _> = images
            .match_numbers(&numbers)
            .into_iter()
            .map(|found| (found.artwork, found))
            .collect();
        for (place, work) in unnamed.into_iter().enumerate() {
            let artwork = &mut self.artworks[work.artwork];
            if let Some(found) = matched.remove(&place) {
                self.matching.by_number += 1;
                self.matching.views += found.views.len();
                if let Some(name) = artwork.image.replace(found.image) {
                    let image = artwork.image.as_deref().unwrap_or_default();
                    let message = format!(
                        "there is no image `{name}`; `{image}`, which has the work's number, is \
                         taken for it"
                    );
                    let kind = ProblemKind::ImageName;
                    self.problems.push(work.place.of_kind(kind, message));
                }
                continue;
            }
            let unread = work.numbers.iter().find_map(|number| images.unread(number));
            let (kind, message) = match unread {
                Some(file) => {
                    self.matching.unread += 1;
                    (ProblemKind::UnreadImage, unread_message(file))
                }
                None if artwork
                    .image
                    .as_deref()
                    .is_some_and(artkg_files::is_address) =>
                {
                    self.matching.by_address += 1;
                    continue;
                }
                None if artwork.image.is_some() => {
                    self.matching.missing += 1;
                    let name = artwork.image.as_deref().unwrap_or_default();
                    let message = format!("there is no image `{name}`");
                    (ProblemKind::MissingImage, message)
                }
                None => {
                    self.matching.unnamed += 1;
                    let message = format!(
                        "`{}` names no image, and no file has its number; it can be in the graph \
                         only",
                        artwork.id
                    );
                    (ProblemKind::NoImage, message)
                }
            };
            self.problems.push(work.place.of_kind(kind, message));
        }
    }
}

fn unread_message(file: &str) -> String {
    format!("`{file}` is there, but its format is not read; save it as JPEG or PNG")
}

/// The columns of a table that feed none of the corpus' own.
struct Unused {
    columns: Vec<UnusedColumn>,
    /// Their places in a row.
    places: Vec<usize>,
}

impl Unused {
    fn new(columns: &[Column], header: &[String]) -> Self {
        let is_own = |column: &&Column| {
            COLUMNS.contains(&column.name.as_str()) || YEAR_COLUMNS.contains(&&*column.name)
        };
        let own: Vec<&Column> = columns.iter().filter(is_own).collect();
        let places: Vec<usize> = (0..header.len())
            .filter(|place| !own.iter().any(|column| column.sources.contains(place)))
            .collect();
        let unused = places.iter().map(|place| UnusedColumn {
            column: header[*place].clone(),
            filled: 0,
            kept_as: columns
                .iter()
                .find(|column| column.sources.contains(place))
                .map(|column| column.name.clone()),
        });
        Self {
            columns: unused.collect(),
            places,
        }
    }

    fn count(&mut self, record: &ByteRecord) {
        for (column, place) in self.columns.iter_mut().zip(&self.places) {
            let cell = record.get(*place).unwrap_or_default();
            column.filled += usize::from(!cell.trim_ascii().is_empty());
        }
    }
}

/// Which source columns feed each of the corpus' own, and how many artworks have
/// a value of it.
fn sources(columns: &[Column], header: &[String], artworks: &[Artwork]) -> Vec<ColumnSource> {
    let own = COLUMNS.iter().chain(&YEAR_COLUMNS);
    own.map(|name| {
        let column = columns.iter().find(|column| column.name == *name);
        let from = column.map_or(&[][..], |column| &column.sources);
        let filled = match *name {
            "split" => artworks
                .iter()
                .filter(|artwork| artwork.split.is_some())
                .count(),
            _ => artworks
                .iter()
                .filter(|artwork| artwork.cell(name).is_some())
                .count(),
        };
        ColumnSource {
            column: (*name).to_owned(),
            from: from.iter().map(|source| header[*source].clone()).collect(),
            filled,
        }
    })
    .collect()
}
