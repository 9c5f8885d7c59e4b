use std::collections::HashSet;
use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use artkg_corpus::{CAPTION_COLUMN, CAPTIONER_COLUMN, Corpus};
use artkg_text::{Caption, Captions};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Where the captions of a corpus come from; what users write after `--captions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum CaptionSource {
    /// `corpus`: the column `caption` of the corpus.
    Corpus,
    /// A path to a captions file.
    File(PathBuf),
}

impl CaptionSource {
    const CORPUS: &str = "corpus";

    /// The captions of `corpus`. [`Captions::captioner`] says what made them.
    ///
    /// # Errors
    /// A captions file that cannot be used or has ids that the corpus lacks; a
    /// corpus without captions, or with titles or descriptions in their place,
    /// which people wrote and no captioner would give for a new image.
    pub fn read(&self, corpus: &Corpus) -> Result<Captions> {
        match self {
            Self::Corpus => own_captions(corpus),
            Self::File(path) => {
                let captions = Captions::read(path)?;
                let ids: HashSet<&str> = corpus.artworks.iter().map(|a| a.id.as_str()).collect();
                captions.require_known(path, |id| ids.contains(id))?;
                if captions.is_empty() {
                    return Err(Error::NoCaptions(path.clone()));
                }
                Ok(captions)
            }
        }
    }
}

fn own_captions(corpus: &Corpus) -> Result<Captions> {
    let name = &corpus.description.name;
    let with_caption = || {
        corpus
            .artworks
            .iter()
            .filter_map(|artwork| Some((artwork, artwork.caption()?)))
    };
    let Some((first, _)) = with_caption().next() else {
        return Err(Error::NoCaptionColumn {
            corpus: name.clone(),
        });
    };
    for column in ["title", "description"] {
        let copies = with_caption().filter(|(artwork, text)| artwork.cell(column) == Some(*text));
        // A short caption may meet a title by chance; most of them don't.
        if 2 * copies.count() > with_caption().count() {
            return Err(Error::NotCaptions {
                corpus: name.clone(),
                column,
            });
        }
    }
    let captioner = match first.cell(CAPTIONER_COLUMN) {
        Some(captioner) => captioner.to_owned(),
        None => format!("the corpus's column `{CAPTION_COLUMN}`"),
    };
    let captions = with_caption().map(|(artwork, text)| Caption {
        id: artwork.id.clone(),
        text: text.to_owned(),
    });
    Ok(Captions::new(&captioner, captions)?)
}

impl From<String> for CaptionSource {
    fn from(text: String) -> Self {
        match text.as_str() {
            Self::CORPUS => Self::Corpus,
            _ => Self::File(PathBuf::from(text)),
        }
    }
}

impl FromStr for CaptionSource {
    type Err = Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Infallible> {
        Ok(text.to_owned().into())
    }
}

impl fmt::Display for CaptionSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corpus => formatter.write_str(Self::CORPUS),
            Self::File(path) => write!(formatter, "{}", path.display()),
        }
    }
}

impl From<CaptionSource> for String {
    fn from(source: CaptionSource) -> Self {
        source.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use artkg_corpus::{Artwork, CorpusDescription};

    use super::*;

    fn corpus(captions: [Option<&str>; 3]) -> Corpus {
        let artworks = captions.iter().enumerate().map(|(number, caption)| {
            let mut artwork = Artwork {
                id: number.to_string(),
                title: Some(format!("title {number}").into()),
                ..Artwork::default()
            };
            artwork
                .set_cell(CAPTION_COLUMN, caption.unwrap_or_default())
                .unwrap();
            artwork
        });
        Corpus {
            description: CorpusDescription::new("test", "images"),
            artworks: artworks.collect(),
            folder: PathBuf::from("nowhere"),
        }
    }

    fn refusal(source: &CaptionSource, corpus: &Corpus) -> String {
        source.read(corpus).unwrap_err().to_string()
    }

    #[test]
    fn the_own_column_serves_and_names_its_captioner() {
        let mut corpus = corpus([Some("a ship"), None, Some("a tower")]);
        let captions = CaptionSource::Corpus.read(&corpus).unwrap();
        assert_eq!(captions.len(), 2);
        assert_eq!(captions.get("2"), Some("a tower"));
        assert_eq!(captions.captioner(), "the corpus's column `caption`");
        corpus.artworks[0]
            .set_cell(CAPTIONER_COLUMN, "blip")
            .unwrap();
        let captions = CaptionSource::Corpus.read(&corpus).unwrap();
        assert_eq!(captions.captioner(), "blip");
    }

    #[test]
    fn what_people_wrote_is_no_caption() {
        let message = refusal(&CaptionSource::Corpus, &corpus([None; 3]));
        assert!(message.contains("no column `caption`"), "{message}");
        let titles = corpus([Some("title 0"), Some("title 1"), Some("a tower")]);
        let message = refusal(&CaptionSource::Corpus, &titles);
        assert!(message.contains("repeats the titles"), "{message}");
        let chance = corpus([Some("title 0"), Some("a ship"), Some("a tower")]);
        assert!(CaptionSource::Corpus.read(&chance).is_ok());
    }

    #[test]
    fn files_are_held_against_the_corpus() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("captions.csv");
        let source = CaptionSource::File(path.clone());
        let corpus = corpus([None; 3]);
        let write = |text: &str| artkg_files::write_bytes(&path, text.as_bytes()).unwrap();
        write("id,caption,captioner\n1,a ship,blip\n");
        let captions = source.read(&corpus).unwrap();
        assert_eq!((captions.len(), captions.captioner().as_str()), (1, "blip"));
        write("id,caption\n7,a ship\n");
        assert!(refusal(&source, &corpus).contains("no artwork `7`"));
        write("id,caption\n");
        assert!(refusal(&source, &corpus).contains("no captions"));
    }

    #[test]
    fn sources_travel_as_text() {
        for (text, source) in [
            ("corpus", CaptionSource::Corpus),
            (
                "made/captions.csv",
                CaptionSource::File(Path::new("made/captions.csv").into()),
            ),
        ] {
            assert_eq!(text.parse::<CaptionSource>().unwrap(), source);
            assert_eq!(source.to_string(), text);
        }
    }
}
