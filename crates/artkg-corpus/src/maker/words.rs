//! What the words about makers mean: `words.toml`, read once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::qualifier::Qualifier;
use super::tokens::{Token, folded, places, tokens};

/// Where some words may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// After a name only: `attributed`.
    Mark,
    /// After a name; before it with a link: `workshop`.
    Noun,
    /// Before and after a name: `workshop of`.
    Phrase,
}

/// What a word between names, or between a name and a noun, says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    And,
    Or,
}

/// Words that mean a qualifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) qualifier: Qualifier,
    pub(super) form: Form,
    /// How many words they are.
    pub(super) length: usize,
}

/// All words.
pub(super) struct Words {
    /// By their words joined by spaces.
    qualifiers: HashMap<String, (Qualifier, Form)>,
    /// The words that these begin with.
    first: HashSet<String>,
    /// The lengths of those, each a bit, by their first byte: most words of a name
    /// are told apart from them without being copied.
    first_lengths: [u64; 256],
    /// How many words the longest has.
    longest: usize,
    joints: HashMap<String, Joint>,
    pub(super) articles: HashSet<String>,
    pub(super) particles: HashSet<String>,
    pub(super) organisations: HashSet<String>,
    pub(super) places: HashSet<String>,
    pub(super) untouched: HashSet<String>,
    /// The nouns that a name in the genitive may follow, as those of `qualifiers`.
    genitives: HashSet<String>,
    /// What nouns in the genitive that begin names are otherwise.
    pub(super) declined: HashMap<String, String>,
    /// Names that end in s.
    pub(super) names_in_s: HashSet<String>,
}

/// The shipped words.
pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::parse(include_str!("words.toml")).unwrap_or_else(|fault| {
        // The file is part of the program, and a test reads it.
        unreachable!("words.toml {fault}")
    })
});

impl Words {
    /// The longest words at the front of some that mean a qualifier.
    pub(super) fn find(&self, tokens: &[Token]) -> Option<Found> {
        let first = tokens.first()?;
        if first.text == "?" {
            return Some(Found {
                qualifier: Qualifier::Possibly,
                form: Form::Mark,
                length: 1,
            });
        }
        if !self.first.contains(&first.text) {
            return None;
        }
        let longest = self.longest.min(tokens.len());
        (1..=longest).rev().find_map(|length| {
            let (qualifier, form) = *self.qualifiers.get(&key(&tokens[..length]))?;
            Some(Found {
                qualifier,
                form,
                length,
            })
        })
    }

    /// Whether a text may say more of a maker than the name: whether [`Self::find`]
    /// finds anything anywhere in it, or a mark of doubt stands there.
    pub(super) fn may_qualify(&self, text: &str) -> bool {
        places(text).any(|place| {
            let word = &text[place];
            word == "?" || word == "¿" || self.may_begin(word) && self.begins(word)
        })
    }

    /// Whether a qualifier begins with a word of such a letter and length.
    fn may_begin(&self, word: &str) -> bool {
        let first = word.as_bytes()[0].to_ascii_lowercase();
        // Other letters may be of another length in lower case.
        !word.is_ascii() || self.first_lengths[usize::from(first)] & length_bit(word) != 0
    }

    fn begins(&self, word: &str) -> bool {
        self.first.contains(&folded(word))
    }

    /// Whether a name in the genitive may follow some words: `Werkstatt`.
    pub(super) fn takes_genitive(&self, tokens: &[Token]) -> bool {
        self.genitives.contains(&key(tokens))
    }

    /// Whether a word is `and` or `or`.
    pub(super) fn joint(&self, token: &Token) -> Option<Joint> {
        self.joints.get(&token.text).copied()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let set = |words: Vec<String>| words.into_iter().collect::<HashSet<String>>();
        let mut words = Self {
            qualifiers: HashMap::new(),
            first: HashSet::new(),
            first_lengths: [0; 256],
            longest: 0,
            joints: HashMap::new(),
            articles: HashSet::new(),
            particles: set(file.names.particles),
            organisations: set(file.names.organisations),
            places: set(file.names.places),
            untouched: set(file.names.untouched),
            genitives: HashSet::new(),
            declined: HashMap::new(),
            names_in_s: HashSet::new(),
        };
        for (name, language) in file.languages {
            words
                .add(language)
                .map_err(|fault| format!("[{name}]: {fault}"))?;
        }
        Ok(words)
    }

