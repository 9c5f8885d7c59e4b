use artkg_session::{Activity, Session};
use artkg_text::{ModelSource, SentenceEncoder, SparseRow, StopWords, TfIdf, TfIdfOptions};
use artkg_vision::Hub;

use crate::error::Result;

/// Texts that go through a network together.
const BATCH_SIZE: usize = 32;

/// What makes vectors of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextEncoder {
    /// TF-IDF of this many words, the most frequent ones of the training artworks'
    /// texts without English stop words.
    TfIdf(usize),
    /// A sentence encoder.
    Sentence(ModelSource),
}

/// What an encoder made.
pub(super) struct Encoded {
    /// The encoder's name and settings.
    pub(super) encoder: String,
    /// The length of the vectors.
    pub(super) dimension: usize,
    /// The vector of each text, where it has one.
    pub(super) vectors: Vec<Option<Vec<f32>>>,
}

impl TextEncoder {
    /// What users write after `--encoder` for TF-IDF.
    pub const TF_IDF: &str = "tf-idf";

    /// Makes vectors of `wanted`, both by id; `training` is what TF-IDF learns from.
    pub(super) fn encode(
        &self,
        training: &[(&str, &str)],
        wanted: &[(&str, &str)],
        hub: &Hub,
        session: &Session,
    ) -> Result<Encoded> {
        match self {
            Self::TfIdf(words) => {
                let options = TfIdfOptions {
                    maximum_features: Some(*words),
                    stop_words: StopWords::English,
                };
                let tf_idf = TfIdf::fit(training.iter().map(|(_, text)| *text), options)?;
                let dimension = tf_idf.len();
                let rows = wanted.iter().map(|(_, text)| tf_idf.transform(text));
                let dense =
                    |row: SparseRow| (!row.positions.is_empty()).then(|| row.to_dense(dimension));
                Ok(Encoded {
                    encoder: format!("{}, {dimension} words", Self::TF_IDF),
                    dimension,
                    vectors: rows.map(dense).collect(),
                })
            }
            Self::Sentence(source) => {
                let encoder = SentenceEncoder::load(source, hub, session.device())?;
                let texts: Vec<&str> = wanted.iter().map(|(_, text)| *text).collect();
                let advance = |done| session.advance(Activity::Encoding, done, texts.len());
                let vectors = encoder.encode(&texts, BATCH_SIZE, advance)?;
                Ok(Encoded {
                    encoder: encoder.name().to_owned(),
                    dimension: encoder.dimension(),
                    vectors: vectors.into_iter().map(Some).collect(),
                })
            }
        }
    }
}
