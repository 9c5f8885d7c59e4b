//! What to say of a record that cannot be used.

use artkg_records::Fault;

use crate::problem::ProblemKind;

/// The kind of the problem, and what to say of it.
pub(super) fn message(fault: &Fault) -> (ProblemKind, String) {
    match fault {
        Fault::CellCount {
            cells,
            expected,
            line_breaks,
        } => {
            let hint = match line_breaks {
                0 => String::new(),
                breaks => format!(" (it spans {} lines: is a quote not closed?)", breaks + 1),
            };
            let message = format!(
                "{cells} cells where the header has {expected}{hint}; the row was left out"
            );
            (ProblemKind::WrongCellCount, message)
        }
        Fault::UnclosedQuote { lines, .. } => {
            let lines = match lines {
                0 => String::new(),
                1 => ", so that the line after it was taken for a part of it".to_owned(),
                lines => {
                    format!(", so that the {lines} lines after it were taken for a part of it")
                }
            };
            let message =
                format!("a quote in this cell is not closed{lines}; the row was left out");
            (ProblemKind::UnclosedQuote, message)
        }
        Fault::Malformed { reason } => {
            let message = format!("{reason}; the record was left out");
            (ProblemKind::MalformedRecord, message)
        }
    }
}
