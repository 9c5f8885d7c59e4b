//! `artkg tag`.

use std::path::{Path, PathBuf};

use artkg_files::fingerprint::Fingerprint;
use artkg_model::Predictor;
use artkg_nn::Precision;
use artkg_session::Session;
use artkg_tag::{
    Abstention, Output, Problem, Summary, TagJob, TagOptions, TaskValue, find_images, read_list,
    tag_images,
};
use artkg_text::Captions;
use clap::Args;

use crate::commands::consistency::ConsistencyArgument;
use crate::commands::precision::PrecisionArgument;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// The options of `artkg tag`.
#[derive(Args)]
pub(crate) struct TagArguments {
    /// Image files and folders, searched recursively
    #[arg(required_unless_present = "list")]
    images: Vec<PathBuf>,
    /// Model file of a training run
    #[arg(long)]
    model: PathBuf,
    /// Tag file to write, ending in .csv or .jsonl
    #[arg(long, short, default_value = "tags.csv")]
    output: PathBuf,
    /// Text file with one image path per line
    #[arg(long)]
    list: Option<PathBuf>,
    /// Captions file of the images, for a model that reads captions; its ids are the images' names
    /// without extension
    #[arg(long)]
    captions: Option<PathBuf>,
    /// Classes to write for each task, the most probable first
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    top: u16,
    /// Lowest confidence to give a tag, such as 0.8, or author=0.9 for one task; tags below it are
    /// left empty
    #[arg(long, value_name = "CONFIDENCE")]
    abstain: Vec<TaskValue>,
    /// Share of the given tags that may be wrong, such as 0.1, or author=0.05 for one task; the
    /// confidence needed for this is read off the validation works
    #[arg(long, value_name = "SHARE")]
    abstain_risk: Vec<TaskValue>,
    #[command(flatten)]
    consistency: ConsistencyArgument,
    /// Replace an existing tag file once the new one is finished
    #[arg(long)]
    overwrite: bool,
    /// Images that go through the network together
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    batch_size: u16,
    /// Memory that decoding one image may use, in megabytes
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..))]
    memory_limit: u32,
    #[command(flatten)]
    precision: PrecisionArgument,
}

pub(crate) fn run(arguments: TagArguments, globals: &Globals) -> CommandResult {
    let mut paths = arguments.images.clone();
    if let Some(list) = &arguments.list {
        paths.extend(read_list(list)?);
    }
    let inputs = find_images(&paths);
    for problem in &inputs.problems {
        errln!("left out: {problem}");
    }
    if inputs.images.is_empty() {
        return Err("there is no image to tag".into());
    }
    let mut model = LoadedModel::open(
        &arguments.model,
        arguments.precision.chosen(globals),
        arguments.consistency,
    )?;
    if let Some(path) = &arguments.captions {
        model.predictor = model.predictor.with_captions(&Captions::read(path)?)?;
        let hash = artkg_image::content_hash(&artkg_files::read_bytes(path)?);
        model.option("captions", hash);
    }
    let abstention = Abstention {
        confidences: arguments.abstain.clone(),
        risks: arguments.abstain_risk.clone(),
    };
    let thresholds = abstention.thresholds(&model.predictor)?;
    describe_thresholds(&model.predictor, &thresholds, globals);
    let options = TagOptions {
        top: usize::from(arguments.top),
        batch_size: usize::from(arguments.batch_size),
        memory_limit: arguments.memory_limit as usize * 1_000_000,
        thresholds,
    };
    if let Some(list) = &arguments.list {
        // Another list is another job, under whatever name.
        let mut listed = Fingerprint::new("list", 1);
        model.option("list", listed.file(list)?.finish());
    }
    let job = TagJob {
        inputs: arguments.images,
        reads: [Some(arguments.model), arguments.list, arguments.captions]
            .into_iter()
            .flatten()
            .collect(),
        ..model.job(&options)
    };
    let output = OutputFile {
        path: &arguments.output,
        overwrite: arguments.overwrite,
    };
    let summary = tag(
        &model,
        &inputs.images,
        &job,
        output,
        &options,
        &globals.session()?,
    )?;
    let output = arguments.output.display();
    let tasks = model.tasks();
    if globals.json {
        let withheld: serde_json::Map<String, serde_json::Value> = tasks
            .iter()
            .zip(&summary.withheld)
            .map(|(task, count)| (task.clone(), (*count).into()))
            .collect();
        let failures: Vec<_> = summary
            .failures
            .iter()
            .map(|failure| failure.reason.to_string())
            .collect();
        let problems: Vec<String> = inputs.problems.iter().map(Problem::to_string).collect();
        stdout::json_line(&serde_json::json!({
            "output": arguments.output,
            "tagged": summary.tagged,
            "tagged_earlier": summary.skipped,
            "left_empty": withheld,
            "failures": failures,
            "problems": problems,
            "interrupted": summary.interrupted,
        }))?;
    } else if summary.interrupted {
        outln!(
            "stopped after {} images; the same command goes on from there",
            summary.tagged + summary.skipped
        );
    } else {
        outln!(
            "{} images tagged in {output}",
            summary.tagged + summary.skipped
        );
        if summary.skipped > 0 {
            outln!("{} of them by an earlier run", summary.skipped);
        }
        for (task, count) in tasks.iter().zip(&summary.withheld) {
            if *count > 0 {
                outln!(
                    "{task} left empty for {count} of {} images: not sure enough",
                    summary.tagged
                );
            }
        }
    }
    let failed = summary.failures.len() + inputs.problems.len();
    let outcome = globals.outcome(failed);
    Ok(match summary.interrupted {
        true => Outcome::SomeFailed,
        false => outcome,
    })
}

