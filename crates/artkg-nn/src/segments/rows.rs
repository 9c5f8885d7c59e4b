use artkg_kernels::Segments;

use crate::error::{Error, Result};

/// Refuses another number of rows than the sets have.
pub(super) fn check_rows(segments: &Segments, rows: usize, operation: &str) -> Result<()> {
    match rows == segments.rows() {
        true => Ok(()),
        false => Err(Error::Argument(format!(
            "{operation}: the sets have {} rows, the tensor {rows}",
            segments.rows()
        ))),
    }
}
