use artkg_corpus::{Corpus, Split};
use artkg_text::{Captions, StopWords, WordVocabulary};

use crate::error::{Error, Result};

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
