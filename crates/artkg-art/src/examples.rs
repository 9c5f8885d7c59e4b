use std::path::PathBuf;

use artkg_corpus::{Corpus, Split, Vocabulary};

use crate::targets::class_targets;

/// An artwork with an image, and what is to be learned about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The artwork's id.
    pub id: String,
    /// Its image file.
    pub path: PathBuf,
    /// One class a task, [`crate::MASKED`] where the value is missing.
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
