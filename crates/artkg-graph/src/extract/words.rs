use artkg_corpus::Artwork;
use hashbrown::HashSet;

use super::names::Names;
use crate::schema::{AttributeNode, StopWords};

const ENGLISH: &str = include_str!("../../../../graph/stop_words_english.txt");

/// The number that ends a phrase: no n-gram reaches across it.
pub(crate) const PHRASE_END: u32 = u32::MAX;

/// The words that keywords leave out.
pub(crate) struct LeftOut(HashSet<String>);

impl LeftOut {
    /// The words that an attribute of the schema names.
    pub(crate) fn new(attribute: &AttributeNode) -> Self {
        let mut words = HashSet::new();
        if attribute.stop_words.unwrap_or(StopWords::English) == StopWords::English {
            words.extend(ENGLISH.split_whitespace().map(str::to_owned));
        }
        let ignored = attribute.ignore.iter().flatten();
        words.extend(ignored.map(|word| word.to_lowercase()));
        Self(words)
    }
}

/// The words of a run of texts, one text an artwork.
pub(crate) struct Words<'a> {
    left_out: &'a LeftOut,
    names: Names,
    /// The words' numbers, text after text, and the ends of phrases.
    stream: Vec<u32>,
    /// Where each text ends in `stream`.
    ends: Vec<usize>,
    word: String,
}

impl<'a> Words<'a> {
    /// No texts yet.
    pub(crate) fn new(left_out: &'a LeftOut) -> Self {
        Self {
            left_out,
            names: Names::default(),
            stream: Vec::new(),
            ends: Vec::new(),
            word: String::new(),
        }
    }

    /// Reads a column of artworks.
    pub(crate) fn read(artworks: &[&Artwork], column: &str, left_out: &'a LeftOut) -> Self {
        let mut words = Self::new(left_out);
        for artwork in artworks {
            words.push(artwork.values(column));
        }
        words
    }

    /// Adds the text of the next artwork; an empty one where it has none.
    pub(crate) fn push<'b>(&mut self, texts: impl Iterator<Item = &'b str>) {
        for text in texts {
            self.read_text(text);
            self.end_phrase();
        }
        self.ends.push(self.stream.len());
    }

    /// The distinct words.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// The words' numbers, text after text; [`PHRASE_END`] after each phrase.
    pub(crate) fn stream(&self) -> &[u32] {
        &self.stream
    }

    /// Where each text ends in the stream.
    pub(crate) fn ends(&self) -> &[usize] {
        &self.ends
    }

    fn read_text(&mut self, text: &str) {
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
            && !self.left_out.0.contains(&self.word);
        if counts {
            self.stream.push(self.names.number(&self.word));
        }
        self.word.clear();
    }

    fn end_phrase(&mut self) {
        if self.stream.last().is_some_and(|&word| word != PHRASE_END) {
            self.stream.push(PHRASE_END);
        }
    }
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '’' | '‘' | '`')
}
