use std::path::PathBuf;

/// What can go wrong with graphs and embeddings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A schema that cannot be used.
    #[error("schema {origin}: {message}")]
    Schema {
        /// The schema's file, or `built in`.
        origin: String,
        /// What is wrong and how to mend it.
        message: String,
    },
    /// No artwork of the corpus was selected.
    #[error("{0}")]
    NoArtworks(String),
    /// Vectors that do not fit their artworks.
    #[error("{0}")]
    Vectors(String),
    /// The file is something else than it should be.
    #[error("{} is not {expected}", path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// What it should have been: `an artkg graph file`.
        expected: &'static str,
    },
    /// The file was written by another version of artkg.
    #[error(
        "{} has format version {found}, this artkg reads version {supported}: {advice}",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version that can be read.
        supported: u32,
        /// What to do.
        advice: &'static str,
    },
    /// The file is truncated or its content was altered.
    #[error("{} is damaged: {message}; build it again or restore a copy", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// More nodes, edges, kinds or relations than the format counts.
    #[error("too many {what}: at most {limit} fit in a graph")]
    TooMany {
        /// Nodes, edges, node kinds or relations.
        what: &'static str,
        /// The largest number allowed.
        limit: u64,
    },
    /// A name that no node has.
    #[error("no node is called `{name}`{}", suggest(suggestions))]
    UnknownName {
        /// The name asked for.
        name: String,
        /// Similar names, best first, as `kind:name`.
        suggestions: Vec<String>,
    },
    /// A name that several nodes have.
    #[error(
        "`{name}` may be any of {}; say which, for example `{}`",
        list(candidates, *total),
        candidates.first().map_or("", String::as_str)
    )]
    AmbiguousName {
        /// The name asked for.
        name: String,
        /// The first nodes it may mean, as `kind:name`.
        candidates: Vec<String>,
        /// How many nodes it may mean.
        total: usize,
    },
    /// A node kind that does not occur.
    #[error("no node kind is called `{kind}`; there are {}", known.join(", "))]
    UnknownKind {
        /// The kind asked for.
        kind: String,
        /// The kinds there are.
        known: Vec<String>,
    },
    /// An option outside its range.
    #[error("{option} is {value}: {message}")]
    Option {
        /// The option in words.
        option: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        message: &'static str,
    },
    /// An export could not be written.
    #[error("cannot export {}: {message}", path.display())]
    Export {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

/// The result of graph operations.
pub type Result<T> = std::result::Result<T, Error>;

fn suggest(suggestions: &[String]) -> String {
    match suggestions {
        [] => "; `artkg graph export --format csv` lists all".to_owned(),
        _ => format!("; did you mean {}?", list(suggestions, suggestions.len())),
    }
}

fn list(names: &[String], total: usize) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let more = total.saturating_sub(names.len());
    match quoted.as_slice() {
        [] => String::new(),
        _ if more > 0 => format!("{} and {more} more", quoted.join(", ")),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
