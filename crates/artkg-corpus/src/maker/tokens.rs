//! The words of a maker's cell.

use std::ops::Range;

/// A word, in lower case, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) place: Range<usize>,
}

/// Takes a text apart. An apostrophe ends a word (`d'`, `après`), a hyphen does
/// not, a question mark is a word of its own; other punctuation is left out.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = None;
    let mut end_word = |start: &mut Option<usize>, end: usize| {
        if let Some(start) = start.take() {
            tokens.push(Token {
                text: folded(&text[start..end]),
                place: start..end,
            });
        }
    };
    for (place, letter) in text.char_indices() {
        let end = place + letter.len_utf8();
        match letter {
            '\'' | '’' | '‘' | 'ʼ' => {
                if start.is_some() {
                    end_word(&mut start, end);
                }
            }
            '?' | '¿' | '&' => {
                end_word(&mut start, place);
                end_word(&mut Some(place), end);
            }
            _ if letter.is_alphanumeric() || is_mark(letter) => start = start.or(Some(place)),
            '-' | '‐' if start.is_some() => {}
            _ => end_word(&mut start, place),
        }
    }
    end_word(&mut start, text.len());
    tokens
}

/// An accent that follows its letter.
fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

/// In lower case, with one form of apostrophe.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase().replace(['’', '‘', 'ʼ'], "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_their_places() {
        let words = |text: &str| -> Vec<String> {
            tokens(text).into_iter().map(|token| token.text).collect()
        };
        assert_eq!(words("Attr. to RUBENS (?)"), ["attr", "to", "rubens", "?"]);
        assert_eq!(
            words("d’après J.-B. Greuze"),
            ["d'", "après", "j", "b", "greuze"]
        );
        assert_eq!(words("Peut-être Géricault"), ["peut-être", "géricault"]);
        assert_eq!(words("¿Goya? & taller"), ["¿", "goya", "?", "&", "taller"]);
        let text = "Schüler, Ä";
        let places: Vec<&str> = tokens(text)
            .iter()
            .map(|token| &text[token.place.clone()])
            .collect();
        assert_eq!(places, ["Schüler", "Ä"]);
    }
}
