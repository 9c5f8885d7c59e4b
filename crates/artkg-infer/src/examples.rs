use std::path::PathBuf;

use artkg_corpus::{Artwork, Corpus, Split};
use artkg_vocabulary::Vocabulary;

/// What [`artkg_nn::cross_entropy`] takes for a value that is missing.
pub const MASKED: u32 = artkg_nn::IGNORED;

/// An artwork with an image, and what is to be learned about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The artwork's id.
    pub id: String,
    /// Its image file.
    pub path: PathBuf,
    /// One class a task, [`MASKED`] where the value is missing.
    pub targets: Vec<u32>,
}

/// The examples of a split, in the corpus's order.
pub fn examples(corpus: &Corpus, split: Split, vocabularies: &[Vocabulary]) -> Vec<Example> {
    corpus
        .split(split)
        .filter_map(|artwork| {
            Some(Example {
                id: artwork.id.clone(),
                path: corpus.image_path(artwork)?,
                targets: class_targets(vocabularies, artwork),
            })
        })
        .collect()
}

/// The class of each vocabulary for one artwork, [`MASKED`] where missing.
pub(crate) fn class_targets(vocabularies: &[Vocabulary], artwork: &Artwork) -> Vec<u32> {
    vocabularies
        .iter()
        .map(|vocabulary| {
            artwork
                .target(vocabulary)
                .map_or(MASKED, |class| class as u32)
        })
        .collect()
}
