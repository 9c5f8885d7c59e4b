//! `artkg tag`.

mod loaded_model;
mod objects;

use std::path::{Path, PathBuf};

use artkg_files::exact_name;
use artkg_files::fingerprint::Fingerprint;
use artkg_files::{MemorySize, counted};
use artkg_model::{Predictor, StoredModel};
use artkg_session::Session;
use artkg_tag::{
    Abstention, List, Output, Problem, Subject, Summary, TagJob, TagOptions, TagWriter, TaskValue,
    begun_in, find_images, read_list, tag_images,
};
use clap::Args;

#[cfg(feature = "addresses")]
use crate::commands::addresses::{RequestArguments, split};
use crate::commands::consistency::ConsistencyArgument;
use crate::commands::known::Known;
use crate::commands::memory_limit::{OF_ONE_IMAGE, memory_limit};
use crate::commands::model_notes::note_model;
use crate::commands::outputs::{Destination, OutputArguments, Published, note_losses};
use crate::commands::precision::{Begun, MeasuredPrecisionArgument};
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

pub(crate) use self::loaded_model::LoadedModel;
use self::objects::Objects;

/// The options of `artkg tag`.
#[derive(Args)]
pub(crate) struct TagArguments {
    /// Image files and folders, searched recursively, and addresses of images
    #[cfg_attr(
        feature = "collections",
        arg(required_unless_present_any = ["list", "corpus"])
    )]
    #[cfg_attr(not(feature = "collections"), arg(required_unless_present = "list"))]
    images: Vec<PathBuf>,
    /// Model file of a training run
    #[arg(long)]
    model: PathBuf,
    /// File to write, in the format of its ending, or folder for sidecars and annotations
    /// [default: tags.csv; sidecars lie beside their images]
    #[arg(long, short)]
    output: Option<PathBuf>,
    #[command(flatten)]
    outputs: OutputArguments,
    /// Text file with one image path or address per line, or - for the standard input; relative paths
    /// start at the list's folder, those of the standard input at the current one
    #[arg(long)]
    list: Option<PathBuf>,
    /// Corpus folder whose artworks the images show: their ids are written beside the tags, and
    /// without other images its own are tagged
    #[cfg(feature = "collections")]
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Captions file of the images, for a model that reads captions; its ids are the images' names
    /// without extension
    #[arg(long)]
    captions: Option<PathBuf>,
    /// Classes to write for each task, the most probable first
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    top: u16,
    /// Lowest confidence to give a tag, such as 0.8, or author=0.9 for one task; tags below it are
    /// withheld: marked, and kept as suggestions
    #[arg(long, value_name = "CONFIDENCE", value_delimiter = ',')]
    abstain: Vec<TaskValue>,
    /// Share of the given tags that may be wrong, such as 0.1, or author=0.05 for one task; the
    /// confidence needed for this is read off the validation works
    #[arg(long, value_name = "SHARE", value_delimiter = ',')]
    abstain_risk: Vec<TaskValue>,
    #[command(flatten)]
    consistency: ConsistencyArgument,
    /// Replace an existing tag file once the new one is finished
    #[arg(long)]
    overwrite: bool,
    /// Images that go through the network together
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    batch_size: u16,
    /// Memory that decoding one image may use, such as 1GiB or 800 MB
    #[arg(long, value_name = "SIZE", default_value = OF_ONE_IMAGE, value_parser = memory_limit)]
    memory_limit: MemorySize,
    #[command(flatten)]
    precision: MeasuredPrecisionArgument,
    /// Folder that keeps the images of addresses, so that they are fetched once
    #[cfg(feature = "addresses")]
    #[arg(long, value_name = "FOLDER", default_value = "image-cache")]
    image_cache: PathBuf,
    #[cfg(feature = "addresses")]
    #[command(flatten)]
    requests: RequestArguments,
}

