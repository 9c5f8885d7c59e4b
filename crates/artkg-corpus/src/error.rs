use std::fmt;
use std::path::PathBuf;

use crate::column_use::LostColumn;
use crate::problem::Problem;

/// What can go wrong with a corpus; every message names the file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A source could not be read.
    #[error(transparent)]
    Source(artkg_records::Error),
    /// A TOML file does not have the expected shape.
    #[error("{}: {source}", path.display())]
    Toml {
        /// The TOML file.
        path: PathBuf,
        /// What the parser said, with the line.
        source: toml::de::Error,
    },
    /// A description could not be written as TOML.
    #[error("{}: {source}", path.display())]
    Description {
        /// The file to be written.
        path: PathBuf,
        /// What the writer said.
        source: toml::ser::Error,
    },
    /// A cell or row of a corpus cannot be used.
    #[error("{0}")]
    Record(Box<Problem>),
    /// A folder without `corpus.toml`.
    #[error("{}: no corpus here: there is no {}", folder.display(), crate::DESCRIPTION_FILE)]
    NotACorpus {
        /// The folder.
        folder: PathBuf,
    },
    /// A corpus of another format version.
    #[error(
        "{}: format {found} is not the format {supported} that this version of artkg reads",
        path.display()
    )]
    Format {
        /// The `corpus.toml`.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format that can be read.
        supported: u32,
    },
    /// The header of an `artworks.csv` holds bytes that are not UTF-8.
    #[error("{}: the header is not UTF-8", path.display())]
    HeaderEncoding {
        /// The table.
        path: PathBuf,
    },
    /// A column without a name.
    #[error("{}: column {column} has no name in the header", path.display())]
    UnnamedColumn {
        /// The table.
        path: PathBuf,
        /// The column's number; the first is 1.
        column: usize,
    },
    /// Two columns of one name.
    #[error("{}: the header has column `{column}` twice; rename or remove one", path.display())]
    RepeatedColumn {
        /// The table.
        path: PathBuf,
        /// The name.
        column: String,
    },
    /// An `artworks.csv` without ids.
    #[error("{}: the header has no column `id`, only {}", path.display(), found.join(", "))]
    NoIdColumn {
        /// The table.
        path: PathBuf,
        /// The columns that it has.
        found: Vec<String>,
    },
    /// A table to import without columns that it must have.
    #[error(
        "{}: no column {}. The table has: {}",
        path.display(),
        listed(lacking, "; no column "),
        found.join(", ")
    )]
    LackingColumns {
        /// The table.
        path: PathBuf,
        /// The columns that are not there.
        lacking: Vec<LackingColumn>,
        /// The columns that are.
        found: Vec<String>,
    },
    /// A word that is no split.
    #[error("unknown split `{value}`; use train, val or test")]
    UnknownSplit {
        /// The word.
        value: String,
    },
    /// A word that says nothing of what becomes of qualified makers.
    #[error("unknown way with qualified makers `{value}`; there are {}", known.join(", "))]
    UnknownQualified {
        /// The word.
        value: String,
        /// The words there are.
        known: [&'static str; 3],
    },
    /// A built-in mapping that does not exist.
    #[error("unknown source `{name}`; built in are {}", known.join(", "))]
    UnknownSource {
        /// The name asked for.
        name: String,
        /// The built-in ones.
        known: Vec<&'static str>,
    },
    /// A mapping that says nothing of `id`.
    #[error("{}: [columns] names no source for `id`", path.display())]
    MappingWithoutId {
        /// The mapping.
        path: PathBuf,
    },
    /// A mapping with a rule for a column that it does not fill.
    #[error("{}: {place} names the column `{column}`, which [columns] does not have", path.display())]
    UnmappedColumn {
        /// The mapping.
        path: PathBuf,
        /// Where it stands: `required` or `[values]`.
        place: &'static str,
        /// The column.
        column: String,
    },
    /// Nothing to import.
    #[error("no table to import")]
    NoTable,
    /// A folder that holds none of the source's tables.
    #[error("{}: {}", folder.display(), no_table(wanted, there, others))]
    NoTableInFolder {
        /// The folder.
        folder: PathBuf,
        /// The tables that the mapping looks for.
        wanted: Vec<String>,
        /// The files of records that are there.
        there: Vec<String>,
        /// The other files and folders that are there.
        others: Vec<String>,
    },
    /// A table of which hardly anything can be used.
    #[error(
        "{}: more than {most} things are wrong in its first {rows} rows, the first of them: \
         {first}; is this the right table, and its mapping the right one?",
        path.display()
    )]
    TooManyProblems {
        /// The table.
        path: PathBuf,
        /// The rows read.
        rows: usize,
        /// The most problems that are collected.
        most: usize,
        /// The first problem.
        first: String,
    },
    /// The folder of images does not exist.
    #[error("{}: there is no such folder of images", path.display())]
    NoImageFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Columns that matter are empty for all artworks, and that was not wanted.
    #[error("no artwork has a value for {}", names(lost))]
    LostColumns {
        /// The columns, and what may feed them.
        lost: Vec<LostColumn>,
    },
    /// Shares that divide nothing.
    #[error("the shares {shares:?} make no split; use for example 80,10,10")]
    Shares {
        /// Of train, validation and test.
        shares: [f64; 3],
    },
    /// A picture of statistics in a format that there is not.
    #[error("{}: the picture's name must end in .svg or .html", path.display())]
    PictureFormat {
        /// The file asked for.
        path: PathBuf,
    },
    /// A chart could not be drawn.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
}

/// A column that a table must have and has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LackingColumn {
    /// The names that would have done.
    pub wanted: Vec<String>,
    /// A column of the table that may be meant.
    pub similar: Option<String>,
}

impl fmt::Display for LackingColumn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.wanted.as_slice() {
            [one] => write!(formatter, "`{one}`")?,
            several => write!(formatter, "any of {}", several.join(", "))?,
        }
        match &self.similar {
            Some(similar) => write!(formatter, " (did you mean `{similar}`?)"),
            None => Ok(()),
        }
    }
}

fn listed(columns: &[LackingColumn], between: &str) -> String {
    let written: Vec<String> = columns.iter().map(LackingColumn::to_string).collect();
    written.join(between)
}

fn names(lost: &[LostColumn]) -> String {
    let names: Vec<&str> = lost.iter().map(|lost| lost.column.as_str()).collect();
    names.join(", ")
}

/// The first few of some names, and how many more there are.
fn some(names: &[String]) -> String {
    const MOST: usize = 8;
    let first = names[..names.len().min(MOST)].join(", ");
    match names.len().saturating_sub(MOST) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

fn no_table(wanted: &[String], there: &[String], others: &[String]) -> String {
    let wanted = match wanted {
        [] => "a folder does not say which of its files to import".to_owned(),
        _ => format!("no {} here", wanted.join(", ")),
    };
    match (there, others) {
        ([], []) => format!("{wanted}; the folder is empty"),
        ([], others) => format!(
            "{wanted}; there is no table, workbook, Parquet, JSON or XML file in it, only {}: name \
             the file itself",
            some(others)
        ),
        (there, _) => format!(
            "{wanted}; name the files themselves; here {} {}",
            if there.len() == 1 { "is" } else { "are" },
            some(there)
        ),
    }
}

impl From<artkg_records::Error> for Error {
    fn from(error: artkg_records::Error) -> Self {
        match error {
            artkg_records::Error::File(error) => Self::File(error),
            error => Self::Source(error),
        }
    }
}

/// The result of an operation on a corpus.
pub type Result<T> = std::result::Result<T, Error>;
