use std::fmt;
use std::path::PathBuf;

use artkg_files::counted;

use crate::damage::Damage;
use crate::schema_fault::SchemaFault;

/// What can go wrong with graphs and embeddings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A file of this crate's own could not be read.
    #[error("{source}")]
    Unreadable {
        /// What the file should have been.
        kind: FileKind,
        /// What was tried, on which path, and what the system said.
        source: artkg_files::Error,
    },
    /// A schema that cannot be used.
    #[error("schema {origin}: {fault}")]
    Schema {
        /// The schema's file, or `built in`.
        origin: String,
        /// What is wrong.
        fault: Box<SchemaFault>,
    },
    /// No artwork of the corpus has one of the splits asked for.
    #[error(
        "corpus `{corpus}` has no artwork of the split {}{}",
        splits.join(", "),
        why_none(*artworks, *unsplit)
    )]
    NoArtworks {
        /// The corpus' name.
        corpus: String,
        /// The splits asked for, as people write them.
        splits: Vec<String>,
        /// How many artworks the corpus has.
        artworks: usize,
        /// How many of these have no split.
        unsplit: usize,
    },
    /// Two artworks of the corpus have one id.
    #[error("two artworks have the id `{id}`")]
    RepeatedId {
        /// The id.
        id: String,
    },
    /// No artwork has a text to make a vector of.
    #[error(
        "no artwork of the split {} of corpus `{corpus}` has a text to make a vector of ({texts})",
        splits.join(", ")
    )]
    NoTexts {
        /// The corpus' name.
        corpus: String,
        /// The splits asked for, as people write them.
        splits: Vec<String>,
        /// The texts asked for: columns, or captions and what made them.
        texts: String,
    },
    /// An artwork with a second vector, or one that is too long or short.
    #[error("artwork `{id}` has two vectors, or one of {numbers} numbers instead of {dimension}")]
    Vector {
        /// The artwork's id.
        id: String,
        /// How many numbers its vector has.
        numbers: usize,
        /// How many it should have.
        dimension: usize,
    },
    /// The file is something else than it should be.
    #[error("{} is not {expected}", path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// What it should have been.
        expected: FileKind,
    },
    /// The file was written by another version of artkg.
    #[error(
        "{} has format version {found}, this artkg reads version {supported}",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: FileKind,
        /// Its version.
        found: u32,
        /// The version that can be read.
        supported: u32,
    },
    /// The file is truncated or its content was altered.
    #[error("{} is damaged: {damage}; restore a copy or make it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: FileKind,
        /// What is wrong.
        damage: Damage,
    },
    /// More nodes, edges, kinds or relations than the format counts.
    #[error("too many {what}: at most {limit} fit in a graph")]
    TooMany {
        /// Nodes, edges, node kinds or relations.
        what: &'static str,
        /// The largest number allowed.
        limit: u64,
    },
    /// A table that is no valid CSV.
    #[error("{}: {source}", path.display())]
    Csv {
        /// The table.
        path: PathBuf,
        /// What the reader or writer said.
        source: csv::Error,
    },
    /// A table of an authority file without names or without identities.
    #[error(
        "{}: an authority file needs a column `name` and one of identities, `id`, `ulan`, \
         `wikidata`…; it has {}",
        path.display(),
        found.join(", ")
    )]
    AuthorityColumns {
        /// The table.
        path: PathBuf,
        /// The columns that it has.
        found: Vec<String>,
    },
    /// The schema says nothing of facts.
    #[error("the schema has no [facts], so a table of facts says nothing")]
    NoFacts,
    /// A table of facts without people.
    #[error(
        "{} has no column with names (name, artist, title) or keys ({}); it has {}",
        path.display(),
        keys.join(", "),
        found.join(", ")
    )]
    FactsColumns {
        /// The table.
        path: PathBuf,
        /// The columns that may hold keys.
        keys: Vec<String>,
        /// The columns that it has.
        found: Vec<String>,
    },
    /// A person's answer that cannot be followed.
    #[error("{}, row {row}: {reason}", path.display())]
    Answer {
        /// The table of answers.
        path: PathBuf,
        /// The row.
        row: u64,
        /// What is wrong.
        reason: String,
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
    /// An export format that does not exist.
    #[error("unknown format `{format}`; there are {}", known.join(", "))]
    UnknownFormat {
        /// The format asked for.
        format: String,
        /// The formats there are.
        known: Vec<&'static str>,
    },
    /// An option outside its range.
    #[error("{option} is {value}: {allowed}")]
    Option {
        /// The option in words.
        option: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        allowed: &'static str,
    },
    /// A graph without edges teaches nothing.
    #[error("the graph has {} without edges: {method} need edges", counted(*.nodes, "node"))]
    NoEdges {
        /// How many nodes it has.
        nodes: usize,
        /// What was to learn from it.
        method: &'static str,
    },
    /// Learning left the numbers that a computer has.
    #[error(
        "training diverges with the learning rate {learning_rate}: use a smaller one{}",
        if *negatives { ", or fewer negatives" } else { "" }
    )]
    Diverged {
        /// The learning rate.
        learning_rate: f32,
        /// Whether fewer negatives help, too.
        negatives: bool,
    },
    /// A table of nodes and one of edges need a folder.
    #[error("cannot export {}: CSV makes two files, but this is one: name a folder", path.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// A header could not be written as JSON.
    #[error("cannot write {}: {source}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Tensors could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Tensors {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<safetensors::SafeTensorError>,
    },
}

/// The result of graph operations.
pub type Result<T> = std::result::Result<T, Error>;

/// The kinds of files of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A knowledge graph.
    Graph,
    /// Vectors of its nodes.
    Embeddings,
}

impl fmt::Display for FileKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Graph => "an artkg graph file",
            Self::Embeddings => "a file of node embeddings",
        })
    }
}

fn why_none(artworks: usize, unsplit: usize) -> String {
    match (artworks, unsplit) {
        (0, _) => ": it has no artworks at all".to_owned(),
        (_, 0) => String::new(),
        _ => format!(": {unsplit} of its {artworks} artworks have no split"),
    }
}

fn suggest(suggestions: &[String]) -> String {
    match suggestions {
        [] => String::new(),
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
