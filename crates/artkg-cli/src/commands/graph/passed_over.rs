//! Rows of tables that could not be used.

use std::path::Path;

use artkg_files::counted;

use crate::globals::Outcome;

/// How many rows are named.
const LISTED: usize = 10;

/// Names the first of these rows, given as table, row and reason, and counts the others.
pub(super) fn say<'a>(
    mut rows: impl ExactSizeIterator<Item = (&'a Path, u64, &'a str)>,
) -> Outcome {
    if rows.len() == 0 {
        return Outcome::Success;
    }
    for (path, row, reason) in rows.by_ref().take(LISTED) {
        let path = path.display();
        errln!("error: {path}, row {row}: {reason}; it was passed over");
    }
    if rows.len() > 0 {
        errln!("error: passed over: {}", counted(rows.len(), "more row"));
    }
    Outcome::SomeFailed
}
