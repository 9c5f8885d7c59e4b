//! Captions: what makes them, where a corpus has them from, and as a model's input.

mod blip;
mod captioner;
mod generation;
mod imagenet_words;
mod source;

use artkg_corpus::{Corpus, Split};
use artkg_text::{Captions, StopWords, WordVocabulary};

use crate::side::{SideRow, SideValues};
use crate::{Error, Result};

pub use blip::BlipCaptioner;
pub use captioner::Captioner;
pub use generation::{
    CaptionItem, CaptionOptions, CaptionProgress, CaptionSummary, caption_items, generate_captions,
};
pub use imagenet_words::{ImagenetWords, ImagenetWordsOptions};
pub use source::CaptionSource;

/// The width of the layer that captions go through (paper, section 5).
pub(crate) const CAPTION_ENCODER: usize = 512;

/// The words of the captions of training artworks, `size` at most.
///
/// # Errors
/// When no training artwork has a caption.
pub(crate) fn caption_vocabulary(
    captions: &Captions,
    corpus: &Corpus,
    size: usize,
) -> Result<WordVocabulary> {
    let training = corpus.split(Split::Train);
    let texts: Vec<&str> = training
        .filter_map(|artwork| captions.get(&artwork.id))
        .collect();
    if texts.is_empty() {
        return Err(Error::Usage(
            "no training artwork has a caption; make captions of this corpus with \
             `artkg captions generate`"
                .to_owned(),
        ));
    }
    Ok(WordVocabulary::build(texts, size, StopWords::None)?)
}

/// The captions of a corpus as multi-hot vectors of the vocabulary's words.
pub(crate) fn caption_values(captions: &Captions, vocabulary: &WordVocabulary) -> SideValues {
    let rows = captions.iter().map(|caption| {
        let ones = vocabulary.multi_hot(&caption.text);
        (caption.id.clone(), SideRow::MultiHot(ones))
    });
    SideValues::new(vocabulary.len(), rows.collect())
}
