//! Texts about artworks as vectors: words, TF-IDF, sentence embeddings; and
//! captions, from files or from captioners.

mod captions;
mod class_names;
mod counting;
mod error;
mod tf_idf;
mod word_vocabulary;

pub use artkg_words::StopWords;
pub use captions::{Caption, CaptionOutput, Captions};
pub use class_names::ClassNames;
pub use error::{Error, Result};
pub use tf_idf::{SparseRow, TfIdf, TfIdfOptions};
pub use word_vocabulary::WordVocabulary;