pub(crate) fn run(arguments: TagArguments, globals: &Globals) -> CommandResult {
    let destination = Destination::new(arguments.output.as_deref(), &arguments.outputs)?;
    let tag_file = destination.tag_file();
    let mut paths = arguments.images.clone();
    let listed = arguments.list.as_deref().map(read_list).transpose()?;
    paths.extend(listed.iter().flat_map(List::paths).cloned());
    let list_file = arguments
        .list
        .clone()
        .filter(|list| list.as_os_str() != "-");
    let mut reads: Vec<PathBuf> = [&list_file, &arguments.captions]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    reads.extend(arguments.outputs.files());
    let objects = arguments.objects()?;
    let mut inputs = arguments.images;
    if let Some(objects) = &objects {
        reads.extend(objects.files.clone());
        if paths.is_empty() {
            paths.clone_from(&objects.images);
            inputs.extend(objects.files.clone());
            if objects.without_image > 0 {
                globals.note(format!(
                    "artworks of {} that name no image: {}",
                    objects.name, objects.without_image
                ));
            }
        }
    }
    #[cfg(feature = "addresses")]
    let (addresses, paths) = split(paths);
    #[cfg(not(feature = "addresses"))]
    let addresses = Vec::<String>::new();
    let found = find_images(&paths);
    let problems: Vec<String> = found
        .problems
        .iter()
        .map(|problem| in_list(problem, listed.as_ref()))
        .collect();
    for problem in &problems {
        errln!("left out: {problem}");
    }
    if let Some(list) = &list_file
        && found
            .problems
            .iter()
            .any(|problem| matches!(problem, Problem::Missing(_)))
    {
        errln!("{}", relative_to(list));
    }
    if found.images.is_empty() && addresses.is_empty() {
        return Err("there is no image to tag".into());
    }
    let stored = StoredModel::load(&arguments.model, &globals.device)?;
    let precision = arguments.precision;
    let pictures = found.images.len() + addresses.len();
    let begun = stored.checksum.as_ref().and_then(|checksum| {
        let found = begun_in(&tag_file, &checksum.fingerprint(), precision.name())?;
        Some(Begun {
            output: &tag_file,
            precision: found.parse().ok()?,
        })
    });
    let predictor = precision.predictor(&stored, pictures, begun.as_ref(), globals)?;
    drop(stored);
    let consistency = arguments.consistency;
    let mut model = LoadedModel::new(&arguments.model, predictor, precision.name(), consistency)?;
    note_model(&arguments.model, &model.predictor, globals);
    if let Some(path) = &arguments.captions {
        model = model.read_captions(path)?;
    }
    let session = globals.session()?;
    #[cfg(feature = "addresses")]
    let (fetched, not_fetched) = {
        let described = &model.predictor.description().preprocessing;
        // What decoding at reduced scale leaves for the network's own resizing.
        let side = 2 * described.shorter_side() as u32;
        let folder = arguments.image_cache.join(side.to_string());
        subjects_by_address(
            arguments
                .requests
                .bring(&addresses, &folder, side, &session),
            &addresses,
        )
    };
    #[cfg(not(feature = "addresses"))]
    let (fetched, not_fetched) = (Vec::<Subject>::new(), Vec::<String>::new());
    if session.is_stopped() {
        globals.note("stopped while images were fetched; the same command goes on from there");
        return Ok(Outcome::SomeFailed);
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
        memory_limit: arguments.memory_limit.0 as usize,
        thresholds,
    };
    if let Some(listed) = &listed {
        // Another list is another job, under whatever name.
        let mut fingerprint = Fingerprint::new("list", 2);
        fingerprint.list(listed.paths(), |fingerprint, path| {
            fingerprint.text(&exact_name(path));
        });
        model.depends_on("list", fingerprint.finish());
    }
    let mut known = Known::default();
    let (mut subjects, corpus, ambiguous) = match objects {
        Some(objects) => {
            model.depends_on("corpus", &objects.fingerprint);
            let subjects = objects.subjects(found.images);
            known = objects.known;
            (subjects, Some(objects.name), objects.repeated)
        }
        None => {
            let subjects = found.images.into_iter().map(Subject::from).collect();
            (subjects, None, Vec::new())
        }
    };
    subjects.extend(fetched);
    let unmatched = unmatched(&subjects, corpus.as_deref());
    for line in ambiguous.iter().chain(&unmatched) {
        errln!("{line}");
    }
    let mut job = model.job(&options)?;
    job.origin.corpus = corpus;
    job.inputs = inputs;
    job.reads.extend(reads);
    let exchange = arguments.outputs.exchange(known)?;
    let output = OutputFile {
        path: &tag_file,
        writer: exchange.tag_writer(&destination, &model.tasks())?,
        overwrite: arguments.overwrite,
    };
    let summary = tag(&model, &subjects, &job, output, &options, &session)?;
    let published = match (summary.interrupted, destination.is_folder()) {
        (false, true) => Some(exchange.publish(&tag_file, &destination, arguments.overwrite)?),
        _ => None,
    };
    note_losses(
        &destination,
        options.top,
        summary.withheld.iter().sum(),
        globals,
    );
    let output = tag_file.display();
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
            .chain(not_fetched)
            .collect();
        let problems: Vec<_> = problems.iter().chain(&ambiguous).collect();
        stdout::json_line(&serde_json::json!({
            "output": tag_file,
            "published": published.as_ref().map(Published::json),
            "tagged": summary.tagged,
            "tagged_earlier": summary.skipped,
            "left_empty": withheld,
            "without_artwork": unmatched.len(),
            "failures": failures,
            "problems": problems,
            "interrupted": summary.interrupted,
        }))?;
    } else if summary.interrupted {
        outln!(
            "stopped after {}; the same command goes on from there",
            counted(summary.tagged + summary.skipped, "image")
        );
    } else {
        outln!(
            "{} tagged in {output}",
            counted(summary.tagged + summary.skipped, "image")
        );
        if summary.skipped > 0 {
            outln!("{} of them by an earlier run", summary.skipped);
        }
        if !unmatched.is_empty() {
            outln!(
                "images that no artwork names, and that have no id: {}",
                unmatched.len()
            );
        }
        for (task, count) in tasks.iter().zip(&summary.withheld) {
            if *count > 0 {
                outln!(
                    "{task} withheld for {count} of {}: not sure enough",
                    counted(summary.tagged, "image")
                );
            }
        }
    }
    let published = published.map_or(0, |published| published.say(globals));
    let outcome = globals.outcome(session.left_out_count() + found.problems.len() + published);
    let is_whole = !summary.interrupted && ambiguous.is_empty() && unmatched.is_empty();
    Ok(match is_whole {
        true => outcome,
        false => Outcome::SomeFailed,
    })
}

