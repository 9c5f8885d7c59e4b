//! Looking for everything in a corpus that would hurt training.

mod classes;
mod images;

use std::path::{Path, PathBuf};

use artkg_vocabulary::{Attribute, Vocabulary};
use serde::Serialize;

use crate::artwork::Split;
use crate::corpus::{ARTWORKS_FILE, Corpus, DESCRIPTION_FILE};
use crate::date::{YEAR_COLUMNS, YearRange, is_timeframe, stated_year};
use crate::description::Counts;
use crate::error::Result;
use crate::maker::{MAKERS_COLUMN, Maker, Qualifier};
use crate::problem::{Problem, ProblemKind, Severity};
use crate::progress::Progress;
use crate::records::Reading;

/// What to look at.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// The attributes to look at; where there is none, [`Corpus::attributes`]. In those of
    /// them that are not the paper's four, a class that cannot be learnt is a warning.
    pub tasks: Vec<Attribute>,
    /// How many training artworks a value needs to be a class.
    pub minimum_count: usize,
    /// Whether to decode every image and look for copies.
    pub decode: bool,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self {
            tasks: Vec::new(),
            minimum_count: Vocabulary::DEFAULT_MINIMUM_COUNT,
            decode: true,
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    /// The corpus' name.
    pub name: String,
    /// The numbers of artworks.
    pub counts: Counts,
    /// How many images were decoded without trouble.
    pub decoded: usize,
    /// Everything that is wrong: errors first, then by file, row and column.
    pub problems: Vec<Problem>,
}

impl CheckReport {
    /// How many problems are errors: such a corpus should not be trained on.
    pub fn errors(&self) -> usize {
        self.problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .count()
    }

    /// How many problems are warnings.
    pub fn warnings(&self) -> usize {
        self.problems.len() - self.errors()
    }
}

/// Checks a corpus folder.
///
/// # Errors
/// A folder that is no corpus, or a table that cannot be read at all.
/// Everything less is in the report.
pub fn check(
    folder: &Path,
    options: &CheckOptions,
    progress: &Progress<'_>,
) -> Result<CheckReport> {
    let (corpus, mut records) = Corpus::open_with_problems(folder)?;
    let mut check = Check {
        table: folder.join(ARTWORKS_FILE),
        corpus: &corpus,
        rows: &records.rows,
        problems: std::mem::take(&mut records.problems),
    };
    check.reading(records.reading);
    check.counts();
    check.splits();
    check.dates();
    check.makers();
    check.classes(&options.tasks, options.minimum_count);
    let decoded = check.images(options.decode, progress)?;
    let mut problems = check.problems;
    problems.sort_by(|left, right| {
        let key = |problem: &Problem| (problem.severity, problem.file.clone(), problem.row);
        key(left).cmp(&key(right))
    });
    Ok(CheckReport {
        name: corpus.description.name.clone(),
        counts: corpus.counts(),
        decoded,
        problems,
    })
}

/// A check in progress.
struct Check<'a> {
    corpus: &'a Corpus,
    table: PathBuf,
    /// The row of each artwork in the table.
    rows: &'a [u64],
    problems: Vec<Problem>,
}

impl Check<'_> {
    /// Notes a problem of one artwork's cell.
    fn note(&mut self, kind: ProblemKind, artwork: usize, column: &str, message: String) {
        self.problems
            .push(Problem::new(kind, &self.table, message).at(self.rows[artwork], Some(column)));
    }

    /// Notes a problem of the corpus as a whole.
    fn note_all(&mut self, kind: ProblemKind, message: String) {
        self.problems.push(Problem::new(kind, &self.table, message));
    }

    /// Whether another program wrote the table.
    fn reading(&mut self, reading: Reading) {
        if reading != Reading::default() {
            let message = format!(
                "another program saved this table, and it was read as {} with the delimiter {:?}; \
                 compare some names, and save it as CSV in UTF-8 with commas",
                reading.encoding.name(),
                char::from(reading.delimiter)
            );
            self.note_all(ProblemKind::ForeignTable, message);
        }
    }

    /// Whether the table was cut or edited since the corpus was written.
    fn counts(&mut self) {
        let written = self.corpus.description.counts.artworks;
        let found = self.corpus.artworks.len();
        if written != found {
            self.problems.push(Problem::new(
                ProblemKind::WrongCount,
                &self.corpus.folder.join(DESCRIPTION_FILE),
                format!("{written} artworks were written, {ARTWORKS_FILE} has {found} usable ones"),
            ));
        }
    }

    fn splits(&mut self) {
        let counts = Counts::of(&self.corpus.artworks);
        for split in Split::ALL {
            if counts.split(split) == 0 {
                let use_of = match split {
                    Split::Train => "nothing can be learnt",
                    Split::Validation => "training cannot tell when to stop",
                    Split::Test => "nothing can be evaluated",
                };
                self.note_all(
                    ProblemKind::EmptySplit,
                    format!("no artwork is in the split `{split}`: {use_of}"),
                );
            }
        }
        let mut without = self
            .corpus
            .artworks
            .iter()
            .enumerate()
            .filter(|(_, artwork)| artwork.split.is_none())
            .map(|(index, _)| index);
        if let Some(first) = without.next() {
            let count = 1 + without.count();
            self.note(
                ProblemKind::NoSplit,
                first,
                "split",
                format!("{count} artworks are in no split, this one first; they are never used"),
            );
        }
    }

    /// Looks for makers whose details in square brackets cannot be read.
    fn makers(&mut self) {
        let corpus = self.corpus;
        for (index, artwork) in corpus.artworks.iter().enumerate() {
            let Some(makers) = artwork.extra.get(MAKERS_COLUMN) else {
                continue;
            };
            for maker in makers.iter().map(Maker::parse) {
                if maker.has_unread_details() {
                    let message = format!(
                        "what stands in brackets in `{}` is taken for a part of the name; write \
                         {}, `role: …` or `authority:number`, with `;` between them",
                        maker.name,
                        Qualifier::ALL.map(Qualifier::name).join(", ")
                    );
                    self.note(ProblemKind::UnreadQualifier, index, MAKERS_COLUMN, message);
                }
            }
        }
    }

    fn dates(&mut self) {
        let corpus = self.corpus;
        for (index, artwork) in corpus.artworks.iter().enumerate() {
            let is_stated = YEAR_COLUMNS
                .iter()
                .all(|column| artwork.cell(column).and_then(stated_year).is_some());
            if let Some(date) = artwork.cell("date")
                && !is_stated
                && YearRange::parse(date).is_none()
            {
                self.note(
                    ProblemKind::UnreadableDate,
                    index,
                    "date",
                    format!("no year can be read from `{date}`"),
                );
            }
            if let Some(timeframe) = artwork.cell("timeframe")
                && !is_timeframe(timeframe)
            {
                self.note(
                    ProblemKind::BadTimeframe,
                    index,
                    "timeframe",
                    format!("`{timeframe}` is no 50-year timeframe such as 1851-1900"),
                );
            }
        }
    }
}
