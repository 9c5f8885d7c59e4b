//! Columns that matter and stay empty.

use super::rows::Rows;
use crate::column_use::{LostColumn, UnusedColumn};
use crate::date::YEAR_COLUMNS;
use crate::mapping::Mapping;

/// What models learn, apart from the timeframe, which the date gives.
const COLUMNS: [&str; 4] = ["type", "author", "school", "date"];

/// The columns of [`COLUMNS`] that the mapping promises and no artwork has a
/// value of, with what may be meant.
pub(super) fn columns(rows: &Rows, mapping: &Mapping) -> Vec<LostColumn> {
    if rows.artworks.is_empty() {
        return Vec::new();
    }
    let promised = COLUMNS
        .iter()
        .filter(|column| mapping.columns.contains_key(**column));
    promised
        .filter(|column| !is_filled(rows, column))
        .map(|column| LostColumn {
            column: (*column).to_owned(),
            from: sources(rows, column),
            candidate: candidate(rows, column),
        })
        .collect()
}

fn is_filled(rows: &Rows, column: &str) -> bool {
    let filled = |name: &str| {
        rows.artworks
            .iter()
            .any(|artwork| artwork.cell(name).is_some())
    };
    let dated = || YEAR_COLUMNS.iter().any(|name| filled(name)) || filled("timeframe");
    filled(column) || column == "date" && dated()
}

/// The tables' columns that should have fed it.
fn sources(rows: &Rows, column: &str) -> Vec<String> {
    let mut sources: Vec<String> = Vec::new();
    let columns = rows.tables.iter().flat_map(|table| &table.columns);
    for source in columns
        .filter(|source| source.column == column)
        .flat_map(|own| &own.from)
    {
        if !sources.contains(source) {
            sources.push(source.clone());
        }
    }
    sources
}

/// The unused column whose name looks most like ours; of equals the fullest.
fn candidate(rows: &Rows, column: &str) -> Option<UnusedColumn> {
    let unused = rows.tables.iter().flat_map(|table| &table.unused);
    unused
        .filter(|unused| unused.filled > 0)
        .filter_map(|unused| Some((rows.usual.resemblance(column, &unused.column)?, unused)))
        .max_by(|left, right| {
            let order = left.0.total_cmp(&right.0);
            order.then_with(|| left.1.filled.cmp(&right.1.filled))
        })
        .map(|(_, unused)| unused.clone())
}
