//! What the words of written dates mean: `words.toml`, read once.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

/// What a word of a date means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Circa,
    After,
    Before,
    Until,
    Onwards,
    Earlier,
    Later,
    Not,
    Early,
    Middle,
    Late,
    Last,
    Century,
    /// A half, third, quarter or tenth of a century: how many of them make it.
    Part(i32),
    /// A decade follows: `années 1640`.
    DecadesOf,
    /// `first` to `twentieth`; some also name a part (`third`, `quarto`).
    Ordinal(i32),
    BeforeChrist,
    AfterChrist,
    LaterState,
    /// The number that follows is no year.
    Numbered,
}

/// All words, and the abbreviations with dots.
pub(super) struct Words {
    meanings: HashMap<String, Meaning>,
    /// Abbreviations and the plain words that stand for them.
    pub(super) abbreviations: Vec<(String, &'static str)>,
}

impl Words {
    /// The meaning of a word in lower case.
    pub(super) fn meaning(&self, word: &str) -> Option<Meaning> {
        self.meanings.get(word).copied()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut words = Self {
            meanings: HashMap::new(),
            abbreviations: Vec::new(),
        };
        for (list, plain) in [
            (file.abbreviations.before_christ, "bc"),
            (file.abbreviations.after_christ, "ad"),
        ] {
            words
                .abbreviations
                .extend(list.into_iter().map(|written| (written, plain)));
        }
        // `b.c.e.` before `c.e.`, which is its end.
        words
            .abbreviations
            .sort_by_key(|(written, _)| std::cmp::Reverse(written.len()));
        for (language, lists) in file.languages {
            words
                .add(lists)
                .map_err(|fault| format!("[{language}]: {fault}"))?;
        }
        Ok(words)
    }

    fn add(&mut self, lists: Language) -> Result<(), String> {
        for (list, meaning) in [
            (lists.circa, Meaning::Circa),
            (lists.after, Meaning::After),
            (lists.before, Meaning::Before),
            (lists.until, Meaning::Until),
            (lists.onwards, Meaning::Onwards),
            (lists.earlier, Meaning::Earlier),
            (lists.later, Meaning::Later),
            (lists.not, Meaning::Not),
            (lists.early, Meaning::Early),
            (lists.middle, Meaning::Middle),
            (lists.late, Meaning::Late),
            (lists.last, Meaning::Last),
            (lists.century, Meaning::Century),
            (lists.half, Meaning::Part(2)),
            (lists.third, Meaning::Part(3)),
            (lists.quarter, Meaning::Part(4)),
            (lists.decade, Meaning::Part(10)),
            (lists.decades_of, Meaning::DecadesOf),
            (lists.before_christ, Meaning::BeforeChrist),
            (lists.after_christ, Meaning::AfterChrist),
            (lists.later_state, Meaning::LaterState),
            (lists.numbered, Meaning::Numbered),
        ] {
            self.define(list, meaning)?;
        }
        for (number, list) in (1..).zip(lists.ordinals) {
            self.define(list, Meaning::Ordinal(number))?;
        }
        Ok(())
    }

    fn define(&mut self, words: Vec<String>, meaning: Meaning) -> Result<(), String> {
        for word in words {
            match self.meanings.insert(word.clone(), meaning) {
                Some(other) if other != meaning => {
                    return Err(format!("`{word}` is {other:?} and {meaning:?}"));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The shipped words.
pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::parse(include_str!("words.toml")).unwrap_or_else(|fault| {
        // The file is part of the program, and a test reads it.
        unreachable!("words.toml {fault}")
    })
});

#[derive(Deserialize)]
struct File {
    abbreviations: Abbreviations,
    #[serde(flatten)]
    languages: BTreeMap<String, Language>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Abbreviations {
    before_christ: Vec<String>,
    after_christ: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Language {
    circa: Vec<String>,
    after: Vec<String>,
    before: Vec<String>,
    until: Vec<String>,
    onwards: Vec<String>,
    earlier: Vec<String>,
    later: Vec<String>,
    not: Vec<String>,
    early: Vec<String>,
    middle: Vec<String>,
    late: Vec<String>,
    last: Vec<String>,
    century: Vec<String>,
    half: Vec<String>,
    third: Vec<String>,
    quarter: Vec<String>,
    decade: Vec<String>,
    decades_of: Vec<String>,
    before_christ: Vec<String>,
    after_christ: Vec<String>,
    later_state: Vec<String>,
    numbered: Vec<String>,
    /// `first`, `second`…, each in all its forms.
    ordinals: Vec<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sound_and_of_six_languages() {
        let words = Words::parse(include_str!("words.toml")).unwrap();
        for (word, meaning) in [
            ("before", Meaning::Before),
            ("nach", Meaning::After),
            ("siècle", Meaning::Century),
            ("metà", Meaning::Middle),
            ("mitad", Meaning::Part(2)),
            ("eeuw", Meaning::Century),
            ("twentieth", Meaning::Ordinal(20)),
        ] {
            assert_eq!(words.meaning(word), Some(meaning), "{word}");
        }
        assert_eq!(words.meaning("paris"), None);
    }

    #[test]
    fn a_word_of_two_meanings_is_refused() {
        let text = "[abbreviations]\nbefore_christ = []\nafter_christ = []\n\
                    [one]\nearly = ['fin']\n[two]\nlate = ['fin']\n";
        let fault = Words::parse(text).err().unwrap();
        assert!(fault.contains("[two]: `fin`"), "{fault}");
    }
}
