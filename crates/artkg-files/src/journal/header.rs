use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::difference::Difference;
use crate::error::Result;
use crate::growing::GrowingFile;

/// The first line of a journal: what it belongs to.
///
/// ```
/// # use artkg_files::journal::Header;
/// let header = Header::new("tags", 1).with("model", "a3f8").with("top", 3);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// What kind of records follow.
    journal: String,
    /// The version of these records.
    version: u32,
    /// What they are made with and from: options, inputs.
    of: BTreeMap<String, Value>,
}

/// How every header begins.
const BEGINNING: &[u8] = b"{\"journal\":\"";

/// Who began a journal.
pub(super) enum Begun {
    /// Nobody: it is empty, or not even the header was written to its end.
    Not,
    /// The same job.
    BySame,
    /// Another job.
    ByOther(Vec<Difference>),
    /// It is no journal, or one of other records.
    AsSomethingElse,
}

impl Header {
    /// The header of a journal of `kind`, whose records are of `version`.
    pub fn new(kind: &str, version: u32) -> Self {
        Self {
            journal: kind.to_owned(),
            version,
            of: BTreeMap::new(),
        }
    }

    /// The same header with an option or input. A job with another one, or without
    /// it, is another job.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.of.insert(name.to_owned(), value.into());
        self
    }

    /// What a journal of `kind` is made with and from.
    pub(super) fn options_of(self, kind: &str) -> Option<BTreeMap<String, Value>> {
        (self.journal == kind).then_some(self.of)
    }

    /// The header as a line.
    pub(super) fn line(&self) -> String {
        // Texts, numbers and maps with texts as keys: nothing here can fail.
        let text = serde_json::to_string(self).unwrap_or_default();
        text + "\n"
    }

    /// Who began `file`.
    pub(super) fn begun(&self, file: &mut GrowingFile) -> Result<Begun> {
        let beginning = file.beginning(BEGINNING.len() as u64)?;
        if !BEGINNING.starts_with(&beginning) {
            return Ok(Begun::AsSomethingElse);
        }
        let mut begun = Begun::Not;
        file.whole_lines(|_, line| {
            begun = match serde_json::from_slice::<Self>(line) {
                Ok(other) if (&other.journal, other.version) != (&self.journal, self.version) => {
                    Begun::AsSomethingElse
                }
                Ok(other) => self.compared(&other),
                Err(_) => Begun::AsSomethingElse,
            };
            false
        })?;
        Ok(begun)
    }

    fn compared(&self, other: &Self) -> Begun {
        let mut names: Vec<&String> = other.of.keys().chain(self.of.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let shown = |header: &Self, name| header.of.get(name).map(Value::to_string);
        let differences: Vec<Difference> = names
            .into_iter()
            .filter(|name| other.of.get(*name) != self.of.get(*name))
            .map(|name| Difference {
                name: name.clone(),
                was: shown(other, name),
                is: shown(self, name),
            })
            .collect();
        match differences.is_empty() {
            true => Begun::BySame,
            false => Begun::ByOther(differences),
        }
    }
}
