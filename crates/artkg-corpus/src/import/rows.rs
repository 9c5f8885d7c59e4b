//! From the rows of tables to artworks.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use artkg_files::counted;
use artkg_records::{EncodingBasis, Input, Place, Reading};

use super::columns::{self, Column, Fields};
use super::doubts::Doubts;
use super::faulty;
use super::images::{Found, ImageIndex};
use super::inputs;
use super::parts;
use super::resembles::UsualNames;
use super::row::Row;
use super::source::Source;
use super::summary::{ImageMatching, TableSummary};
use super::values::Rewriter;
use crate::artwork::{Artwork, COLUMNS};
use crate::column_use::{ColumnSource, UnusedColumn};
use crate::date::YEAR_COLUMNS;
use crate::error::{Error, Result};
use crate::mapping::Mapping;
use crate::problem::{Problem, ProblemKind, Severity};
use crate::progress::Progress;

/// How many problems are collected: a table with more is another table.
const MOST_PROBLEMS: usize = 1_000_000;

/// The artworks read so far, from all tables.
pub(super) struct Rows {
    pub(super) artworks: Vec<Artwork>,
    pub(super) problems: Vec<Problem>,
    pub(super) tables: Vec<TableSummary>,
    /// The images, where there is a folder of them.
    pub(super) images: Option<ImageIndex>,
    /// How they were found.
    pub(super) matching: ImageMatching,
    /// For each id the artwork's index, its table's and its place there.
    seen: HashMap<String, (usize, usize, Place)>,
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

    /// Reads all records of a table, or of what else there is.
    pub(super) fn read(
        &mut self,
        input: &Input,
        mapping: &Mapping,
        progress: &Progress<'_>,
    ) -> Result<()> {
        let path = inputs::path(input);
        let (stream, faults) = inputs::records(input, mapping)?;
        for fault in faults {
            let (kind, message) = faulty::message(&fault.fault);
            let problem = Problem::new(kind, &fault.path, message);
            self.problems.push(problem.at_place(fault.place, None));
        }
        if stream.reading().has_more_fields {
            let message = "its records have more fields than are read: some of their names seem \
                           to be data";
            self.problems
                .push(Problem::new(ProblemKind::ManyFields, path, message));
        }
        let columns = columns::resolve(mapping, path, &Fields::of(&*stream), &mut self.problems)?;
        let numbers = columns::of_numbers(&columns, stream.fields(), &self.usual);
        let mut unused = Unused::new(&columns, stream.fields());
        let mut source = Source { stream, columns };
        let rewriters: Vec<Rewriter> = source
            .columns
            .iter()
            .map(|column| Rewriter::new(mapping, &column.name))
            .collect();
        let split = mapping.split_of(path);
        let before = self.artworks.len();
        let mut doubts = Doubts::default();
        let mut rows = 0;
        while source.stream.advance()? {
            rows += 1;
            if rows % 10_000 == 0 {
                progress("read", rows, 0);
            }
            unused.count(&source);
            let mut row = Row {
                source: &source,
                problems: &mut self.problems,
            };
            let artwork = row.artwork(mapping, &rewriters);
            if self.problems.len() > MOST_PROBLEMS {
                return Err(Error::TooManyProblems {
                    path: path.to_path_buf(),
                    rows,
                    most: MOST_PROBLEMS,
                    first: self.problems[0].message.clone(),
                });
            }
            let Some(mut artwork) = artwork else {
                continue;
            };
            artwork.split = artwork.split.or(split);
            let place = self.artworks.len();
            self.accept(artwork, &source, &numbers);
            if let Some(artwork) = self.artworks.get(place) {
                doubts.note(place, artwork);
            }
        }
        doubts.settle(&mut self.artworks);
        let reading = source.stream.reading();
        self.note_guess(path, &reading);
        self.tables.push(TableSummary {
            file: path.to_path_buf(),
            rows,
            artworks: self.artworks.len() - before,
            reading,
            split,
            columns: sources(&source, &self.artworks[before..]),
            unused: unused.columns,
        });
        Ok(())
    }

    /// Says that the encoding is a guess.
    fn note_guess(&mut self, path: &Path, reading: &Reading) {
        if reading.encoding_basis != EncodingBasis::Guessed {
            return;
        }
        let example = match &reading.encoding_example {
            Some(example) => format!(", and reads `{example}`"),
            None => String::new(),
        };
        let message = format!(
            "the encoding is a guess from a few letters: {}{example}; if that is wrong, name the \
             encoding or save the table in UTF-8",
            reading.encoding
        );
        self.problems
            .push(Problem::new(ProblemKind::GuessedEncoding, path, message));
    }

