use std::path::Path;

use artkg_files::table::TableWriter;
use artkg_records::Unit;

use crate::error::Result;
use crate::problem::{Problem, Severity};

/// The columns of a table of problems.
const COLUMNS: [&str; 6] = ["severity", "kind", "file", "row", "column", "message"];

/// Whether a file that begins like this is a table of problems.
pub fn is_problem_table(beginning: &[u8]) -> bool {
    artkg_files::has_columns(beginning, &COLUMNS)
}

/// Writes problems as a CSV table: severity, kind, file, row, column, message.
///
/// # Errors
/// A file that cannot be written.
pub fn write_problems(path: &Path, problems: &[Problem]) -> Result<()> {
    artkg_files::write_atomically(path, |file| {
        let mut table = TableWriter::new(file);
        let write = |table: &mut TableWriter<_>| {
            table.row(COLUMNS)?;
            for problem in problems {
                table.row(row(problem))?;
            }
            table.flush()
        };
        write(&mut table).map_err(|source| artkg_files::Error::new("write", path, source).into())
    })
}

fn row(problem: &Problem) -> [String; 6] {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    [
        severity.to_owned(),
        problem.kind.label().to_owned(),
        problem.file.to_string_lossy().into_owned(),
        place(problem),
        problem.column.clone().unwrap_or_default(),
        problem.message.clone(),
    ]
}

/// The number of a row, or what is counted instead and its number.
fn place(problem: &Problem) -> String {
    match (problem.row, problem.unit) {
        (None, _) => String::new(),
        (Some(row), Unit::Row) => row.to_string(),
        (Some(number), unit) => format!("{unit} {number}"),
    }
}
