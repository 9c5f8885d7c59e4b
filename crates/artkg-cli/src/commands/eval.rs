//! `artkg eval`.

use std::path::{Path, PathBuf};

use artkg_captions::CaptionSource;
use artkg_corpus::{Corpus, Split};
use artkg_evaluate::{ConsistencyMetrics, Evaluation, evaluate, evaluation_page};
use artkg_files::counted;
use artkg_model::{Predictor, StoredModel};
use artkg_report::Page;
use artkg_session::Session;
use clap::Args;

use crate::commands::consistency::ConsistencyArgument;
use crate::commands::model_notes::note_model;
use crate::commands::overwrite::OverwriteArgument;
use crate::commands::precision::MeasuredPrecisionArgument;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::here;
use crate::stdout;

/// The options of `artkg eval`.
#[derive(Args)]
pub(crate) struct EvalArguments {
    /// Model file of a training run
    #[arg(long)]
    model: PathBuf,
    /// Corpus folder; the one here or the only one below when not given
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Split to measure on: train, val or test
    #[arg(long, default_value = "test")]
    split: Split,
    /// Captions file, or corpus for the corpus's own captions, for a model that reads captions
    #[arg(long)]
    captions: Option<CaptionSource>,
    /// Report to write; `evaluation.html` beside the model when not given
    #[arg(long, short)]
    output: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteArgument,
    /// Images that go through the network together
    #[arg(long, default_value_t = 16)]
    batch_size: usize,
    #[command(flatten)]
    consistency: ConsistencyArgument,
    #[command(flatten)]
    precision: MeasuredPrecisionArgument,
}

pub(crate) fn run(arguments: EvalArguments, globals: &Globals) -> CommandResult {
    let stored = StoredModel::load(&arguments.model, &globals.device)?;
    let corpus = Corpus::open(&here::corpus(arguments.corpus.as_deref(), globals)?)?;
    let pictures = corpus.split(arguments.split);
    let pictures = pictures.filter(|artwork| artwork.image.is_some()).count();
    let precision = arguments.precision;
    let predictor = precision.predictor(&stored, pictures, None, globals)?;
    let mut predictor = arguments.consistency.applied(predictor)?;
    note_model(&arguments.model, &predictor, globals);
    if let Some(source) = &arguments.captions {
        predictor = predictor.with_captions(&source.read(&corpus)?)?;
    }
    let report = match &arguments.output {
        Some(path) => path.clone(),
        None => arguments.model.with_file_name("evaluation.html"),
    };
    arguments.claim_outputs(&report, &corpus)?;
    let evaluation = measure(
        &predictor,
        &corpus,
        arguments.split,
        arguments.batch_size,
        &report,
        &globals.session()?,
    )?;
    let Some(evaluation) = evaluation else {
        globals.note("stopped; nothing was written");
        return Ok(Outcome::SomeFailed);
    };
    if globals.json {
        stdout::json(&evaluation)?;
    } else {
        print_table(&evaluation);
        outln!("report  {}", report.display());
    }
    let is_measured = say_what_is_not_shared(&evaluation);
    Ok(if evaluation.failures.is_empty() && is_measured {
        Outcome::Success
    } else {
        Outcome::SomeFailed
    })
}

impl EvalArguments {
    /// Refuses outputs that would replace what is not theirs.
    fn claim_outputs(&self, report: &Path, corpus: &Corpus) -> artkg_files::Result<()> {
        let captions = match &self.captions {
            Some(CaptionSource::File(path)) => Some(path.clone()),
            _ => None,
        };
        let model = Some(self.model.clone());
        let inputs: Vec<PathBuf> = corpus.files().chain(model).chain(captions).collect();
        self.overwrite.claim(report, &inputs, Page::is_file)?;
        let figures = report.with_extension("json");
        self.overwrite.claim(&figures, &inputs, are_figures)
    }
}

/// Whether a file that begins like this holds the figures of an evaluation.
fn are_figures(beginning: &[u8]) -> bool {
    let has = |key: &str| artkg_files::has_part(beginning, &format!("\n  \"{key}\": "));
    beginning.starts_with(b"{") && ["corpus", "synthetic", "split"].into_iter().all(has)
}

