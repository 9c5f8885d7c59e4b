//! Texts about artworks as vectors: words, TF-IDF, sentence embeddings; and
//! captions of their images, from files or from captioners.

mod blip;
mod captions;
mod class_names;
mod counting;
mod error;
mod model_source;
mod sentence_encoder;
mod tf_idf;
mod word_vocabulary;

pub use artkg_files::words::StopWords;
pub use artkg_hub::Hub;
pub use blip::Blip;
pub use captions::{Caption, CaptionJob, CaptionOutput, Captions};
pub use class_names::ClassNames;
pub use error::{Error, Result};
pub use model_source::ModelSource;
pub use sentence_encoder::SentenceEncoder;
pub use tf_idf::{SparseRow, TfIdf, TfIdfOptions};
pub use word_vocabulary::WordVocabulary;
