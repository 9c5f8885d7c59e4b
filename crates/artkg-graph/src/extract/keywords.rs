//! Keywords of titles: n-grams of one to three words, counted over artworks.

use hashbrown::{DefaultHashBuilder, HashMap, HashSet};
use std::hash::BuildHasher;

use hashbrown::HashTable;

use crate::schema::{AttributeNode, LONGEST_NGRAM, StopWords};

const ENGLISH: &str = include_str!("../../../../graph/stop_words_english.txt");

/// An n-gram as numbers of words; places left over hold [`NOTHING`].
type Ngram = [u32; LONGEST_NGRAM];
/// Stands for "no word" in an n-gram and for "end of a phrase" in a text.
const NOTHING: u32 = u32::MAX;

/// Collects the words of one text per artwork, then gives each its keywords.
///
/// Words are kept as numbers and n-grams as triples of them, so that memory
/// stays linear in the number of words and small: no n-gram that is dropped for
/// being rare is ever spelled out.
pub(crate) struct Keywords {
    longest: usize,
    minimum_count: u32,
    left_out: HashSet<String>,
    words: Words,
    /// The word numbers of all texts, one after another.
    stream: Vec<u32>,
    /// Where each text ends in `stream`.
    ends: Vec<usize>,
    /// In how many texts each n-gram occurs.
    counts: HashMap<Ngram, u32>,
    scratch: Vec<Ngram>,
    word: String,
}

impl Keywords {
    /// Keywords as an attribute of the schema asks for them.
    pub(crate) fn new(attribute: &AttributeNode) -> Self {
        let mut left_out = HashSet::new();
        if attribute.stop_words.unwrap_or(StopWords::English) == StopWords::English {
            left_out.extend(ENGLISH.split_whitespace().map(str::to_owned));
        }
        let ignored = attribute.ignore.iter().flatten();
        left_out.extend(ignored.map(|word| word.to_lowercase()));
        Self {
            longest: attribute.longest.unwrap_or(LONGEST_NGRAM),
            minimum_count: attribute.minimum_count.unwrap_or(1),
            left_out,
            words: Words::default(),
            stream: Vec::new(),
            ends: Vec::new(),
            counts: HashMap::new(),
            scratch: Vec::new(),
            word: String::new(),
        }
    }

    /// Adds the text of the next artwork; an empty one where it has none.
    pub(crate) fn push(&mut self, texts: impl Iterator<Item = impl AsRef<str>>) {
        let start = self.stream.len();
        for text in texts {
            self.read(text.as_ref());
            self.end_phrase();
        }
        self.ends.push(self.stream.len());
        let mut ngrams = std::mem::take(&mut self.scratch);
        collect_ngrams(&self.stream[start..], self.longest, &mut ngrams);
        for ngram in &ngrams {
            *self.counts.entry(*ngram).or_insert(0) += 1;
        }
        self.scratch = ngrams;
    }

    /// Visits each keyword of the text that was pushed as number `index`.
    pub(crate) fn visit<E>(
        &mut self,
        index: usize,
        mut visit: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        let mut ngrams = std::mem::take(&mut self.scratch);
        collect_ngrams(
            &self.stream[start..self.ends[index]],
            self.longest,
            &mut ngrams,
        );
        for ngram in &ngrams {
            if self
                .counts
                .get(ngram)
                .is_some_and(|&count| count >= self.minimum_count)
            {
                self.word.clear();
                for (place, &word) in ngram
                    .iter()
                    .take_while(|&&word| word != NOTHING)
                    .enumerate()
                {
                    if place > 0 {
                        self.word.push(' ');
                    }
                    self.word.push_str(self.words.get(word));
                }
                visit(&self.word)?;
            }
        }
        self.scratch = ngrams;
        Ok(())
    }