/// Names the tasks that say little or nothing, because the values of this corpus are
/// not the classes of the model. Whether every task says something.
fn say_what_is_not_shared(evaluation: &Evaluation) -> bool {
    /// The share of artworks with a class from which on figures need no warning.
    const ENOUGH: f64 = 0.1;
    let learned_from = &evaluation.model.provenance.data.name;
    let mut is_measured = true;
    for one in &evaluation.shared {
        let example = one.foreign.as_deref().unwrap_or_default();
        if one.artworks == 0 {
            errln!("{}: not measured: no artwork has a value", one.task);
            is_measured = false;
        } else if one.is_nothing() {
            errln!(
                "{}: not measured: of {}, such as `{example}`, none is a class of the model, which \
                 learned from {learned_from}",
                one.task,
                counted(one.values, "value")
            );
            is_measured = false;
        } else if (one.covered as f64) < ENOUGH * one.artworks as f64 {
            errln!(
                "{}: the figures say little: a class of the model is the value of {} of {} only, {} \
                 of {}",
                one.task,
                one.covered,
                counted(one.artworks, "artwork"),
                one.shared,
                counted(one.values, "value")
            );
        }
    }
    is_measured
}

/// Evaluates, and writes the report as HTML and the figures as JSON beside it. `None`
/// when that was interrupted.
pub(crate) fn measure(
    predictor: &Predictor,
    corpus: &Corpus,
    split: Split,
    batch_size: usize,
    report: &Path,
    session: &Session,
) -> Result<Option<Evaluation>, Box<dyn std::error::Error>> {
    let evaluation = evaluate(predictor, corpus, split, batch_size.max(1), session)?;
    let Some(evaluation) = evaluation else {
        return Ok(None);
    };
    artkg_files::write_bytes(report, evaluation_page(&evaluation)?.render().as_bytes())?;
    let json = serde_json::to_vec_pretty(&evaluation)?;
    artkg_files::write_bytes(&report.with_extension("json"), &json)?;
    Ok(Some(evaluation))
}

/// Prints the accuracies, one line a task.
pub(crate) fn print_table(evaluation: &Evaluation) {
    outln!(
        "{} of the {} split of {}{}",
        counted(evaluation.images, "image"),
        evaluation.split,
        evaluation.corpus,
        if evaluation.synthetic {
            " (synthetic)"
        } else {
            ""
        }
    );
    outln!(
        "{:<10} {:>8} {:>9} {:>8} {:>9} {:>14} {:>7} {:>7} {:>7}",
        "task",
        "classes",
        "accuracy",
        "top 5",
        "macro F1",
        "largest class",
        "ECE",
        "raw",
        "AURC"
    );
    for task in &evaluation.tasks {
        if task.examples == 0 {
            let (name, classes) = (task.attribute.name(), task.classes.len());
            outln!("{name:<10} {classes:>8} {:>9}  no artwork has a value", "–");
            continue;
        }
        out!(
            "{:<10} {:>8} {:>8.1}% {:>7.1}% {:>8.1}% {:>13.1}%",
            task.attribute.name(),
            task.classes.len(),
            100.0 * task.accuracy,
            100.0 * task.top5,
            100.0 * task.macro_f1,
            100.0 * task.majority
        );
        match &task.confidence {
            Some(metrics) => outln!(
                " {:>6.1}% {:>6.1}% {:>7.3}",
                100.0 * metrics.reliability.calibration_error,
                100.0 * metrics.uncalibrated.calibration_error,
                metrics.selection.area
            ),
            None => outln!(),
        }
    }
    outln!(
        "{:<10} {:>8} {:>8.1}%",
        "mean",
        "",
        100.0 * evaluation.mean_accuracy
    );
    if let Some(consistency) = &evaluation.consistency {
        print_consistency(consistency, evaluation);
    }
}

/// Prints what choosing the tags jointly did.
fn print_consistency(consistency: &ConsistencyMetrics, evaluation: &Evaluation) {
    outln!();
    outln!(
        "chosen jointly (strength {:.2}); for comparison",
        consistency.strength
    );
    outln!(
        "{:<10} {:>16} {:>19} {:>22}",
        "accuracy",
        "each head alone",
        "by joint marginals",
        "jointly most probable"
    );
    for (task, accuracies) in evaluation.tasks.iter().zip(&consistency.tasks) {
        outln!(
            "{:<10} {:>15.1}% {:>18.1}% {:>21.1}%",
            task.attribute.name(),
            100.0 * accuracies.alone,
            100.0 * accuracies.marginal,
            100.0 * accuracies.together
        );
    }
    outln!(
        "{:<10} {:>15.1}% {:>19} {:>21.1}%",
        "all right",
        100.0 * consistency.all_right_alone,
        "",
        100.0 * consistency.all_right_together
    );
    outln!(
        "{:<10} {:>15.1}% {:>19} {:>21.1}%",
        "conflicts",
        100.0 * consistency.conflicts_alone,
        "",
        100.0 * consistency.conflicts_together
    );
}
