use std::collections::HashMap;

use artkg_files::words::{StopWords, Token, WordReader};
use serde::{Deserialize, Serialize};

use crate::counting::{Counts, positions};
use crate::error::{Error, Result};

/// The most frequent words of training captions, of which a caption becomes a
/// multi-hot vector (Garcia et al., ICMR 2019: 5,000 words).
///
/// Serialised as the list of its words, so that a model file can carry it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct WordVocabulary {
    words: Vec<String>,
    positions: HashMap<String, u32>,
}

impl WordVocabulary {
    /// The number of words in the paper.
    pub const USUAL_SIZE: usize = 5000;

    /// The `size` words that occur most often in `captions`, the most frequent
    /// first and equally frequent ones by the word; fewer where the captions have
    /// fewer. Only captions of training artworks belong here.
    ///
    /// # Errors
    /// [`Error::NoWords`] when the captions have no word.
    pub fn build<'a>(
        captions: impl IntoIterator<Item = &'a str>,
        size: usize,
        stop_words: StopWords,
    ) -> Result<Self> {
        let counts = Counts::of(captions, stop_words);
        let texts = counts.texts;
        let words: Vec<String> = counts
            .most_frequent(size)
            .into_iter()
            .map(|(word, _)| word)
            .collect();
        if words.is_empty() {
            return Err(Error::NoWords { texts });
        }
        Ok(words.into())
    }

    /// The number of words: the length of the multi-hot vectors.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words, the most frequent first.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The positions of the caption's words, ascending, each once: where its
    /// multi-hot vector is one. Words outside the vocabulary are passed over.
    pub fn multi_hot(&self, caption: &str) -> Vec<u32> {
        let mut found = Vec::new();
        WordReader::default().read(caption, |token| {
            if let Token::Word(word) = token {
                found.extend(self.positions.get(word));
            }
        });
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl From<Vec<String>> for WordVocabulary {
    fn from(words: Vec<String>) -> Self {
        Self {
            positions: positions(&words),
            words,
        }
    }
}

impl From<WordVocabulary> for Vec<String> {
    fn from(vocabulary: WordVocabulary) -> Self {
        vocabulary.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTIONS: [&str; 3] = [
        "A ship on the sea, a ship",
        "the Sea and a tower",
        "tower; ship",
    ];

    #[test]
    fn the_most_frequent_words_come_first_and_ties_by_word() {
        let vocabulary = WordVocabulary::build(CAPTIONS, 4, StopWords::None).unwrap();
        assert_eq!(vocabulary.words(), ["ship", "sea", "the", "tower"]);
        let vocabulary = WordVocabulary::build(CAPTIONS, 5000, StopWords::English).unwrap();
        assert_eq!(vocabulary.words(), ["ship", "sea", "tower"]);
    }

    #[test]
    fn multi_hot_positions_ascend_and_come_once() {
        let vocabulary = WordVocabulary::build(CAPTIONS, 4, StopWords::None).unwrap();
        assert_eq!(
            vocabulary.multi_hot("The TOWER, the ship and a castle"),
            [0, 2, 3]
        );
        assert!(vocabulary.multi_hot("a castle").is_empty());
    }

    #[test]
    fn a_vocabulary_travels_as_its_words() {
        let vocabulary = WordVocabulary::build(CAPTIONS, 4, StopWords::None).unwrap();
        let text = serde_json::to_string(&vocabulary).unwrap();
        assert_eq!(text, r#"["ship","sea","the","tower"]"#);
        assert_eq!(
            serde_json::from_str::<WordVocabulary>(&text).unwrap(),
            vocabulary
        );
    }

    #[test]
    fn captions_without_words_are_an_error() {
        let message = WordVocabulary::build(["", "a"], 10, StopWords::None)
            .unwrap_err()
            .to_string();
        assert!(message.contains("none of the 2 texts"), "{message}");
    }
}
