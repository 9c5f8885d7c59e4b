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
    /// The splits whose artworks get captions; all artworks when empty.
    pub splits: Vec<Split>,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaptionSummary {
    /// Captions that this run made.
    pub made: usize,
    /// Captions that an earlier run had made.
    pub skipped: usize,
    /// Artworks that name no image.
    pub without_image: usize,
    /// One sentence for each image that could not be used.
    pub failures: Vec<String>,
    /// Whether the run was stopped before the last image.
    pub interrupted: bool,
}

/// Hears of the progress of a run.
pub trait CaptionProgress {
    /// `done` images of `total` are behind us.
    fn advance(&mut self, done: usize, total: usize);
    /// An image cannot be used; the message names the file.
    fn failed(&mut self, message: &str);
}

/// Makes captions of a corpus's images and writes them to `output`, which is left
/// open. Artworks that have one there are passed over; images that cannot be
/// decoded are reported and passed over.
///
/// # Errors
/// When the output cannot be written or the network fails.
pub fn generate_captions(
    captioner: &mut dyn Captioner,
    corpus: &Corpus,
    output: &mut CaptionOutput,
    options: &CaptionOptions,
    stop: &StopFlag,
    progress: &mut dyn CaptionProgress,
) -> Result<CaptionSummary> {
    let is_wanted = |artwork: &&Artwork| match artwork.split {
        _ if options.splits.is_empty() => true,
        Some(split) => options.splits.contains(&split),
        None => false,
    };
    let wanted: Vec<&Artwork> = corpus.artworks.iter().filter(is_wanted).collect();
    let mut summary = CaptionSummary::default();
    let mut items = Vec::new();
    for (index, artwork) in wanted.iter().enumerate() {
        match corpus.image_path(artwork) {
            None => summary.without_image += 1,
            Some(_) if output.is_done(&artwork.id) => summary.skipped += 1,
            Some(path) => items.push(LoadItem {
                index,
                path,
                view: captioner.view(),
            }),
        }
    }
    let total = summary.skipped + items.len();
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