/// A model, and what its tag files are known by.
pub(crate) struct LoadedModel {
    predictor: Predictor,
    content: String,
    /// What the tags depend on besides the model, by name.
    options: Vec<(String, String)>,
}

impl LoadedModel {
    /// Loads a model file.
    pub(crate) fn open(
        path: &Path,
        precision: Precision,
        consistency: ConsistencyArgument,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let bytes = artkg_files::read_bytes(path)?;
        let mut model = Self {
            predictor: consistency.applied(Predictor::load(path, precision)?)?,
            content: artkg_image::content_hash(&bytes).to_string(),
            options: Vec::new(),
        };
        model.option("precision", precision.name());
        model.option("consistent", consistency.name());
        Ok(model)
    }

    fn option(&mut self, name: &str, value: impl ToString) {
        self.options.push((name.to_owned(), value.to_string()));
    }

    /// The job of tagging with this model, without its inputs.
    pub(crate) fn job(&self, options: &TagOptions) -> TagJob {
        let mut all = self.options.clone();
        let thresholds = options.thresholds.iter().map(f32::to_string);
        let thresholds: Vec<String> = thresholds.collect();
        all.push(("thresholds".into(), thresholds.join(" ")));
        TagJob {
            model: self.content.clone(),
            tasks: self.tasks(),
            top: options.top,
            options: all,
            ..TagJob::default()
        }
    }

    /// The names of the tasks.
    pub(crate) fn tasks(&self) -> Vec<String> {
        let vocabularies = &self.predictor.description().vocabularies;
        let names = vocabularies.iter().map(|task| task.attribute.to_string());
        names.collect()
    }
}

/// Says how sure a tag must be, where that was asked for.
fn describe_thresholds(predictor: &Predictor, thresholds: &[f32], globals: &Globals) {
    let vocabularies = &predictor.description().vocabularies;
    for (place, (vocabulary, threshold)) in vocabularies.iter().zip(thresholds).enumerate() {
        if *threshold <= 0.0 {
            continue;
        }
        let task = vocabulary.attribute;
        if threshold.is_infinite() {
            globals.note(format!(
                "{task}: no confidence keeps wrong tags this rare; all are left empty"
            ));
            continue;
        }
        let curves = predictor.selection().ok();
        let point = curves.and_then(|curves| curves[place].at_threshold(*threshold));
        globals.note(match point {
            Some(point) => format!(
                "{task}: given from a confidence of {threshold:.3}; of the validation works that \
                 were {:.1} %, with {:.1} % of them wrong",
                100.0 * point.coverage,
                100.0 * point.risk
            ),
            None => format!("{task}: given from a confidence of {threshold:.3}"),
        });
    }
}

/// Where tags are written.
pub(crate) struct OutputFile<'a> {
    /// The tag file.
    pub(crate) path: &'a Path,
    /// Whether one that is there is replaced.
    pub(crate) overwrite: bool,
}

/// Tags `images` into `output` and finishes it, unless interrupted.
pub(crate) fn tag(
    model: &LoadedModel,
    images: &[PathBuf],
    job: &TagJob,
    output: OutputFile<'_>,
    options: &TagOptions,
    session: &Session,
) -> Result<Summary, Box<dyn std::error::Error>> {
    let mut tags = Output::open(output.path, job, output.overwrite)?;
    let summary = tag_images(&model.predictor, images, &mut tags, options, session)?;
    if !summary.interrupted {
        tags.finish()?;
    }
    Ok(summary)
}