impl TagArguments {
    /// The artworks of the corpus that was named.
    #[cfg(feature = "collections")]
    fn objects(&self) -> artkg_corpus::Result<Option<Objects>> {
        let corpus = self.corpus.as_deref().map(artkg_corpus::Corpus::open);
        Ok(corpus.transpose()?.as_ref().map(Objects::of))
    }

    /// None: this program knows no corpora.
    #[cfg(not(feature = "collections"))]
    fn objects(&self) -> Result<Option<Objects>, std::convert::Infallible> {
        Ok(None)
    }
}

/// The images of addresses that were fetched, and why others were not.
#[cfg(feature = "addresses")]
fn subjects_by_address(
    fetched: Vec<artkg_fetch::Fetched>,
    addresses: &[String],
) -> (Vec<Subject>, Vec<String>) {
    let (mut subjects, mut failures) = (Vec::new(), Vec::new());
    for (fetched, address) in fetched.into_iter().zip(addresses) {
        match fetched.file {
            Ok(file) => subjects.push(Subject {
                image: PathBuf::from(address),
                file,
                id: None,
            }),
            Err(error) => failures.push(error.to_string()),
        }
    }
    (subjects, failures)
}

/// A problem with a path in words: first where the list names it, if it does.
fn in_list(problem: &Problem, list: Option<&List>) -> String {
    let line = list.and_then(|list| Some((list, list.line_of(problem.path())?)));
    match line {
        Some((list, number)) if list.file.as_os_str() == "-" => {
            format!("standard input, line {number}: {problem}")
        }
        Some((list, number)) => format!("{}, line {number}: {problem}", exact_name(&list.file)),
        None => problem.to_string(),
    }
}

/// What relative paths of a list are relative to.
fn relative_to(list: &Path) -> String {
    let folder = match list.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.display().to_string(),
        _ => "the current folder".to_owned(),
    };
    format!(
        "help: relative paths in {} start at the list's own folder, {folder}; those of \
         `--list -` at the current one",
        list.display()
    )
}

/// The images that no artwork of the corpus names, in words.
fn unmatched(subjects: &[Subject], corpus: Option<&str>) -> Vec<String> {
    let Some(corpus) = corpus else {
        return Vec::new();
    };
    subjects
        .iter()
        .filter(|subject| subject.id.is_none())
        .map(|subject| {
            let image = exact_name(&subject.image);
            format!("without an id: {image}: no artwork of {corpus} names it")
        })
        .collect()
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
                "{task}: no confidence keeps wrong tags this rare; all are withheld"
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
    /// Its format.
    pub(crate) writer: Box<dyn TagWriter>,
    /// Whether one that is there is replaced.
    pub(crate) overwrite: bool,
}

/// Tags `subjects` into `output` and finishes it, unless interrupted.
pub(crate) fn tag(
    model: &LoadedModel,
    subjects: &[Subject],
    job: &TagJob,
    output: OutputFile<'_>,
    options: &TagOptions,
    session: &Session,
) -> Result<Summary, Box<dyn std::error::Error>> {
    let mut tags = Output::open_as(output.path, output.writer, job, output.overwrite)?;
    let summary = tag_images(&model.predictor, subjects, &mut tags, options, session)?;
    if !summary.interrupted {
        tags.finish()?;
    }
    Ok(summary)
}
