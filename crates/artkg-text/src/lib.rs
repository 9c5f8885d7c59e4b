//! Texts about artworks as vectors: words, TF-IDF, sentence embeddings; and
//! captions of their images, from files or from captioners.
//!
//! Two features bring in networks, and with them what reads and runs these: `blip` a
//! captioner, `sentence` an encoder of sentences.

#[cfg(feature = "blip")]
mod blip;
mod captions;
mod class_names;
mod counting;
mod error;
#[cfg(feature = "sentence")]
mod sentence_encoder;
mod tf_idf;
#[cfg(any(feature = "blip", feature = "sentence"))]
mod transformer;
mod word_vocabulary;

pub use artkg_files::words::StopWords;
#[cfg(any(feature = "blip", feature = "sentence"))]
pub use artkg_weights::ModelSource;
#[cfg(feature = "blip")]
pub use blip::Blip;
pub use captions::{Caption, CaptionJob, CaptionOutput, Captions};
pub use class_names::ClassNames;
pub use error::{ClassNamesFault, Error, Result, TokenizerError};
#[cfg(feature = "sentence")]
pub use sentence_encoder::SentenceEncoder;
pub use tf_idf::{SparseRow, TfIdf, TfIdfOptions};
pub use word_vocabulary::WordVocabulary;