    fn read(&mut self, text: &str) {
        self.word.clear();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter.is_alphanumeric() {
                self.word.extend(letter.to_lowercase());
                continue;
            }
            let possessive =
                is_apostrophe(letter) && letters.peek().is_some_and(|&next| next == 's');
            self.end_word();
            if possessive {
                // "Rembrandt's" is the word "rembrandt"; "l'homme" is two words.
                letters.next();
                if letters.peek().is_some_and(|next| next.is_alphanumeric()) {
                    self.word.push('s');
                }
            } else if !letter.is_whitespace() && letter != '-' && !is_apostrophe(letter) {
                self.end_phrase();
            }
        }
        self.end_word();
    }

    fn end_word(&mut self) {
        let counts = self.word.chars().nth(1).is_some()
            && self.word.chars().any(char::is_alphabetic)
            && !self.left_out.contains(&self.word);
        if counts {
            self.stream.push(self.words.number(&self.word));
        }
        self.word.clear();
    }

    fn end_phrase(&mut self) {
        if self.stream.last().is_some_and(|&word| word != NOTHING) {
            self.stream.push(NOTHING);
        }
    }
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '’' | '‘' | '`')
}

/// The distinct n-grams of a text, in order of their first words' numbers.
fn collect_ngrams(words: &[u32], longest: usize, ngrams: &mut Vec<Ngram>) {
    ngrams.clear();
    for phrase in words.split(|&word| word == NOTHING) {
        for start in 0..phrase.len() {
            let mut ngram = [NOTHING; LONGEST_NGRAM];
            for (place, &word) in phrase[start..].iter().take(longest).enumerate() {
                ngram[place] = word;
                ngrams.push(ngram);
            }
        }
    }
    ngrams.sort_unstable();
    ngrams.dedup();
}

/// Words and their numbers, each word stored once.
#[derive(Default)]
struct Words {
    text: String,
    ends: Vec<usize>,
    lookup: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Words {
    fn number(&mut self, word: &str) -> u32 {
        let Self {
            text,
            ends,
            lookup,
            hasher,
        } = self;
        let entry = lookup.entry(
            hasher.hash_one(word),
            |&number| word_at(text, ends, number) == word,
            |&number| hasher.hash_one(word_at(text, ends, number)),
        );
        *entry
            .or_insert_with(|| {
                text.push_str(word);
                ends.push(text.len());
                // A corpus has far fewer than 4 billion different words: their
                // letters alone would not fit in memory.
                (ends.len() - 1) as u32
            })
            .get()
    }

    fn get(&self, number: u32) -> &str {
        word_at(&self.text, &self.ends, number)
    }
}

fn word_at<'a>(text: &'a str, ends: &[usize], number: u32) -> &'a str {
    let number = number as usize;
    let start = if number == 0 { 0 } else { ends[number - 1] };
    &text[start..ends[number]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;

    fn keywords(minimum_count: u32, titles: &[&str]) -> Vec<Vec<String>> {
        let schema = Schema::built_in().unwrap();
        let mut attribute = schema.attributes().last().unwrap().clone();
        attribute.minimum_count = Some(minimum_count);
        let mut keywords = Keywords::new(&attribute);
        for title in titles {
            keywords.push(std::iter::once(title));
        }
        (0..titles.len())
            .map(|index| {
                let mut found = Vec::new();
                let visited: Result<(), ()> = keywords.visit(index, |keyword| {
                    found.push(keyword.to_owned());
                    Ok(())
                });
                visited.unwrap();
                found.sort();
                found
            })
            .collect()
    }

    #[test]
    fn stop_words_leave_and_neighbours_join() {
        let found = keywords(1, &["The Virgin and Child with a Saint"]);
        assert_eq!(
            found[0],
            [
                "child",
                "child saint",
                "saint",
                "virgin",
                "virgin child",
                "virgin child saint"
            ]
        );
    }

    #[test]
    fn punctuation_ends_a_phrase_and_hyphens_do_not() {
        let found = keywords(
            1,
            &["Still-Life: Rembrandt's Table (detail) 1650", "D'Este, J."],
        );
        assert_eq!(
            found[0],
            [
                "life",
                "rembrandt",
                "rembrandt table",
                "still",
                "still life",
                "table"
            ]
        );
        assert_eq!(found[1], ["este"]);
    }

    #[test]
    fn rare_keywords_are_dropped_and_repeats_count_once() {
        let found = keywords(2, &["Rose rose rose", "A rose garden", "Garden"]);
        assert_eq!(
            found,
            [vec!["rose"], vec!["garden", "rose"], vec!["garden"]]
        );
    }
}
