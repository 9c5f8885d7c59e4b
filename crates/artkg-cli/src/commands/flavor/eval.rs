use std::path::PathBuf;

use artkg_files::counted;
use artkg_flavor::ClassFile;
use artkg_flavor::evaluation::{EvaluationOptions, ModelEvaluation, evaluate, evaluation_page};
use artkg_report::Page;
use clap::Args;

use super::watch::Watch;
use crate::commands::overwrite::OverwriteArgument;
use crate::globals::{CommandResult, Globals};
use crate::stdout;

/// The options of `artkg flavor eval`.
#[derive(Args)]
pub(crate) struct EvalArguments {
    /// Model file of a training run; repeat it to compare several
    #[arg(long = "model", required = true)]
    models: Vec<PathBuf>,
    /// Events: CLASS=FILE, or @LIST=FILE with a list of classes; repeated for each file
    #[arg(long = "class", required = true, value_name = "CLASS=FILE")]
    classes: Vec<ClassFile>,
    /// Report to write; `evaluation.html` beside the first model when not given
    #[arg(long, short)]
    output: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteArgument,
    /// Signal efficiency of the working points
    #[arg(long = "efficiency", value_delimiter = ',', default_values_t = [0.8, 0.5])]
    efficiencies: Vec<f64>,
    /// Skip the importance of the inputs, which takes longest
    #[arg(long)]
    no_importance: bool,
    /// Stop at the first malformed line
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(arguments: &EvalArguments, globals: &Globals) -> CommandResult {
    let report = match &arguments.output {
        Some(path) => path.clone(),
        None => arguments.models[0].with_file_name("evaluation.html"),
    };
    let events = arguments.classes.iter().flat_map(ClassFile::files);
    let models = arguments.models.iter().map(PathBuf::as_path);
    let inputs: Vec<PathBuf> = events.chain(models).map(PathBuf::from).collect();
    let overwrite = arguments.overwrite;
    overwrite.claim(&report, &inputs, Page::is_file)?;
    overwrite.claim(&report.with_extension("json"), &inputs, are_figures)?;
    let mut watch = Watch::new(globals);
    let options = EvaluationOptions {
        files: arguments.classes.clone(),
        strict: arguments.strict,
        efficiencies: arguments.efficiencies.clone(),
        importance: !arguments.no_importance,
        seed: globals.seed(),
    };
    let session = globals.session_without_stop();
    let evaluations = evaluate(&arguments.models, &options, &mut watch, &session)?;
    let page = evaluation_page(&evaluations)?.render();
    artkg_files::write_bytes(&report, page.as_bytes())?;
    let json = serde_json::to_string_pretty(&evaluations)?;
    artkg_files::write_bytes(&report.with_extension("json"), json.as_bytes())?;
    if globals.json {
        stdout::json(&evaluations)?;
    } else {
        evaluations.iter().for_each(print_model);
        outln!("report  {}", report.display());
    }
    Ok(watch.outcome())
}

/// Whether a file that begins like this holds the figures of evaluations.
fn are_figures(beginning: &[u8]) -> bool {
    let has = |key: &str| artkg_files::has_part(beginning, &format!("\n    \"{key}\": "));
    beginning.starts_with(b"[") && ["name", "model", "classes"].into_iter().all(has)
}

fn print_model(evaluation: &ModelEvaluation) {
    outln!("{} ({})", evaluation.name, evaluation.model.display());
    outln!(
        "  {}, accuracy {:.4}, loss {:.4}",
        counted(evaluation.events, "event"),
        evaluation.accuracy,
        evaluation.loss
    );
    for class in &evaluation.class_metrics {
        let (auc, recall) = (class.auc, 100.0 * class.recall);
        // Without events of a class there is nothing to find.
        let found = match recall.is_nan() {
            true => "no events".to_owned(),
            false => format!("AUC {auc:.4}  found {recall:.1} %"),
        };
        let precision = match class.precision.is_nan() {
            true => "never given".to_owned(),
            false => format!("precision {:.1} %", 100.0 * class.precision),
        };
        outln!("  {:<6} {found}  {precision}", class.class);
    }
    for point in &evaluation.working_points {
        outln!(
            "  {:<6} passing at {:.0} % {:<6} {:.4} ± {:.4}",
            point.background,
            100.0 * point.signal_efficiency,
            point.signal,
            point.background_efficiency,
            point.error
        );
    }
    if let Some(most) = evaluation.importances.first() {
        outln!(
            "  most important: {} (loss grows by {:.3} without)",
            most.inputs,
            most.loss_growth
        );
    }
}
