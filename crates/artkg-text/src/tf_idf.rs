use std::collections::HashMap;

use artkg_files::words::{StopWords, WordReader};
use serde::{Deserialize, Serialize};

use crate::counting::{Counts, positions, words_of};
use crate::error::{Error, Result};

/// How a [`TfIdf`] is fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TfIdfOptions {
    /// Keep this many words, those that occur most often and among equally
    /// frequent ones the first by the word; all when not given.
    pub maximum_features: Option<usize>,
    /// Words that are left out.
    pub stop_words: StopWords,
}

/// Texts as weighted words: a word's count in the text times
/// `ln((1 + texts) / (1 + texts with the word)) + 1`, rows of length one, as
/// scikit-learn's `TfidfVectorizer` with its defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct TfIdf {
    words: Vec<String>,
    inverse_frequencies: Vec<f32>,
    positions: HashMap<String, u32>,
}

/// What a file holds of a [`TfIdf`].
#[derive(Serialize, Deserialize)]
struct Stored {
    words: Vec<String>,
    inverse_frequencies: Vec<f32>,
}

/// A vector that is mostly zero: its other entries, by ascending position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseRow {
    /// Where the vector is not zero, ascending.
    pub positions: Vec<u32>,
    /// The values there.
    pub values: Vec<f32>,
}

impl TfIdf {
    /// Learns words and their weights from `texts`, which should be those of
    /// training artworks.
    ///
    /// # Errors
    /// [`Error::NoWords`] when no word remains.
    pub fn fit<'a>(
        texts: impl IntoIterator<Item = &'a str>,
        options: TfIdfOptions,
    ) -> Result<Self> {
        let counts = Counts::of(texts, options.stop_words);
        let texts = counts.texts;
        let mut words = counts.most_frequent(options.maximum_features.unwrap_or(usize::MAX));
        if words.is_empty() {
            return Err(Error::NoWords { texts });
        }
        words.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let weight = |with_word: u64| ((1 + texts) as f64 / (1 + with_word) as f64).ln() + 1.0;
        let inverse_frequencies = words
            .iter()
            .map(|(_, count)| weight(count.texts) as f32)
            .collect();
        let words = words.into_iter().map(|(word, _)| word).collect();
        Ok(Self::new(words, inverse_frequencies))
    }

    fn new(words: Vec<String>, inverse_frequencies: Vec<f32>) -> Self {
        Self {
            positions: positions(&words),
            words,
            inverse_frequencies,
        }
    }

    /// The number of words: the length of the vectors.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words, ascending.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The inverse document frequency of each word.
    pub fn inverse_frequencies(&self) -> &[f32] {
        &self.inverse_frequencies
    }

    /// The vector of a text: of length one, or zero where it has none of the words.
    pub fn transform(&self, text: &str) -> SparseRow {
        // The words ascend, so their positions do as well.
        let weighted: Vec<(u32, f64)> = words_of(&mut WordReader::default(), text)
            .into_iter()
            .filter_map(|(word, count)| {
                let position = *self.positions.get(&word)?;
                let weight = f64::from(self.inverse_frequencies[position as usize]);
                Some((position, f64::from(count) * weight))
            })
            .collect();
        let squares: f64 = weighted.iter().map(|(_, value)| value * value).sum();
        let length = squares.sqrt();
        weighted
            .into_iter()
            .map(|(position, value)| (position, (value / length) as f32))
            .collect()
    }
}

impl TryFrom<Stored> for TfIdf {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let Stored {
            words,
            inverse_frequencies,
        } = stored;
        if words.len() != inverse_frequencies.len() || !words.is_sorted() {
            return Err(Error::DamagedTfIdf {
                words: words.len(),
                weights: inverse_frequencies.len(),
            });
        }
        Ok(Self::new(words, inverse_frequencies))
    }
}

impl From<TfIdf> for Stored {
    fn from(tf_idf: TfIdf) -> Self {
        Self {
            words: tf_idf.words,
            inverse_frequencies: tf_idf.inverse_frequencies,
        }
    }
}

impl FromIterator<(u32, f32)> for SparseRow {
    fn from_iter<I: IntoIterator<Item = (u32, f32)>>(entries: I) -> Self {
        let (positions, values) = entries.into_iter().unzip();
        Self { positions, values }
    }
}

impl SparseRow {
    /// The positions and values.
    pub fn iter(&self) -> impl Iterator<Item = (u32, f32)> {
        self.positions
            .iter()
            .copied()
            .zip(self.values.iter().copied())
    }

    /// The vector with its zeros, `length` numbers.
    pub fn to_dense(&self, length: usize) -> Vec<f32> {
        let mut dense = vec![0.0; length];
        for (position, value) in self.iter() {
            dense[position as usize] = value;
        }
        dense
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 3] = ["ship sea ship", "sea tower", "tower of the sea"];

    #[test]
    fn rows_have_length_one_and_ascend() {
        let tf_idf = TfIdf::fit(TEXTS, TfIdfOptions::default()).unwrap();
        assert_eq!(tf_idf.words(), ["of", "sea", "ship", "the", "tower"]);
        let row = tf_idf.transform("the Ship, the unknown");
        assert_eq!(row.positions, [2, 3]);
        let squares: f32 = row.values.iter().map(|value| value * value).sum();
        assert!((squares - 1.0).abs() < 1e-6);
        // Equally rare words, one of them twice.
        assert!((row.values[1] / row.values[0] - 2.0).abs() < 1e-6);
        assert_eq!(row.to_dense(5)[3], row.values[1]);
        assert_eq!(tf_idf.transform("unknown"), SparseRow::default());
    }

    #[test]
    fn the_most_frequent_words_are_kept() {
        let options = TfIdfOptions {
            maximum_features: Some(2),
            stop_words: StopWords::English,
        };
        let tf_idf = TfIdf::fit(TEXTS, options).unwrap();
        assert_eq!(tf_idf.words(), ["sea", "ship"]);
        assert!(matches!(
            TfIdf::fit(["the"], options),
            Err(Error::NoWords { texts: 1 })
        ));
    }

    #[test]
    fn files_hold_words_and_weights_that_fit() {
        let tf_idf = TfIdf::fit(TEXTS, TfIdfOptions::default()).unwrap();
        let text = serde_json::to_string(&tf_idf).unwrap();
        assert_eq!(serde_json::from_str::<TfIdf>(&text).unwrap(), tf_idf);
        let damaged = r#"{"words":["b","a"],"inverse_frequencies":[1.0,1.0]}"#;
        let message = serde_json::from_str::<TfIdf>(damaged).unwrap_err();
        assert!(message.to_string().contains("out of order"));
    }
}
