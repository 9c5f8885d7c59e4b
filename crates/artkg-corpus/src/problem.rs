use std::fmt;
use std::path::{Path, PathBuf};

use artkg_records::{Place, Unit};
use serde::Serialize;

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It hurts training or loses records: somebody should act.
    Error,
    /// It was dealt with as the message says, or only may matter.
    Warning,
}

/// The kinds of problems that importing and checking a corpus can find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// Two rows have one id.
    DuplicateId,
    /// A row has no id.
    MissingId,
    /// A column that the mapping promises is not in the table.
    MissingColumn,
    /// A row has more or fewer cells than the header.
    WrongCellCount,
    /// A cell took in the rows after it, because its quote is not closed.
    UnclosedQuote,
    /// Records have more fields than are read.
    ManyFields,
    /// A record that is not what its file's format asks for.
    MalformedRecord,
    /// Bytes that the file's encoding does not know.
    BadEncoding,
    /// The encoding was guessed from a few letters.
    GuessedEncoding,
    /// `artworks.csv` was saved again by another program.
    ForeignTable,
    /// A row names no image.
    NoImage,
    /// A row names an image that does not exist.
    MissingImage,
    /// The image's name differs from the row's in case or Unicode form.
    ImageName,
    /// Two rows show one image file.
    SharedImage,
    /// A row's image is there in a format that is not read.
    UnreadImage,
    /// An image in the folder that no row names.
    UnusedImage,
    /// A folder of images that cannot be listed.
    UnlistedFolder,
    /// An image that cannot be decoded.
    UndecodableImage,
    /// The same image bytes in two splits.
    ExactDuplicateAcrossSplits,
    /// Nearly the same picture in two splits.
    NearDuplicateAcrossSplits,
    /// The same image bytes twice within one split.
    ExactDuplicate,
    /// A date that could not be understood.
    UnreadableDate,
    /// A date that may well mean other years.
    DoubtfulDate,
    /// A timeframe that is no 50-year timeframe such as 1851-1900.
    BadTimeframe,
    /// A cell of a column of qualifiers in which nothing qualifies a maker.
    UnreadQualifier,
    /// A cell that should name somebody or something by an authority file.
    UnreadIdentity,
    /// Two columns that go together list different numbers of values.
    UnequalLists,
    /// A split other than `train`, `val` or `test`.
    UnknownSplit,
    /// An artwork in no split.
    NoSplit,
    /// A split without artworks.
    EmptySplit,
    /// A class that only occurs outside the training split.
    ClassWithoutTraining,
    /// An attribute with fewer than two classes to learn.
    NothingToLearn,
    /// Values that differ in case, spaces or punctuation only.
    SimilarValues,
    /// `corpus.toml` says another number of artworks than `artworks.csv` holds.
    WrongCount,
}

impl ProblemKind {
    /// How much problems of this kind matter.
    pub fn severity(self) -> Severity {
        match self {
            Self::DuplicateId
            | Self::MissingId
            | Self::WrongCellCount
            | Self::UnclosedQuote
            | Self::MalformedRecord
            | Self::BadEncoding
            | Self::UnreadImage
            | Self::UnlistedFolder
            | Self::MissingImage
            | Self::UndecodableImage
            | Self::ExactDuplicateAcrossSplits
            | Self::NearDuplicateAcrossSplits
            | Self::UnknownSplit
            | Self::EmptySplit
            | Self::ClassWithoutTraining => Severity::Error,
            Self::NoImage
            | Self::ImageName
            | Self::SharedImage
            | Self::UnusedImage
            | Self::ExactDuplicate
            | Self::GuessedEncoding
            | Self::ForeignTable
            | Self::UnreadableDate
            | Self::DoubtfulDate
            | Self::BadTimeframe
            | Self::UnreadQualifier
            | Self::UnreadIdentity
            | Self::UnequalLists
            | Self::NoSplit
            | Self::NothingToLearn
            | Self::MissingColumn
            | Self::ManyFields
            | Self::SimilarValues
            | Self::WrongCount => Severity::Warning,
        }
    }

