//! `artkg tag`.

use std::path::{Path, PathBuf};

use artkg_art::Predictor;
use artkg_nn::Precision;
use artkg_tag::{
    Failure, Output, Progress, Summary, TagOptions, find_images, read_list, tag_images,
};
use artkg_text::Captions;
use artkg_train::StopFlag;
use clap::Args;
use indicatif::ProgressBar;

use crate::commands::precision::PrecisionArgument;
use crate::globals::{CommandResult, Globals, Outcome, stop_on_interrupt};

/// The options of `artkg tag`.
#[derive(Args)]
pub(crate) struct TagArguments {
    /// Image files and folders, which are searched to any depth
    #[arg(required_unless_present = "list")]
    images: Vec<PathBuf>,
    /// Model file of a training run
    #[arg(long)]
    model: PathBuf,
    /// Tag file to write, ending in .csv or .jsonl
    #[arg(long, short, default_value = "tags.csv")]
    output: PathBuf,
    /// Text file with one image path a line
    #[arg(long)]
    list: Option<PathBuf>,
    /// Captions file of the images, for a model that reads captions; its ids are the images' names
    /// without extension
    #[arg(long)]
    captions: Option<PathBuf>,
    /// Classes to write for each task, the most probable first
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    top: u16,
    /// Replace the tag file where it exists
    #[arg(long)]
    overwrite: bool,
    /// Images that go through the network together
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    batch_size: u16,
    /// Memory that decoding one image may take, in megabytes
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
        eprintln!("left out: {problem}");
    }
    if inputs.images.is_empty() {
        return Err("there is no image to tag".into());
    }
    let options = TagOptions {
        top: usize::from(arguments.top),
        batch_size: usize::from(arguments.batch_size),
        threads: globals.threads(),
        memory_limit: arguments.memory_limit as usize * 1_000_000,
    };
    if arguments.overwrite {
        Output::discard(&arguments.output)?;
    }
    let stop = stop_on_interrupt()?;
    let summary = tag(
        &TagModel {
            path: &arguments.model,
            precision: arguments.precision.chosen(globals),
            captions: arguments.captions.as_deref(),
        },
        &inputs.images,
        &arguments.output,
        &options,
        &stop,
        globals,
    )?;
    let output = arguments.output.display();
    if globals.json {
        let failures: Vec<_> = summary
            .failures
            .iter()
            .map(|failure| &failure.reason)
            .collect();
        println!(
            "{}",
            serde_json::json!({
                "output": arguments.output,
                "tagged": summary.tagged,
                "tagged_earlier": summary.skipped,
                "failures": failures,
                "problems": inputs.problems,
                "interrupted": summary.interrupted,
            })
        );
    } else if summary.interrupted {
        println!(
            "stopped after {} images; the same command goes on from there",
            summary.tagged + summary.skipped
        );
    } else {
        println!(
            "{} images tagged in {output}",
            summary.tagged + summary.skipped
        );
        if summary.skipped > 0 {
            println!("{} of them by an earlier run", summary.skipped);
        }
    }
    let failed = summary.failures.len() + inputs.problems.len();
    if failed > 0 {
        globals.note(format!("{failed} left out, see above"));
    }
    Ok(if failed > 0 || summary.interrupted {
        Outcome::SomeFailed
    } else {
        Outcome::Success
    })
}

/// The model that tags.
pub(crate) struct TagModel<'a> {
    /// Its file.
    pub(crate) path: &'a Path,
    /// In what its network multiplies.
    pub(crate) precision: Precision,
    /// The captions of the images, for a model that reads them.
    pub(crate) captions: Option<&'a Path>,
}

/// Tags `images` into `output` and finishes it, unless interrupted.
pub(crate) fn tag(
    model: &TagModel<'_>,
    images: &[PathBuf],
    output: &Path,
    options: &TagOptions,
    stop: &StopFlag,
    globals: &Globals,
) -> Result<Summary, Box<dyn std::error::Error>> {
    let file = artkg_files::read_bytes(model.path)?;
    let mut fingerprint = artkg_image::content_hash(&file).to_string();
    if model.precision != Precision::F32 {
        // A tag file is not begun with one precision and finished with another.
        fingerprint.push_str(model.precision.name());
    }
    let mut predictor = Predictor::load(model.path, model.precision)?;
    if let Some(path) = model.captions {
        predictor = predictor.with_captions(&Captions::read(path)?)?;
    }
    let tasks: Vec<String> = predictor
        .description()
        .vocabularies
        .iter()
        .map(|vocabulary| vocabulary.attribute.to_string())
        .collect();
    let mut tags = Output::open(output, &fingerprint, &tasks, options.top)?;
    let mut progress = TerminalBar {
        bar: globals.progress_bar(images.len(), "images"),
        stop,
    };
    let summary = tag_images(&predictor, images, &mut tags, options, &mut progress)?;
    progress.bar.finish_and_clear();
    if !summary.interrupted {
        tags.finish()?;
    }
    Ok(summary)
}

struct TerminalBar<'a> {
    bar: ProgressBar,
    stop: &'a StopFlag,
}

impl Progress for TerminalBar<'_> {
    fn advance(&mut self, done: usize, _total: usize) -> bool {
        self.bar.set_position(done as u64);
        !self.stop.is_set()
    }

    fn failed(&mut self, failure: &Failure) {
        self.bar
            .suspend(|| eprintln!("left out: {}", failure.reason));
    }
}
