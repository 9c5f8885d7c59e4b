use std::path::PathBuf;

/// What can go wrong in reading tags and in writing them in other formats.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// Tags that cannot be written.
    #[error(transparent)]
    Tags(#[from] artkg_tag::Error),
    /// A word that names no format.
    #[error("`{word}` is no format of tags; there are {}", .known.join(", "))]
    UnknownFormat {
        /// The word.
        word: String,
        /// The names that there are.
        known: Vec<&'static str>,
    },
    /// A file whose ending says no format.
    #[error("{}: its ending says no format of tags", .0.display())]
    NoFormat(PathBuf),
    /// A format that this program was built without.
    #[error("this program was built without {0}")]
    NotBuilt(&'static str),
    /// A format that tags cannot be read from.
    #[error(
        "{}: tags are read from .csv, .jsonl and .parquet; the other formats do not hold all of \
         what a tag is",
        .0.display()
    )]
    NotRead(PathBuf),
    /// A tag file without the origin of its tags.
    #[error(
        "{} says nothing of the model that gave its tags, for {} is not there or does not say it",
        .path.display(),
        .origin.display()
    )]
    NoOrigin {
        /// The tag file.
        path: PathBuf,
        /// Where the origin should be.
        origin: PathBuf,
    },
    /// A tag file with a row that is none.
    #[error("{}, row {row}: {fault}", .path.display())]
    Row {
        /// The tag file.
        path: PathBuf,
        /// Its row, counted from 1, with the header or the origin.
        row: usize,
        /// What is wrong with it.
        fault: RowFault,
    },
    /// A table of addresses that lacks a column.
    #[error("{}: there is no column `{column}`", .path.display())]
    NoColumn {
        /// The table.
        path: PathBuf,
        /// The name that a column must have.
        column: &'static str,
    },
    /// A layout of columns that is none.
    #[error("{}: this is no layout of columns", .path.display())]
    Layout {
        /// The layout, or the name of a built-in one.
        path: PathBuf,
        /// Why.
        #[source]
        source: toml::de::Error,
    },
    /// A layout that asks for what there is not.
    #[error("the layout {layout} asks for {{{word}}}, which is nothing; there are {}", .known.join(", "))]
    LayoutWord {
        /// The layout.
        layout: String,
        /// What it asks for.
        word: String,
        /// What it may ask for.
        known: Vec<String>,
    },
    /// A name that no layout has.
    #[error("there is no layout {name} and no such file; there are {}", .known.join(", "))]
    NoLayout {
        /// The name.
        name: String,
        /// The names of the layouts that are built in.
        known: Vec<String>,
    },
    /// Annotations without the canvases that they are about.
    #[error("annotations are about the canvases of a manifest, and none was given")]
    NoManifest,
    /// A manifest that is none.
    #[error("{}: this is no IIIF manifest: {reason}", .path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is missing.
        reason: &'static str,
    },
    /// A manifest that is no JSON.
    #[error("{}: this is no JSON", .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

/// What is wrong with a row of a tag file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowFault {
    /// It is no JSON record of an image.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It is no row of CSV.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// A cell that should be a number from 0 to 1.
    #[error("`{cell}` in {column} is no number from 0 to 1")]
    Confidence {
        /// The column.
        column: String,
        /// What is there.
        cell: String,
    },
    /// A word that says nothing of a review.
    #[error("`{0}` in review is neither none nor seen")]
    Review(String),
    /// A column that has another type than we write.
    #[error("{0} has another type than tags have")]
    Type(String),
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
