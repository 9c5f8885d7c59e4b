//! A source that is being read, and where our columns stand in it.

use artkg_records::Stream;

use super::columns::Column;
use crate::problem::{Problem, ProblemKind};

/// A source and which of its fields feed our columns.
pub(super) struct Source {
    pub(super) stream: Box<dyn Stream>,
    pub(super) columns: Vec<Column>,
}

impl Source {
    /// Whether columns say more of other columns' values.
    pub(super) fn has_parts(&self) -> bool {
        self.columns.iter().any(|column| column.is_part)
    }

    /// The source's name of what feeds one of our columns.
    pub(super) fn name<'a>(&'a self, column: &'a str) -> &'a str {
        self.columns
            .iter()
            .find(|known| known.name == column)
            .and_then(|known| self.stream.fields().get(*known.sources.first()?))
            .map_or(column, String::as_str)
    }

    /// A problem of the record that was read last.
    pub(super) fn problem(
        &self,
        kind: ProblemKind,
        column: Option<&str>,
        message: impl Into<String>,
    ) -> Problem {
        Problem::new(kind, self.stream.path(), message).at_place(self.stream.place(), column)
    }
}
