use std::path::Path;

use artkg_records::Unit;

use crate::error::{Error, Result};
use crate::problem::{Problem, Severity};

/// Writes problems as a CSV table: severity, kind, file, row, column, message.
///
/// # Errors
/// A file that cannot be written.
pub fn write_problems(path: &Path, problems: &[Problem]) -> Result<()> {
    artkg_files::write_atomically(path, |file| {
        let mut writer = csv::Writer::from_writer(file);
        writer
            .write_record(["severity", "kind", "file", "row", "column", "message"])
            .map_err(Error::csv(path))?;
        for problem in problems {
            let severity = match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            writer
                .write_record([
                    severity,
                    problem.kind.label(),
                    &problem.file.to_string_lossy(),
                    &place(problem),
                    problem.column.as_deref().unwrap_or_default(),
                    &problem.message,
                ])
                .map_err(Error::csv(path))?;
        }
        writer
            .flush()
            .map_err(|source| artkg_files::Error::new("write", path, source).into())
    })
}

/// The number of a row, or what is counted instead and its number.
fn place(problem: &Problem) -> String {
    match (problem.row, problem.unit) {
        (None, _) => String::new(),
        (Some(row), Unit::Row) => row.to_string(),
        (Some(number), unit) => format!("{unit} {number}"),
    }
}
