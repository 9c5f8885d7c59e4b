use artkg_corpus::Artwork;
use artkg_files::words::{StopWords, Token, WordReader};
use hashbrown::HashSet;

use super::names::Names;
use crate::schema::AttributeNode;

/// The number that ends a phrase: no n-gram reaches across it.
pub(crate) const PHRASE_END: u32 = u32::MAX;

/// The words that keywords leave out.
pub(crate) struct LeftOut(HashSet<String>);

impl LeftOut {
    /// The words that an attribute of the schema names.
    pub(crate) fn new(attribute: &AttributeNode) -> Self {
        let mut words = HashSet::new();
        let list = attribute.stop_words.unwrap_or(StopWords::English);
        words.extend(list.words().map(str::to_owned));
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
    reader: WordReader,
}

impl<'a> Words<'a> {
    /// No texts yet.
    pub(crate) fn new(left_out: &'a LeftOut) -> Self {
        Self {
            left_out,
            names: Names::default(),
            stream: Vec::new(),
            ends: Vec::new(),
            reader: WordReader::default(),
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
            end_phrase(&mut self.stream);
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
        let Self {
            left_out,
            names,
            stream,
            reader,
            ..
        } = self;
        reader.read(text, |token| match token {
            Token::Word(word) => {
                if word.chars().any(char::is_alphabetic) && !left_out.0.contains(word) {
                    stream.push(names.number(word));
                }
            }
            Token::PhraseEnd => end_phrase(stream),
        });
    }
}

fn end_phrase(stream: &mut Vec<u32>) {
    if stream.last().is_some_and(|&word| word != PHRASE_END) {
        stream.push(PHRASE_END);
    }
}
