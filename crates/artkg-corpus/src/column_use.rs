//! Which columns of a source feed a corpus.

use serde::Serialize;

/// Where one of our columns came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnSource {
    /// Our column.
    pub column: String,
    /// The table's columns that feed it, in the order in which they are tried;
    /// none where the table has none.
    pub from: Vec<String>,
    /// How many artworks have a value.
    pub filled: usize,
}

/// A column of a table that feeds none of [`crate::COLUMNS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnusedColumn {
    /// Its name.
    pub column: String,
    /// How many rows have a value.
    pub filled: usize,
    /// The further column that it is kept in, if any.
    pub kept_as: Option<String>,
}

/// A column that matters and is empty for all artworks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LostColumn {
    /// Our column: type, author, school or date.
    pub column: String,
    /// The columns of the tables that should have fed it and are empty.
    pub from: Vec<String>,
    /// An unused column that looks like it.
    pub candidate: Option<UnusedColumn>,
}
