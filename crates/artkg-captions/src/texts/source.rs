use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use artkg_corpus::{Artwork, Corpus};

use crate::caption_source::CaptionSource;
use crate::error::{Error, Result};

/// Where the texts of artworks come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextSource {
    /// Columns that people wrote.
    Columns(TextColumns),
    /// Captions that something made of the images.
    Captions(CaptionSource),
}

/// The columns whose text counts; what users write after `--field`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextColumns {
    /// `title`
    Title,
    /// `description`
    Description,
    /// `title+description`: one after the other.
    #[default]
    TitleAndDescription,
}

/// The texts of artworks.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    texts: HashMap<String, String>,
    description: String,
}

impl TextSource {
    /// The texts of a corpus.
    pub(super) fn read(&self, corpus: &Corpus) -> Result<Texts> {
        match self {
            Self::Columns(columns) => {
                let artworks = corpus.artworks.iter();
                let texts =
                    artworks.filter_map(|artwork| Some((artwork.id.clone(), columns.of(artwork)?)));
                Ok(Texts {
                    texts: texts.collect(),
                    description: columns.to_string(),
                })
            }
            Self::Captions(source) => {
                let captions = source.read(corpus)?;
                let texts = captions
                    .iter()
                    .map(|caption| (caption.id.clone(), caption.text.clone()));
                Ok(Texts {
                    texts: texts.collect(),
                    description: format!("captions by {}", captions.captioner()),
                })
            }
        }
    }
}

impl Texts {
    /// The text of an artwork.
    pub(super) fn get(&self, id: &str) -> Option<&str> {
        self.texts.get(id).map(String::as_str)
    }

    /// What the texts are.
    pub(super) fn description(&self) -> &str {
        &self.description
    }
}

impl TextColumns {
    const ALL: [Self; 3] = [Self::Title, Self::Description, Self::TitleAndDescription];

    /// All of these together.
    pub fn together(columns: &[Self]) -> Option<Self> {
        let first = *columns.first()?;
        match columns.iter().all(|columns| *columns == first) {
            true => Some(first),
            false => Some(Self::TitleAndDescription),
        }
    }

    /// The names of the columns.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Title => &["title"],
            Self::Description => &["description"],
            Self::TitleAndDescription => &["title", "description"],
        }
    }

    /// The text of an artwork, where it has one.
    pub fn of(self, artwork: &Artwork) -> Option<String> {
        let cells = self.names().iter().filter_map(|name| artwork.cell(name));
        let cells: Vec<&str> = cells.collect();
        (!cells.is_empty()).then(|| cells.join(". "))
    }
}

impl fmt::Display for TextColumns {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.names().join("+"))
    }
}

impl FromStr for TextColumns {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|columns| columns.to_string() == text.trim())
            .ok_or_else(|| Error::UnknownField(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_and_joined() {
        let mut artwork = Artwork {
            title: Some("Still life".into()),
            ..Artwork::default()
        };
        for (text, expected) in [
            ("title", Some("Still life")),
            ("description", None),
            ("title+description", Some("Still life")),
        ] {
            let columns: TextColumns = text.parse().unwrap();
            assert_eq!(columns.to_string(), text);
            assert_eq!(columns.of(&artwork).as_deref(), expected);
        }
        let (title, description) = (TextColumns::Title, TextColumns::Description);
        let both = Some(TextColumns::TitleAndDescription);
        assert_eq!(TextColumns::together(&[title, description]), both);
        assert_eq!(TextColumns::together(&[title, title]), Some(title));
        assert_eq!(TextColumns::together(&[]), None);
        artwork.description = Some("With lemons.".into());
        assert_eq!(
            TextColumns::default().of(&artwork).as_deref(),
            Some("Still life. With lemons.")
        );
        let message = "author".parse::<TextColumns>().unwrap_err().to_string();
        assert!(message.contains("title,description"), "{message}");
    }
}
