use std::time::{Duration, Instant};

use artkg_corpus::Corpus;
use artkg_model::{MODEL_FILE, StoredModel};
use artkg_session::Session;

use crate::comparison::Comparison;
use crate::error::{Error, Result};
use crate::maps::{Map, maps};
use crate::one_run::OneRun;
use crate::result::RunResult;
use crate::row::Row;
use crate::summary::Summary;

/// The result of a comparison.
#[derive(Debug)]
pub struct ComparisonReport {
    /// The finished runs, those of earlier sessions included: row by row, by seed.
    pub results: Vec<RunResult>,
    /// Rows that could not be run, and why.
    pub failures: Vec<(Row, Error)>,
    /// Runs that the stop flag or the budget left for another time.
    pub left: usize,
    /// Maps of the reference row and of the best context by validation.
    pub maps: Vec<Map>,
}

/// Trains and measures the runs that are missing in the comparison's folder, the
/// first seed of all rows before the second. Finished runs are taken as they are. The
/// session's observer is told of runs that begin and rows that cannot be run.
///
/// # Errors
/// When the folder holds runs of other settings or cannot be written. A row that
/// cannot be run is no error.
pub fn compare(comparison: &Comparison, session: &Session) -> Result<ComparisonReport> {
    let started = Instant::now();
    let corpus = Corpus::open(&comparison.base.corpus)?;
    let rows = with_sources(&comparison.rows);
    let mut report = ComparisonReport {
        results: Vec::new(),
        failures: Vec::new(),
        left: 0,
        maps: Vec::new(),
    };
    for seed in (comparison.base.training.seed..).take(comparison.seeds as usize) {
        for &row in &rows {
            if report.failures.iter().any(|(failed, _)| *failed == row) {
                continue;
            }
            let one = OneRun {
                comparison,
                corpus: &corpus,
                row,
                seed,
            };
            if let Some(result) = one.finished()? {
                report.results.push(result);
                continue;
            }
            let over = |budget: Duration| started.elapsed() > budget;
            if session.is_stopped() || comparison.budget.is_some_and(over) {
                report.left += 1;
                continue;
            }
            session.message(&format!("== {row}, seed {seed}"));
            match one.run(session) {
                Ok(Some(result)) => report.results.push(result),
                Ok(None) => report.left += 1,
                Err(error) => {
                    session.message(&format!("== {row} cannot be run: {error}"));
                    report.failures.push((row, error));
                }
            }
        }
    }
    let place = |result: &RunResult| rows.iter().position(|row| *row == result.row);
    report
        .results
        .sort_by_key(|result| (place(result), result.seed));
    report.maps = chosen_maps(comparison, &corpus, &report.results, session)?;
    Ok(report)
}

/// Maps of the rows that a reader compares: the reference and the best context.
fn chosen_maps(
    comparison: &Comparison,
    corpus: &Corpus,
    results: &[RunResult],
    session: &Session,
) -> Result<Vec<Map>> {
    let summary = Summary::new(results, corpus);
    let rows = summary
        .reference()
        .into_iter()
        .chain(summary.best_context());
    let mut runs: Vec<&RunResult> = rows.filter_map(|row| row.runs.first().copied()).collect();
    runs.dedup_by_key(|run| run.row);
    let mut all = Vec::new();
    for run in runs {
        let one = OneRun {
            comparison,
            corpus,
            row: run.row,
            seed: run.seed,
        };
        let model = one.folder_of(run.row).join(MODEL_FILE);
        // Networks of their own for each task have no common space.
        if session.is_stopped() || !model.exists() {
            continue;
        }
        let captions = one.captions(&run.config)?;
        let stored = StoredModel::load(&model, session.device())?;
        session.vouch(&model, stored.checksum.as_ref());
        let captions = captions.as_ref();
        all.extend(maps(
            run.row,
            &stored,
            &run.config,
            corpus,
            captions,
            session,
        )?);
    }
    Ok(all)
}

/// The rows, each once, after the one that it learns from.
fn with_sources(rows: &[Row]) -> Vec<Row> {
    let mut all: Vec<Row> = Vec::new();
    for &row in rows {
        for row in row.source().into_iter().chain([row]) {
            if !all.contains(&row) {
                all.push(row);
            }
        }
    }
    all
}