    /// A short name for tables of counts.
    pub fn label(self) -> &'static str {
        match self {
            Self::DuplicateId => "duplicate id",
            Self::MissingId => "missing id",
            Self::MissingColumn => "missing column",
            Self::WrongCellCount => "wrong number of cells",
            Self::UnclosedQuote => "quote not closed",
            Self::ManyFields => "more fields than are read",
            Self::MalformedRecord => "malformed record",
            Self::BadEncoding => "bad encoding",
            Self::GuessedEncoding => "guessed encoding",
            Self::ForeignTable => "table saved by another program",
            Self::NoImage => "no image named",
            Self::MissingImage => "missing image file",
            Self::ImageName => "image name differs in case or form",
            Self::SharedImage => "image used by two rows",
            Self::UnreadImage => "image in a format that is not read",
            Self::UnusedImage => "image without a row",
            Self::UnlistedFolder => "folder that cannot be listed",
            Self::UndecodableImage => "undecodable image",
            Self::ExactDuplicateAcrossSplits => "exact duplicate across splits",
            Self::NearDuplicateAcrossSplits => "near duplicate across splits",
            Self::ExactDuplicate => "exact duplicate within a split",
            Self::UnreadableDate => "unreadable date",
            Self::DoubtfulDate => "doubtful date",
            Self::BadTimeframe => "bad timeframe",
            Self::UnreadQualifier => "qualifier that is not known",
            Self::UnreadIdentity => "identity that cannot be read",
            Self::UnequalLists => "lists of different lengths",
            Self::UnknownSplit => "unknown split",
            Self::NoSplit => "no split",
            Self::EmptySplit => "empty split",
            Self::ClassWithoutTraining => "class without training artworks",
            Self::NothingToLearn => "nothing to learn",
            Self::SimilarValues => "similar values",
            Self::WrongCount => "wrong count",
        }
    }
}

/// One thing wrong with a corpus, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind of problem.
    pub kind: ProblemKind,
    /// How much it matters.
    pub severity: Severity,
    /// The file that has the problem.
    pub file: PathBuf,
    /// The row as a spreadsheet numbers it: the header is row 1; or what else `unit` says.
    pub row: Option<u64>,
    /// What `row` counts.
    pub unit: Unit,
    /// The column's name in that file.
    pub column: Option<String>,
    /// What is wrong, with the value, and the way out.
    pub message: String,
}

impl Problem {
    /// A problem of a file as a whole; [`Problem::at`] adds the place in it.
    pub fn new(kind: ProblemKind, file: &Path, message: impl Into<String>) -> Self {
        Self {
            kind,
            severity: kind.severity(),
            file: file.to_path_buf(),
            row: None,
            unit: Unit::Row,
            column: None,
            message: message.into(),
        }
    }

    /// The same problem at a row (the header is row 1) and column.
    #[must_use]
    pub fn at(mut self, row: u64, column: Option<&str>) -> Self {
        self.row = Some(row);
        self.column = column.map(str::to_owned);
        self
    }

    /// The same problem at a record and column of a source.
    #[must_use]
    pub(crate) fn at_place(self, place: Place, column: Option<&str>) -> Self {
        Self {
            unit: place.unit,
            ..self.at(place.number, column)
        }
    }

    /// Another problem at the same place.
    #[must_use]
    pub(crate) fn of_kind(self, kind: ProblemKind, message: String) -> Self {
        Self {
            kind,
            severity: kind.severity(),
            message,
            ..self
        }
    }

    /// The same problem with another severity than its kind's usual one.
    #[must_use]
    pub(crate) fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file.display())?;
        if let Some(row) = self.row {
            write!(formatter, ", {} {row}", self.unit)?;
        }
        if let Some(column) = &self.column {
            write!(formatter, ", column {column}")?;
        }
        write!(formatter, ": {}", self.message)
    }
}
