//! Artwork records, source mappings, validation and splits.
//!
//! A [`Corpus`] is a folder with `corpus.toml` (where it comes from) and
//! `artworks.csv` (one row an [`Artwork`]). Missing values stay missing: they
//! are `None`, never a class, and [`Artwork::target`] keeps them apart from
//! values that are known but rare.

mod artwork;
mod check;
mod column_use;
mod corpus;
mod date;
mod description;
mod duplicates;
mod error;
mod fingerprint;
mod identity;
mod import;
mod maker;
mod mapping;
mod problem;
mod problem_table;
mod progress;
mod records;
mod splitting;
mod stats;
mod values;

pub use artkg_records::{
    EncodingBasis, Error as SourceError, ForeignFormat, Format, Place, TableFormat, Unit,
};
pub use artwork::{Artwork, CAPTION_COLUMN, CAPTIONER_COLUMN, COLUMNS, Split};
pub use check::{CheckOptions, CheckReport, check};
pub use column_use::{ColumnSource, LostColumn, UnusedColumn};
pub use corpus::{ARTWORKS_FILE, Corpus, DESCRIPTION_FILE};
pub use date::{DateReading, YearRange, is_timeframe};
pub use description::{CorpusDescription, Counts, SplitDescription};
pub use duplicates::Duplicates;
pub use error::{Error, LackingColumn, Result};
pub use fingerprint::Fingerprint;
pub use identity::Identity;
pub use import::{
    ImageMatching, Import, ImportOptions, Qualified, Respelling, TableSummary, import,
};
pub use maker::{Maker, MakerCounts, Qualifier};
pub use mapping::{Case, Extra, FileRules, Mapping, MappingOptions, Names, ValueRules};
pub use problem::{Problem, ProblemKind, Severity};
pub use problem_table::{is_problem_table, write_problems};
pub use progress::{Progress, silent};
pub use records::Records;
pub use splitting::DEFAULT_SHARES;
pub use stats::{AttributeStats, Stats, ValueCount};
pub use values::{VALUE_SEPARATOR, Values, ValuesIter};
