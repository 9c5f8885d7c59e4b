//! How problems of a corpus are shown.

use std::collections::BTreeMap;

use artkg_corpus::{Problem, ProblemKind, Severity};

use crate::globals::Outcome;

/// Prints problems by kind, errors first, with the number of each kind.
pub(super) fn print_problems(problems: &[Problem], most: Option<usize>) {
    let mut kinds: BTreeMap<_, Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        kinds
            .entry((problem.severity, problem.kind))
            .or_default()
            .push(problem);
    }
    for ((severity, kind), problems) in kinds {
        let severity = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        outln!("{severity}: {} ({})", kind.label(), problems.len());
        let shown = most.unwrap_or(problems.len());
        for problem in problems.iter().take(shown) {
            outln!("  {problem}");
        }
        if problems.len() > shown {
            outln!(
                "  … {} more; `--problems FILE.csv` writes all",
                problems.len() - shown
            );
        }
        if let Some(option) = option_for(kind) {
            outln!("  {option}");
        }
    }
}

/// The option that helps with problems of a kind.
fn option_for(kind: ProblemKind) -> Option<&'static str> {
    match kind {
        ProblemKind::BadEncoding | ProblemKind::GuessedEncoding => {
            Some("`--encoding` of `artkg corpus import` names the encoding of a table")
        }
        ProblemKind::UnclosedQuote => {
            Some("if the table never quotes cells, a `--mapping` with `quoting = false` reads it")
        }
        _ => None,
    }
}

/// Whether there are errors among the problems.
pub(super) fn outcome(problems: &[Problem]) -> Outcome {
    if problems
        .iter()
        .any(|problem| problem.severity == Severity::Error)
    {
        Outcome::SomeFailed
    } else {
        Outcome::Success
    }
}
