//! `artkg train`.

mod art_default;
mod choices;
mod optimisation;
mod settings;

use std::path::{Path, PathBuf};

use artkg_art::{ArtConfig, System};
use artkg_model::{ContextUse, Mode};
use artkg_train::{Outcome as TrainingOutcome, RunOptions, RunReport};
use clap::Args;

use crate::defaults::with_default;
use crate::given::set;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

pub(crate) use settings::SettingsArguments;

/// The options of `artkg train`.
#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct TrainArguments {
    /// Run folder for checkpoints, records and the model
    #[arg(long, short, default_value = "runs/latest")]
    output: PathBuf,
    /// Continue the run in the run folder exactly where it stopped
    #[arg(long)]
    resume: bool,
    #[arg(long, help = with_default(
        "System to train: pretrained, finetune, attributes, captions, mtl or kgm",
        Mode::default(),
    ))]
    mode: Option<Mode>,
    #[arg(long, help = with_default(
        "What the graph does besides the loss, for kgm: regress (nothing, as in the paper), or a list of fuse, prototypes and joint",
        ContextUse::default(),
    ), value_delimiter = ',')]
    context: Vec<ContextUse>,
    /// Model file of a fine-tuned classifier, or the folder of a finetune run, for attributes; can
    /// be repeated
    #[arg(long, value_name = "MODEL")]
    attributes: Vec<PathBuf>,
    #[command(flatten)]
    settings: SettingsArguments,
}

pub(crate) fn run(arguments: TrainArguments, globals: &Globals) -> CommandResult {
    let config = arguments.settings(globals)?;
    let session = globals.training_session("images")?;
    let options = RunOptions {
        folder: &arguments.output,
        resume: arguments.resume,
        session: &session,
    };
    let reports = if config.system == System::Finetune && config.tasks.len() > 1 {
        artkg_art::train_each_task(&config, options)?
            .into_iter()
            .map(|(task, report)| (arguments.output.join(task.name()), report))
            .collect()
    } else {
        vec![(
            arguments.output.clone(),
            artkg_art::train(&config, options)?,
        )]
    };
    let left_out = session.left_out_count();
    let results: Vec<serde_json::Value> = reports
        .iter()
        .filter_map(|(folder, report)| describe(folder, report, globals))
        .collect();
    if results.len() < reports.len() {
        globals.note(format!(
            "stopped and saved; continue with the same command and --resume ({})",
            arguments.output.display()
        ));
        return Ok(Outcome::SomeFailed);
    }
    if globals.json {
        match results.as_slice() {
            [result] => stdout::json_line(&result)?,
            _ => stdout::json_line(&results)?,
        }
    }
    Ok(globals.outcome(left_out))
}

/// Prints how a run ended, and gives the same for machines; `None` when it was
/// stopped.
fn describe(folder: &Path, report: &RunReport, globals: &Globals) -> Option<serde_json::Value> {
    let model = report.model.as_ref()?;
    let summary = report.training.as_ref();
    if summary.is_some_and(|summary| summary.outcome == TrainingOutcome::StoppedEarly) {
        globals.note("stopped early: the validation accuracy no longer grew");
    }
    let best = summary.and_then(|summary| summary.best);
    let page = folder.join("report.html");
    if !globals.json {
        if let Some((epoch, accuracy)) = best {
            let accuracy = 100.0 * accuracy;
            outln!("best validation accuracy {accuracy:.1} % (epoch {epoch})");
        }
        outln!("model   {}", model.display());
        outln!("report  {}", page.display());
    }
    Some(serde_json::json!({
        "model": model,
        "report": page,
        "epochs": summary.map(|summary| summary.epochs),
        "best_epoch": best.map(|(epoch, _)| epoch),
        "best_validation_accuracy": best.map(|(_, accuracy)| accuracy),
    }))
}

impl TrainArguments {
    fn settings(&self, globals: &Globals) -> Result<ArtConfig, Box<dyn std::error::Error>> {
        let stored = self.output.join("config.toml");
        let stored = (self.resume && stored.exists()).then_some(stored);
        let mut settings = self.settings.read(stored.as_deref(), globals)?;
        set(&mut settings.mode, &self.mode);
        let of_system = self.settings.check_system(settings.mode);
        of_system.map_err(artkg_art::Error::from)?;
        if !self.context.is_empty() {
            settings.context = Some(ContextUse::together(&self.context)?);
        }
        if !self.attributes.is_empty() {
            let models = self.attributes.iter();
            settings.attributes = models
                .flat_map(|path| artkg_model::model_files(path))
                .collect();
        }
        if stored.is_none() && !self.resume && !self.settings.has_config() {
            choices::choose_weights(&mut settings, globals);
            choices::choose_embeddings(&mut settings, globals)?;
        }
        Ok(settings.try_into().map_err(artkg_art::Error::from)?)
    }
}
