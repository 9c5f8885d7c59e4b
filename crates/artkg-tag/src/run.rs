use std::path::{Path, PathBuf};

use artkg_feed::{Feed, ImageBatch};
use artkg_files::exact_name;
use artkg_image::{LoadItem, View};
use artkg_model::Predictor;
use artkg_session::{Activity, Session};

use crate::error::Result;
use crate::options::TagOptions;
use crate::output::Output;
use crate::tags::{Tags, TaskTags};

/// An image to tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What it is called in the tags: its file, or the address that it came from.
    pub image: PathBuf,
    /// Its file.
    pub file: PathBuf,
    /// The id of the artwork that it shows, where that is known.
    pub id: Option<String>,
}

impl From<PathBuf> for Subject {
    fn from(image: PathBuf) -> Self {
        Self {
            file: image.clone(),
            image,
            id: None,
        }
    }
}

/// An image that could not be tagged.
#[derive(Debug)]
pub struct Failure {
    /// The image.
    pub image: PathBuf,
    /// Why; the message names the file.
    pub reason: artkg_image::Error,
}

/// What a run did.
#[derive(Debug, Default)]
pub struct Summary {
    /// Images tagged by this run.
    pub tagged: usize,
    /// Images that an earlier run had tagged.
    pub skipped: usize,
    /// For each task the images of this run whose tag was kept back.
    pub withheld: Vec<usize>,
    /// Images that could not be tagged.
    pub failures: Vec<Failure>,
    /// Whether the run was stopped before the last image.
    pub interrupted: bool,
}

/// Tags the images of `subjects` and writes the tags to `output`, which is left open.
///
/// Images that `output` holds already are passed over. An image that cannot be
/// decoded is reported and passed over.
///
/// # Errors
/// When the output cannot be written or the network refuses an input.
pub fn tag_images(
    predictor: &Predictor,
    subjects: &[Subject],
    output: &mut Output,
    options: &TagOptions,
    session: &Session,
) -> Result<Summary> {
    let items: Vec<LoadItem> = (0..subjects.len())
        .filter(|&index| !output.is_done(&subjects[index].image, &subjects[index].file))
        .map(|index| LoadItem {
            index,
            path: subjects[index].file.clone(),
            view: View::Evaluate,
        })
        .collect();
    let mut summary = Summary {
        skipped: subjects.len() - items.len(),
        withheld: vec![0; options.thresholds.len()],
        ..Summary::default()
    };
    let feed = Feed {
        preprocessing: predictor.description().preprocessing.clone(),
        batch_size: options.batch_size,
        memory_limit: Some(options.memory_limit),
    };
    let (skipped, summary_of) = (summary.skipped, &mut summary);
    let take = |batch: ImageBatch| -> Result<()> {
        for (index, reason) in batch.failures {
            session.left_out(&reason.to_string());
            summary_of.failures.push(Failure {
                image: subjects[index].image.clone(),
                reason,
            });
        }
        let Some(inputs) = batch.images else {
            return Ok(());
        };
        let ids = batch.indices.iter();
        let ids: Vec<String> = ids
            .map(|&index| caption_id(&subjects[index].image))
            .collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let predictions = predictor.predict(&predictor.logits(&inputs, &ids)?);
        for (row, &index) in batch.indices.iter().enumerate() {
            let tags = Tags::new(
                exact_name(&subjects[index].image),
                subjects[index].id.clone(),
                predictor.description(),
                &predictions,
                row,
                options.top,
                &options.thresholds,
            );
            for (withheld, task) in summary_of.withheld.iter_mut().zip(&tags.tags) {
                *withheld += usize::from(TaskTags::given(task).is_none());
            }
            output.write(tags)?;
        }
        output.flush()?;
        summary_of.tagged += batch.indices.len();
        Ok(())
    };
    summary.interrupted = feed.drive(Activity::Tagging, items, skipped, session, take)?;
    Ok(summary)
}

/// The id of an image in a captions file: its name without the extension.
pub(crate) fn caption_id(image: &Path) -> String {
    let stem = image.file_stem().unwrap_or_default();
    exact_name(Path::new(stem))
}
