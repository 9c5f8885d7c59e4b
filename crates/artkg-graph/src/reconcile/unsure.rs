//! The table of what a person has to decide.

use std::collections::HashMap;
use std::path::Path;

use artkg_files::table::{TableWriter, read_cell};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::graph::KnowledgeGraph;
use crate::people::Person;
use crate::people::evidence::Evidence;
use crate::people::table::reader;

/// Why it is not sure that a node is somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// The node has another number of the same authority.
    #[serde(rename = "has another number")]
    OtherNumber,
    /// Works are from before or after their life.
    #[serde(rename = "dates disagree")]
    Dates,
    /// Works are of another school.
    #[serde(rename = "nationality disagrees")]
    Nationality,
    /// Several entries fit.
    #[serde(rename = "several fit")]
    Several,
    /// Neither dates nor nationality can be compared.
    #[serde(rename = "only the name agrees")]
    NameOnly,
}

impl Reason {
    /// The words in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::OtherNumber => "has another number",
            Self::Dates => "dates disagree",
            Self::Nationality => "nationality disagrees",
            Self::Several => "several fit",
            Self::NameOnly => "only the name agrees",
        }
    }
}

/// A node and an entry that it may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsure {
    /// The node's kind.
    pub kind: String,
    /// The node's name.
    pub node: String,
    /// How many works it made.
    pub works: usize,
    /// When they are from, separated by `|`.
    pub timeframes: String,
    /// Their schools, separated by `|`.
    pub schools: String,
    /// The candidate's identities, separated by spaces.
    pub identity: String,
    /// The candidate's name.
    pub name: String,
    /// The year of its birth.
    pub birth: Option<i32>,
    /// The year of its death.
    pub death: Option<i32>,
    /// Its nationality.
    pub nationality: String,
    /// What makes it unsure.
    pub reason: Reason,
    /// `yes`, `no`, or nothing as long as nobody has decided.
    pub answer: String,
}

impl Unsure {
    pub(super) fn new(
        graph: &KnowledgeGraph,
        node: u32,
        evidence: &Evidence,
        entry: &Person,
        reason: Reason,
    ) -> Self {
        let joined = |texts: &std::collections::BTreeSet<String>| {
            texts
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("|")
        };
        Self {
            kind: graph.nodes().kind_name(node).to_owned(),
            node: graph.nodes().name(node).to_owned(),
            works: evidence.works,
            timeframes: joined(&evidence.timeframes),
            schools: joined(&evidence.schools),
            identity: identity(entry),
            name: entry.name.clone(),
            birth: entry.birth,
            death: entry.death,
            nationality: entry.nationalities.join("|"),
            reason,
            answer: String::new(),
        }
    }
}

fn identity(entry: &Person) -> String {
    let texts: Vec<String> = entry.identities.iter().map(ToString::to_string).collect();
    texts.join(" ")
}

/// The columns of the table.
const COLUMNS: [&str; 12] = [
    "kind",
    "node",
    "works",
    "timeframes",
    "schools",
    "identity",
    "name",
    "birth",
    "death",
    "nationality",
    "reason",
    "answer",
];

/// Whether a file that begins like this is a table of [`write_unsure`].
pub fn is_unsure_table(beginning: &[u8]) -> bool {
    artkg_files::has_columns(beginning, &COLUMNS)
}

/// Writes what a person has to decide as a table; `answer` is to be filled in.
///
/// # Errors
/// A file that cannot be written.
pub fn write_unsure(path: &Path, unsure: &[Unsure]) -> Result<()> {
    artkg_files::write_atomically(path, |writer| {
        let mut table = TableWriter::new(writer);
        let year = |year: Option<i32>| year.map_or_else(String::new, |year| year.to_string());
        let rows = unsure.iter().map(|row| {
            [
                row.kind.clone(),
                row.node.clone(),
                row.works.to_string(),
                row.timeframes.clone(),
                row.schools.clone(),
                row.identity.clone(),
                row.name.clone(),
                year(row.birth),
                year(row.death),
                row.nationality.clone(),
                row.reason.name().to_owned(),
                row.answer.clone(),
            ]
        });
        let write = || {
            table.row(COLUMNS)?;
            rows.into_iter().try_for_each(|row| table.row(row))?;
            table.flush()
        };
        write().map_err(|source| artkg_files::Error::new("write", path, source).into())
    })
}

/// What a person decided in a table of [`write_unsure`].
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Whether a node is an entry: by its name and the entry's identities.
    answers: HashMap<(String, String), bool>,
    /// The kind and name of each node asked about.
    nodes: Vec<(String, String)>,
}

impl Answers {
    /// Reads a table with answers; rows without one are passed over.
    ///
    /// # Errors
    /// A file that cannot be read, another word than yes or no, two different
    /// answers to one question, a node that is two entries.
    pub fn read(path: &Path) -> Result<Self> {
        let csv = |source| Error::Csv {
            path: path.to_path_buf(),
            source,
        };
        let text = artkg_files::read_text(path)?;
        let mut table = reader(&text);
        let header = table.headers().map_err(csv)?.clone();
        let mut answers = Self::default();
        let mut decided: HashMap<String, u64> = HashMap::new();
        for (record, number) in table.records().zip(2..) {
            let record: csv::StringRecord = record.map_err(csv)?.iter().map(read_cell).collect();
            let row: Unsure = record.deserialize(Some(&header)).map_err(csv)?;
            let answer = match row.answer.trim().to_lowercase().as_str() {
                "" => continue,
                "yes" | "y" | "x" | "true" | "1" => true,
                "no" | "n" | "false" | "0" => false,
                _ => {
                    return Err(Error::Answer {
                        path: path.to_path_buf(),
                        row: number,
                        reason: format!("`{}` is neither yes nor no", row.answer),
                    });
                }
            };
            if answer && let Some(other) = decided.insert(row.node.clone(), number) {
                return Err(Error::Answer {
                    path: path.to_path_buf(),
                    row: number,
                    reason: format!("`{}` is somebody else by row {other}", row.node),
                });
            }
            answers.nodes.push((row.kind, row.node.clone()));
            answers.answers.insert((row.node, row.identity), answer);
        }
        Ok(answers)
    }

    /// Whether it was answered so that a node is, or is not, an entry.
    pub(super) fn is(&self, node: &str, entry: &Person, answer: bool) -> bool {
        let question = (node.to_owned(), identity(entry));
        self.answers.get(&question) == Some(&answer)
    }

    /// Refuses answers about nodes of a kind that are not in a graph.
    pub(super) fn check(&self, graph: &KnowledgeGraph, kind: u16) -> Result<()> {
        let name = &graph.nodes().kinds()[usize::from(kind)];
        for (of, node) in &self.nodes {
            if of == name && graph.find(name, node).is_none() {
                return Err(Error::UnknownName {
                    name: format!("{of}:{node}"),
                    suggestions: Vec::new(),
                });
            }
        }
        Ok(())
    }
}
