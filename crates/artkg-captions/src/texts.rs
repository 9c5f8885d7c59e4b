//! Vectors of texts about artworks: of titles and descriptions, or of captions.

mod encoder;
mod source;

use artkg_corpus::{Artwork, Corpus, Split};
use artkg_graph::{BuildOptions, Embeddings, TextEncoding};
use artkg_session::Session;
use artkg_vision::Hub;

use crate::error::Result;

pub use encoder::TextEncoder;
pub use source::{TextColumns, TextSource};

/// Gives the artworks that `chosen` takes a vector of their text; artworks without
/// a text have none, nor have those of whose words TF-IDF knows none. The
/// session's observer is told how far it is.
///
/// TF-IDF learns its words from the training artworks, whatever `chosen` takes.
///
/// # Errors
/// When the texts or the encoder are not available, or no artwork has a text.
pub fn embed_texts(
    corpus: &Corpus,
    source: &TextSource,
    encoder: &TextEncoder,
    chosen: &BuildOptions,
    hub: &Hub,
    session: &Session,
) -> Result<Embeddings> {
    let texts = source.read(corpus)?;
    let with_text = |takes: &dyn Fn(&Artwork) -> bool| -> Vec<(&str, &str)> {
        let artworks = corpus.artworks.iter().filter(|artwork| takes(artwork));
        artworks
            .filter_map(|artwork| Some((artwork.id.as_str(), texts.get(&artwork.id)?)))
            .collect()
    };
    let training = with_text(&|artwork| artwork.split == Some(Split::Train));
    let wanted = with_text(&|artwork| chosen.takes(artwork));
    let encoded = encoder.encode(&training, &wanted, hub, session)?;
    let encoding = TextEncoding {
        texts: texts.description().to_owned(),
        encoder: encoded.encoder,
    };
    let vectors = encoded.vectors.into_iter().zip(&wanted);
    Ok(Embeddings::from_texts(
        corpus,
        chosen,
        encoding,
        encoded.dimension,
        vectors.filter_map(|(vector, (id, _))| Some((*id, vector?))),
    )?)
}
