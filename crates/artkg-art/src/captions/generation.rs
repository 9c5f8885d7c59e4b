use std::path::PathBuf;

use artkg_corpus::{Artwork, Corpus, Split};
use artkg_image::{LoadItem, Loader};
use artkg_text::CaptionOutput;
use artkg_train::StopFlag;

use super::Captioner;
use super::captioner::images;
use crate::Result;

/// How captions are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptionOptions {
    /// Images that go through the network together.
    pub batch_size: usize,
    /// Threads that decode images.
    pub threads: usize,
    /// The most bytes that decoding one image may hold.
    pub memory_limit: usize,
}

/// An image that is to have a caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptionItem {
    /// The artwork's id, or the image's path where it is in no corpus.
    pub id: String,
    /// The image file.
    pub path: PathBuf,
}

/// The images of a corpus, of some splits only where `splits` has any.
pub fn caption_items(corpus: &Corpus, splits: &[Split]) -> Vec<CaptionItem> {
    let is_wanted = |artwork: &&Artwork| match artwork.split {
        _ if splits.is_empty() => true,
        Some(split) => splits.contains(&split),
        None => false,
    };
    let wanted = corpus.artworks.iter().filter(is_wanted);
    wanted
        .filter_map(|artwork| {
            Some(CaptionItem {
                id: artwork.id.clone(),
                path: corpus.image_path(artwork)?,
            })
        })
        .collect()
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaptionSummary {
    /// Captions that this run made.
    pub made: usize,
    /// Captions that an earlier run had made.
    pub skipped: usize,
    /// One sentence for each image that could not be used.
    pub failures: Vec<String>,
    /// Whether the run was stopped before the last image.
    pub interrupted: bool,
}

/// Receives the progress of a run.
pub trait CaptionProgress {
    /// `done` images of `total` are behind us.
    fn advance(&mut self, done: usize, total: usize);
    /// An image cannot be used; the message names the file.
    fn failed(&mut self, message: &str);
}

/// Makes captions of images and writes them to `output`, which is left open. Those
/// that have one there are passed over; images that cannot be decoded are reported
/// and passed over.
///
/// # Errors
/// When the output cannot be written or the network fails.
pub fn generate_captions(
    captioner: &mut dyn Captioner,
    wanted: &[CaptionItem],
    output: &mut CaptionOutput,
    options: &CaptionOptions,
    stop: &StopFlag,
    progress: &mut dyn CaptionProgress,
) -> Result<CaptionSummary> {
    let missing = wanted
        .iter()
        .enumerate()
        .filter(|(_, item)| !output.is_done(&item.id, &item.path));
    let items: Vec<LoadItem> = missing
        .map(|(index, item)| LoadItem {
            index,
            path: item.path.clone(),
            view: captioner.view(),
        })
        .collect();
    let total = wanted.len();
    let mut summary = CaptionSummary {
        skipped: total - items.len(),
        ..CaptionSummary::default()
    };
    let loader = Loader::with_max_bytes(
        items,
        captioner.preprocessing().clone(),
        options.threads,
        2 * options.batch_size,
        options.memory_limit,
    );
    for batch in loader.batches(options.batch_size) {
        for (_, error) in batch.failures {
            let message = error.to_string();
            progress.failed(&message);
            summary.failures.push(message);
        }
        let count = batch.indices.len();
        if count > 0 {
            let images = images(batch.inputs, count, captioner.preprocessing())?;
            let captions = captioner.captions(&images)?;
            for (index, caption) in batch.indices.iter().zip(&captions) {
                output.write(&wanted[*index].id, caption)?;
            }
            output.flush()?;
            summary.made += count;
        }
        let done = summary.skipped + summary.made + summary.failures.len();
        progress.advance(done, total);
        if stop.is_set() {
            summary.interrupted = done < total;
            break;
        }
    }
    Ok(summary)
}
