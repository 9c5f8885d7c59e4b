use std::path::PathBuf;

use artkg_corpus::{Artwork, Corpus, Split};
use artkg_feed::{Feed, ImageBatch};
use artkg_image::LoadItem;
use artkg_session::{Activity, Session};
use artkg_text::CaptionOutput;

use crate::captioner::Captioner;
use crate::error::Result;

/// How captions are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptionOptions {
    /// Images that go through the network together.
    pub batch_size: usize,
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
    session: &Session,
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
    let mut summary = CaptionSummary {
        skipped: wanted.len() - items.len(),
        ..CaptionSummary::default()
    };
    let feed = Feed {
        preprocessing: captioner.preprocessing().clone(),
        batch_size: options.batch_size,
        memory_limit: Some(options.memory_limit),
    };
    let (skipped, summary_of) = (summary.skipped, &mut summary);
    let take = |batch: ImageBatch| -> Result<()> {
        for (_, error) in batch.failures {
            let message = error.to_string();
            session.left_out(&message);
            summary_of.failures.push(message);
        }
        let Some(images) = batch.images else {
            return Ok(());
        };
        let captions = captioner.captions(&images)?;
        for (index, caption) in batch.indices.iter().zip(&captions) {
            output.write(&wanted[*index].id, caption)?;
        }
        output.flush()?;
        summary_of.made += batch.indices.len();
        Ok(())
    };
    summary.interrupted = feed.drive(Activity::Captioning, items, skipped, session, take)?;
    Ok(summary)
}
