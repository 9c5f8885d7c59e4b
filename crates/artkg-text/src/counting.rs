use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use artkg_files::words::{StopWords, Token, WordReader};

/// How often words occur in texts.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// The number of texts.
    pub(crate) texts: usize,
    /// Each word with its counts.
    words: HashMap<String, Count>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    /// Occurrences in all texts.
    pub(crate) occurrences: u64,
    /// Texts that have the word.
    pub(crate) texts: u64,
}

impl Counts {
    /// Counts the words of `texts`, those of `stop_words` left out.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>, stop_words: StopWords) -> Self {
        let left_out: HashSet<&str> = stop_words.words().collect();
        let mut counts = Self::default();
        let mut reader = WordReader::default();
        for text in texts {
            counts.texts += 1;
            for (word, occurrences) in words_of(&mut reader, text) {
                if left_out.contains(word.as_str()) {
                    continue;
                }
                let count = counts.words.entry(word).or_default();
                count.occurrences += u64::from(occurrences);
                count.texts += 1;
            }
        }
        counts
    }

    /// The `limit` words with most occurrences, the most frequent first; equally
    /// frequent ones by the word.
    pub(crate) fn most_frequent(self, limit: usize) -> Vec<(String, Count)> {
        let mut words: Vec<(String, Count)> = self.words.into_iter().collect();
        words.sort_unstable_by(|(a, a_count), (b, b_count)| {
            Reverse(a_count.occurrences)
                .cmp(&Reverse(b_count.occurrences))
                .then_with(|| a.cmp(b))
        });
        words.truncate(limit);
        words
    }
}

/// The words of a text and how often each occurs in it.
pub(crate) fn words_of(reader: &mut WordReader, text: &str) -> BTreeMap<String, u32> {
    let mut words = BTreeMap::new();
    reader.read(text, |token| {
        if let Token::Word(word) = token {
            match words.get_mut(word) {
                Some(count) => *count += 1,
                None => {
                    words.insert(word.to_owned(), 1);
                }
            }
        }
    });
    words
}

/// The position of each word.
pub(crate) fn positions(words: &[String]) -> HashMap<String, u32> {
    // A vocabulary is far smaller than 4 billion words.
    words.iter().cloned().zip(0..).collect()
}