    /// Takes an artwork in, unless its id was used before.
    fn accept(&mut self, mut artwork: Artwork, source: &Source, numbers: &[usize]) {
        let index = self.artworks.len();
        let place = source.stream.place();
        let named = self.find_image(&mut artwork, source);
        if let Some(&(first, first_table, first_place)) = self.seen.get(&artwork.id) {
            let place = match self.tables.get(first_table) {
                Some(summary) => format!("{}, {first_place}", summary.file.display()),
                None => first_place.to_string(),
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
            let column = Some(source.name("id"));
            let problem = source.problem(ProblemKind::DuplicateId, column, message);
            self.problems.push(problem.with_severity(severity));
            return;
        }
        self.seen
            .insert(artwork.id.clone(), (index, self.tables.len(), place));
        match named {
            Some(count) => *count(&mut self.matching) += 1,
            None if self.images.is_some() => {
                let mut all = vec![artwork.id.clone()];
                let values = numbers
                    .iter()
                    .flat_map(|field| source.stream.values(*field));
                all.extend(values.map(|value| value.text.trim().to_owned()));
                all.dedup();
                let column = Some(source.name("image"));
                self.unnamed.push(Unnamed {
                    artwork: index,
                    numbers: all,
                    place: source.problem(ProblemKind::NoImage, column, ""),
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
                let column = Some(source.name("image"));
                let problem = source.problem(ProblemKind::SharedImage, column, message);
                self.problems.push(problem);
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
        source: &Source,
    ) -> Option<fn(&mut ImageMatching) -> &mut usize> {
        let name = artwork.image.take()?;
        let Some(images) = self.images.as_mut() else {
            if artkg_files::is_address(&name) {
                self.matching.by_address += 1;
                artwork.image = Some(name);
            }
            return None;
        };
        let column = source.name("image");
        let mut note = |kind, message: String| {
            self.problems
                .push(source.problem(kind, Some(column), message));
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
        let mut renamed = Vec::new();
        for (place, work) in unnamed.into_iter().enumerate() {
            let artwork = &mut self.artworks[work.artwork];
            if let Some(found) = matched.remove(&place) {
                self.matching.by_number += 1;
                self.matching.views += found.views.len();
                if let Some(name) = artwork.image.replace(found.image) {
                    let image = artwork.image.clone().unwrap_or_default();
                    renamed.push((work.place, name, image));
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
        self.problems.extend(taken_by_number(renamed));
    }
}

/// That works name images that are not there, and those of their numbers are taken: one
/// line for all, since it is one cause, with the first as the example.
fn taken_by_number(renamed: Vec<(Problem, String, String)>) -> Option<Problem> {
    let more = renamed.len().saturating_sub(1);
    let (place, name, image) = renamed.into_iter().next()?;
    let alike = match more {
        0 => String::new(),
        more => format!("; and so for {}", counted(more, "more work")),
    };
    let message = format!(
        "there is no image `{name}`; `{image}`, which has the work's number, is taken for it{alike}"
    );
    Some(place.of_kind(ProblemKind::ImageName, message))
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
    fn new(columns: &[Column], fields: &[String]) -> Self {
        let is_own = |column: &&Column| {
            COLUMNS.contains(&column.name.as_str())
                || YEAR_COLUMNS.contains(&&*column.name)
                || column.is_part
        };
        let own: Vec<&Column> = columns.iter().filter(is_own).collect();
        let places: Vec<usize> = (0..fields.len())
            .filter(|place| !own.iter().any(|column| column.sources.contains(place)))
            .collect();
        let unused = places.iter().map(|place| UnusedColumn {
            column: fields[*place].clone(),
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

    fn count(&mut self, source: &Source) {
        for (column, place) in self.columns.iter_mut().zip(&self.places) {
            column.filled += usize::from(source.stream.has(*place));
        }
    }
}

/// Which source columns feed each of the corpus' own, and how many artworks have
/// a value of it.
fn sources(source: &Source, artworks: &[Artwork]) -> Vec<ColumnSource> {
    let fields = source.stream.fields();
    let own = COLUMNS.iter().chain(&YEAR_COLUMNS).copied();
    let parts = source.columns.iter().filter(|column| column.is_part);
    own.chain(parts.map(|column| column.name.as_str()))
        .map(|name| {
            let column = source.columns.iter().find(|column| column.name == name);
            let from = column.map_or(&[][..], |column| &column.sources);
            let filled = artworks
                .iter()
                .filter(|artwork| parts::is_filled(artwork, name));
            ColumnSource {
                column: name.to_owned(),
                from: from.iter().map(|field| fields[*field].clone()).collect(),
                filled: filled.count(),
            }
        })
        .collect()
}
