use artkg_corpus::Artwork;
use artkg_text::{StopWords, TfIdf, TfIdfOptions};
use artkg_vocabulary::Vocabulary;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::mentions::mentions;

/// How texts and attributes become numbers: the words' TF-IDF, then for each
/// vocabulary a one for the class, if there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TextSide {
    pub(crate) words: TfIdf,
    pub(crate) vocabularies: Vec<Vocabulary>,
}

/// What is known of an artwork in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) title: String,
    pub(crate) description: String,
    /// The classes of each vocabulary.
    pub(crate) classes: Vec<Vec<usize>>,
}

impl Record {
    /// The record of an artwork; `None` where there are no words.
    pub(crate) fn of(artwork: &Artwork, vocabularies: &[Vocabulary]) -> Option<Self> {
        let cell = |column| artwork.cell(column).unwrap_or_default().trim().to_owned();
        let (title, description) = (cell("title"), cell("description"));
        if title.is_empty() && description.is_empty() {
            return None;
        }
        let classes = vocabularies
            .iter()
            .map(|vocabulary| artwork.target(vocabulary).into_iter().collect())
            .collect();
        Some(Self {
            title,
            description,
            classes,
        })
    }

    /// All words.
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.title, self.description)
    }
}

impl TextSide {
    /// Learns the words of the training records.
    ///
    /// # Errors
    /// When they have none.
    pub(crate) fn fit(
        records: &[Record],
        vocabularies: Vec<Vocabulary>,
        words: usize,
    ) -> Result<Self> {
        let texts: Vec<String> = records.iter().map(Record::text).collect();
        let options = TfIdfOptions {
            maximum_features: Some(words),
            stop_words: StopWords::English,
        };
        let words = TfIdf::fit(texts.iter().map(String::as_str), options).map_err(|error| {
            Error::Usage(format!(
                "titles and descriptions of the training artworks: {error}"
            ))
        })?;
        Ok(Self {
            words,
            vocabularies,
        })
    }

    /// The length of the vectors.
    pub(crate) fn inputs(&self) -> usize {
        let classes = self.vocabularies.iter().map(Vocabulary::len);
        self.words.len() + classes.sum::<usize>()
    }

    /// Writes the vector of a text and its classes over zeros.
    pub(crate) fn write(&self, text: &str, classes: &[Vec<usize>], output: &mut [f32]) {
        for (position, value) in self.words.transform(text).iter() {
            output[position as usize] = value;
        }
        let mut start = self.words.len();
        for (vocabulary, classes) in self.vocabularies.iter().zip(classes) {
            classes.iter().for_each(|class| output[start + class] = 1.0);
            start += vocabulary.len();
        }
    }

    /// The vector of a free query, and the classes that it names.
    pub(crate) fn query(&self, text: &str) -> (Vec<f32>, Vec<Vec<usize>>) {
        let classes: Vec<Vec<usize>> = self
            .vocabularies
            .iter()
            .map(|vocabulary| mentions(vocabulary, text))
            .collect();
        let mut output = vec![0.0; self.inputs()];
        self.write(text, &classes, &mut output);
        (output, classes)
    }
}
