//! Keywords of titles: n-grams of one to three words that enough artworks have.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::names::Names;
use super::words::{PHRASE_END, Words};
use crate::schema::{AttributeNode, LONGEST_NGRAM};

/// An n-gram as numbers of words; places left over hold [`NOTHING`].
type Ngram = [u32; LONGEST_NGRAM];
/// Stands for "no word" in an n-gram and for "no keyword" at a place.
const NOTHING: u32 = u32::MAX;

/// The keywords of one text per artwork.
///
/// An n-gram occurs in enough texts only if both n-grams that are a word shorter
/// do. So lengths are counted one after another, and only where both shorter ones
/// have stayed: memory is linear in the number of words, and no n-gram that is
/// dropped for being rare is ever spelled out.
pub(crate) struct Keywords {
    names: Names,
    /// The words of each keyword.
    ngrams: Vec<Ngram>,
    /// For each length, the keyword of that many words that starts at each word
    /// of the texts, or [`NOTHING`].
    starting: Vec<Vec<u32>>,
    /// Where each text ends among the words.
    ends: Vec<usize>,
}

impl Keywords {
    /// The keywords of the texts of all runs, as an attribute of the schema asks
    /// for them.
    pub(crate) fn new(attribute: &AttributeNode, runs: &[Words<'_>]) -> Self {
        let (names, stream, ends) = join(runs);
        let mut keywords = Self {
            names,
            ngrams: Vec::new(),
            starting: Vec::new(),
            ends,
        };
        let minimum_count = attribute.minimum_count.unwrap_or(1);
        keywords.grow(minimum_count, |place| {
            let word = stream[place];
            (word != PHRASE_END).then_some((word, 0))
        });
        for length in 2..=attribute.longest.unwrap_or(LONGEST_NGRAM) {
            let shorter = std::mem::take(&mut keywords.starting[length - 2]);
            keywords.grow(minimum_count, |place| {
                let (first, second) = (shorter[place], *shorter.get(place + 1)?);
                (first != NOTHING && second != NOTHING).then_some((first, second))
            });
            keywords.starting[length - 2] = shorter;
        }
        keywords
    }

    /// Finds the keywords of the next length. `key` tells the n-grams of that
    /// length apart: by the word, or by the two shorter keywords that each one
    /// starts and ends with; it is `None` where none starts.
    fn grow(&mut self, minimum_count: u32, key: impl Fn(usize) -> Option<(u32, u32)> + Sync) {
        let length = self.starting.len() + 1;
        // Each thread counts the n-grams that start with its share of the words.
        let shares = rayon::current_num_threads() as u32;
        let mut frequent: Vec<(u32, u32)> = (0..shares)
            .into_par_iter()
            .flat_map_iter(|share| {
                let mut counts: HashMap<(u32, u32), Count> = HashMap::new();
                let mut start = 0;
                for (text, &end) in self.ends.iter().enumerate() {
                    for key in (start..end).filter_map(&key) {
                        if key.0 % shares == share {
                            counts.entry(key).or_default().meet(text as u32);
                        }
                    }
                    start = end;
                }
                counts.retain(|_, count| count.texts >= minimum_count);
                counts.into_keys()
            })
            .collect();
        frequent.sort_unstable();
        let mut numbers = HashMap::with_capacity(frequent.len());
        for key in frequent {
            numbers.insert(key, self.ngrams.len() as u32);
            let mut ngram = [key.0, NOTHING, NOTHING];
            if length > 1 {
                ngram = self.ngrams[key.0 as usize];
                ngram[length - 1] = self.ngrams[key.1 as usize][length - 2];
            }
            self.ngrams.push(ngram);
        }
        let places = self.ends.last().copied().unwrap_or(0);
        let number = |place| key(place).and_then(|key| numbers.get(&key).copied());
        let starting = (0..places)
            .into_par_iter()
            .map(|place| number(place).unwrap_or(NOTHING));
        self.starting.push(starting.collect());
    }

    /// Puts the numbers of the keywords of a text into `found`, each once, in the
    /// order of their words' numbers.
    pub(crate) fn of_text(&self, text: usize, found: &mut Vec<u32>) {
        let start = if text == 0 { 0 } else { self.ends[text - 1] };
        found.clear();
        for starting in &self.starting {
            let here = starting[start..self.ends[text]].iter();
            found.extend(here.filter(|&&keyword| keyword != NOTHING));
        }
        found.sort_unstable_by_key(|&keyword| self.ngrams[keyword as usize]);
        found.dedup();
    }

    /// The number of keywords.
    pub(crate) fn len(&self) -> usize {
        self.ngrams.len()
    }

    /// The words of a keyword.
    pub(crate) fn name(&self, keyword: u32) -> String {
        let words = self.ngrams[keyword as usize].iter();
        let words = words.take_while(|&&word| word != NOTHING);
        words
            .map(|&word| self.names.get(word))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// In how many texts an n-gram occurs.
#[derive(Default)]
struct Count {
    texts: u32,
    /// One more than the last text that was counted.
    next: u32,
}

impl Count {
    /// Counts an occurrence; texts come in order.
    fn meet(&mut self, text: u32) {
        if self.next <= text {
            self.next = text + 1;
            self.texts += 1;
        }
    }
}

/// The words of all runs under common numbers, in the order of first occurrence.
fn join(runs: &[Words<'_>]) -> (Names, Vec<u32>, Vec<usize>) {
    let (mut names, mut stream, mut ends) = (Names::default(), Vec::new(), Vec::new());
    stream.reserve_exact(runs.iter().map(|run| run.stream().len()).sum());
    ends.reserve_exact(runs.iter().map(|run| run.ends().len()).sum());
    for run in runs {
        let start = stream.len();
        let common: Vec<u32> = run.names().iter().map(|name| names.number(name)).collect();
        let number = |&word: &u32| common.get(word as usize).copied().unwrap_or(PHRASE_END);
        stream.extend(run.stream().iter().map(number));
        ends.extend(run.ends().iter().map(|end| start + end));
    }
    (names, stream, ends)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::extract::words::LeftOut;
    use crate::schema::{Extract, Schema};

    fn keywords(minimum_count: u32, titles: &[&str]) -> Vec<Vec<String>> {
        let schema = Schema::built_in().unwrap();
        let mut attributes = schema.attributes().iter();
        let is_keywords = |attribute: &&AttributeNode| attribute.extract == Extract::Keywords;
        let mut attribute = attributes.find(is_keywords).unwrap().clone();
        attribute.minimum_count = Some(minimum_count);
        let left_out = LeftOut::new(&attribute);
        // Runs of two texts each: the words of several runs have to meet.
        let runs = titles.chunks(2).map(|titles| {
            let mut words = Words::new(&left_out);
            titles
                .iter()
                .for_each(|&title| words.push([title].into_iter()));
            words
        });
        let keywords = Keywords::new(&attribute, &runs.collect::<Vec<_>>());
        let mut found = Vec::new();
        (0..titles.len())
            .map(|text| {
                keywords.of_text(text, &mut found);
                let mut names: Vec<String> =
                    found.iter().map(|&number| keywords.name(number)).collect();
                names.sort();
                names
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

    /// Counts n-grams in the plainest way.
    fn plainly(minimum_count: usize, titles: &[&str]) -> Vec<Vec<String>> {
        let ngrams = |title: &&str| -> BTreeSet<String> {
            let words: Vec<&str> = title.split(' ').collect();
            (1..=3)
                .flat_map(|length| words.windows(length).map(|window| window.join(" ")))
                .collect()
        };
        let of_titles: Vec<BTreeSet<String>> = titles.iter().map(ngrams).collect();
        let count = |ngram: &String| of_titles.iter().filter(|all| all.contains(ngram)).count();
        of_titles
            .iter()
            .map(|all| {
                let frequent = all.iter().filter(|ngram| count(ngram) >= minimum_count);
                frequent.cloned().collect()
            })
            .collect()
    }

    #[test]
    fn any_titles_give_what_plain_counting_gives() {
        let vocabulary = ["rose", "garden", "saint", "table", "river"];
        let mut state = 7u32;
        let mut draw = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        let titles: Vec<String> = (0..200)
            .map(|_| {
                let words = (0..=draw(6)).map(|_| vocabulary[draw(5) as usize]);
                words.collect::<Vec<_>>().join(" ")
            })
            .collect();
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
        for minimum_count in [1, 2, 5, 20, 1000] {
            assert_eq!(
                keywords(minimum_count, &titles),
                plainly(minimum_count as usize, &titles),
                "at least {minimum_count}"
            );
        }
    }
}
