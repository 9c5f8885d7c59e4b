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
    let token = |place: Range<usize>| Token {
        text: folded(&text[place.clone()]),
        place,
    };
    places(text).map(token).collect()
}

/// Where the words of a text stand.
pub(super) fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut letters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = letters.find(|(_, letter)| is_sign(*letter) || is_letter(*letter))?;
        let mut end = start + first.len_utf8();
        if is_sign(first) {
            return Some(start..end);
        }
        while let Some((place, letter)) = letters.peek().copied() {
            if is_sign(letter) {
                break;
            }
            letters.next();
            let next = place + letter.len_utf8();
            match letter {
                _ if is_apostrophe(letter) => return Some(start..next),
                _ if is_letter(letter) || is_hyphen(letter) => end = next,
                _ => return Some(start..place),
            }
        }
        Some(start..end)
    })
}

/// A sign that is a word of its own.
fn is_sign(letter: char) -> bool {
    matches!(letter, '?' | '¿' | '&')
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '’' | '‘' | 'ʼ')
}

fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | '‐')
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() && !is_apostrophe(letter) || is_mark(letter)
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