    fn add(&mut self, language: Language) -> Result<(), String> {
        for (qualifier, nouns) in language.nouns {
            for noun in nouns {
                self.define(&noun, qualifier, Form::Noun)?;
                for link in &language.links {
                    self.define(&format!("{noun} {link}"), qualifier, Form::Phrase)?;
                }
            }
        }
        for (lists, form) in [
            (language.phrases, Form::Phrase),
            (language.marks, Form::Mark),
        ] {
            for (qualifier, list) in lists {
                for written in list {
                    self.define(&written, qualifier, form)?;
                }
            }
        }
        let joints = [(language.and, Joint::And), (language.or, Joint::Or)];
        for (list, joint) in joints {
            for word in list.iter().flat_map(|word| tokens(word)) {
                self.joints.insert(word.text, joint);
            }
        }
        self.articles.extend(language.articles);
        for noun in language.genitives {
            let key = key(&tokens(&noun));
            let known = self.qualifiers.get(&key);
            if known.is_none_or(|(_, form)| *form != Form::Noun) {
                return Err(format!("`{noun}` is among the genitives and no noun"));
            }
            self.genitives.insert(key);
        }
        self.declined.extend(language.declined);
        self.names_in_s.extend(language.in_s);
        Ok(())
    }

    fn define(&mut self, written: &str, qualifier: Qualifier, form: Form) -> Result<(), String> {
        let tokens = tokens(written);
        let Some(first) = tokens.first() else {
            return Err(format!("`{written}` has no word"));
        };
        self.first_lengths[usize::from(first.text.as_bytes()[0])] |= length_bit(&first.text);
        self.first.insert(first.text.clone());
        self.longest = self.longest.max(tokens.len());
        let key = key(&tokens);
        match self.qualifiers.get(&key) {
            Some((other, _)) if *other != qualifier => {
                return Err(format!("`{written}` is `{other}` and `{qualifier}`"));
            }
            Some((_, other)) if *other >= form => {}
            _ => {
                self.qualifiers.insert(key, (qualifier, form));
            }
        }
        Ok(())
    }

    /// Whether a whole text is a maker's name that only looks qualified.
    pub(super) fn is_untouched(&self, text: &str) -> bool {
        self.untouched.contains(&folded(text))
    }
}

fn length_bit(word: &str) -> u64 {
    1 << word.len().min(63)
}

fn key(tokens: &[Token]) -> String {
    let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
    words.join(" ")
}

#[derive(Deserialize)]
struct File {
    names: Names,
    #[serde(flatten)]
    languages: BTreeMap<String, Language>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    particles: Vec<String>,
    organisations: Vec<String>,
    places: Vec<String>,
    untouched: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    links: Vec<String>,
    and: Vec<String>,
    or: Vec<String>,
    articles: Vec<String>,
    nouns: BTreeMap<Qualifier, Vec<String>>,
    phrases: BTreeMap<Qualifier, Vec<String>>,
    marks: BTreeMap<Qualifier, Vec<String>>,
    #[serde(default)]
    genitives: Vec<String>,
    #[serde(default)]
    declined: BTreeMap<String, String>,
    #[serde(default)]
    in_s: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sound_and_of_six_languages() {
        let words = Words::parse(include_str!("words.toml")).unwrap();
        for (text, qualifier, form) in [
            ("Workshop of the", Qualifier::WorkshopOf, Form::Phrase),
            ("Umkreis", Qualifier::CircleOf, Form::Noun),
            ("d'après", Qualifier::After, Form::Phrase),
            ("in de trant van", Qualifier::MannerOf, Form::Phrase),
            (
                "già attribuito a",
                Qualifier::FormerlyAttributedTo,
                Form::Phrase,
            ),
            ("discípulo de", Qualifier::PupilOf, Form::Phrase),
            ("attr.", Qualifier::AttributedTo, Form::Mark),
        ] {
            let tokens = tokens(text);
            let length = tokens.len();
            let found = Found {
                qualifier,
                form,
                length,
            };
            assert_eq!(words.find(&tokens), Some(found), "{text}");
        }
        assert_eq!(words.find(&tokens("Rembrandt")), None);
        assert_eq!(
            words.find(&tokens("da Vinci")).map(|found| found.form),
            Some(Form::Mark)
        );
    }

    #[test]
    fn every_language_says_all_but_what_it_has_no_word_for() {
        let file: File = toml::from_str(include_str!("words.toml")).unwrap();
        assert_eq!(file.languages.len(), 6);
        for (name, language) in &file.languages {
            for qualifier in Qualifier::ALL {
                let has = [&language.nouns, &language.phrases, &language.marks]
                    .iter()
                    .any(|lists| lists.contains_key(&qualifier));
                assert!(has, "{name} has no word for `{qualifier}`");
            }
        }
    }

    #[test]
    fn words_of_two_meanings_are_refused() {
        let text = "[names]\nparticles=[]\norganisations=[]\nplaces=[]\nuntouched=[]\n\
                    [one]\nlinks=[]\nand=[]\nor=[]\narticles=[]\nmarks={}\n\
                    nouns={'after'=['x']}\nphrases={'possibly'=['x']}\n";
        let fault = Words::parse(text).err().unwrap();
        assert!(
            fault.contains("[one]: `x` is `after` and `possibly`"),
            "{fault}"
        );
    }
}
