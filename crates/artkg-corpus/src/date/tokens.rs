//! Cutting a written date into words, numbers and dashes.

use super::words::{Meaning, WORDS};

/// A piece of a written date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A plain number with its count of digits: `1650`, `06`.
    Number { value: i32, digits: usize },
    /// A number with an ordinal ending, or a spelled ordinal: `17th`, `18e`,
    /// `second`. Spelled, 3 and 4 may also be parts: `the last third`.
    Ordinal { value: i32, spelled: bool },
    /// A Roman numeral, with or without an ordinal ending: `XVIII`, `XVIIIe`.
    Roman(i32),
    /// A number with a plural ending: `1640s`, `1640's`, `1640er`, `50s`.
    Plural { value: i32, digits: usize },
    /// A word of a date: `century`, `circa`.
    Word(Meaning),
    /// `c`: circa, or after an ordinal a century.
    C,
    /// `s`: a century beside an ordinal or Roman numeral: `XVIIe s.`, `s. XVI`.
    S,
    /// Any other word.
    Other,
    /// `-` and its longer relatives.
    Dash,
    /// `/`.
    Slash,
}

/// Endings that make a number of one or two digits an ordinal.
const ORDINAL_ENDINGS: [&str; 17] = [
    "st", "nd", "rd", "th", "e", "er", "re", "ère", "ème", "eme", "de", "ste", "nde", "º", "ª",
    "o", "a",
];

/// Lower case, with one kind of dash, without question marks and thousands'
/// separators, abbreviations such as `B.C.` in plain words.
pub(super) fn normalise(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        match character {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '~' => lower.push('-'),
            '?' => {}
            '\u{a0}' => lower.push(' '),
            '\u{2019}' => lower.push('\''),
            _ => lower.push(character),
        }
    }
    if lower.contains('.') {
        for (written, plain) in &WORDS.abbreviations {
            if lower.contains(written.as_str()) {
                lower = lower.replace(written.as_str(), plain);
            }
        }
    }
    without_thousands(lower)
}

/// `155,354` as `155354`: no year, and no two numbers.
fn without_thousands(text: String) -> String {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes
            .get(range)
            .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let is_separator = |index: usize| {
        let before = bytes[..index]
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        (1..=3).contains(&before)
            && digits(index + 1..index + 4)
            && !bytes.get(index + 4).is_some_and(u8::is_ascii_digit)
    };
    let separators: Vec<usize> = text
        .match_indices(',')
        .map(|(index, _)| index)
        .filter(|index| is_separator(*index))
        .collect();
    let mut joined = text;
    for index in separators.into_iter().rev() {
        joined.remove(index);
    }
    joined
}

/// The tokens of normalised text; punctuation other than dashes is dropped.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            let (token, length) = number(rest);
            tokens.extend(token);
            length
        } else if first.is_alphabetic() {
            let (token, length) = word(rest);
            tokens.push(token);
            length
        } else {
            match first {
                '-' => tokens.push(Token::Dash),
                '/' => tokens.push(Token::Slash),
                _ => {}
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The bytes at the start of `text` whose characters all satisfy `accept`.
fn run(text: &str, accept: impl Fn(char) -> bool) -> usize {
    text.find(|character| !accept(character))
        .unwrap_or(text.len())
}

/// The word at the start of `text`, or the two that mean something together,
/// and their length in bytes.
fn word(text: &str) -> (Token, usize) {
    let length = run(text, char::is_alphabetic);
    if let Some(after) = text[length..].strip_prefix(' ') {
        let both = length + 1 + run(after, char::is_alphabetic);
        if both > length + 1
            && let Some(meaning) = WORDS.meaning(&text[..both])
        {
            return (Token::Word(meaning), both);
        }
    }
    let word = &text[..length];
    let token = match word {
        "c" => Token::C,
        "s" => Token::S,
        _ => match WORDS.meaning(word) {
            Some(Meaning::Ordinal(value)) => Token::Ordinal {
                value,
                spelled: true,
            },
            Some(meaning) => Token::Word(meaning),
            None => roman(word).map_or(Token::Other, Token::Roman),
        },
    };
    (token, length)
}

/// The number at the start of `text` with its ending, and its length in bytes.
/// Numbers of more than four digits are no years and give no token.
fn number(text: &str) -> (Option<Token>, usize) {
    let digits = run(text, |character| character.is_ascii_digit());
    let after = &text[digits..];
    let apostrophe = usize::from(after.starts_with('\''));
    let ending_length = run(&after[apostrophe..], char::is_alphabetic);
    let ending = &after[apostrophe..apostrophe + ending_length];
    let Ok(value) = text[..digits].parse() else {
        return (None, digits);
    };
    if digits > 4 {
        return (None, digits);
    }
    let with_ending = digits + apostrophe + ending_length;
    match ending {
        "s" => (Some(Token::Plural { value, digits }), with_ending),
        "er" if digits > 2 => (Some(Token::Plural { value, digits }), with_ending),
        _ if apostrophe == 0 && digits <= 2 && ORDINAL_ENDINGS.contains(&ending) => {
            let spelled = false;
            (Some(Token::Ordinal { value, spelled }), with_ending)
        }
        _ => (Some(Token::Number { value, digits }), digits),
    }
}

/// A Roman numeral from 1 to 21 in lower case, with or without an ordinal
/// ending. Many words look like one (`i`, `vi`): it counts beside centuries only.
fn roman(word: &str) -> Option<i32> {
    const TENS: [&str; 3] = ["", "x", "xx"];
    const ONES: [&str; 10] = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
    let letters = run(word, |letter| matches!(letter, 'i' | 'v' | 'x'));
    let (numeral, ending) = word.split_at(letters);
    if numeral.is_empty() || !(ending.is_empty() || ORDINAL_ENDINGS.contains(&ending)) {
        return None;
    }
    (1..=21)
        .find(|&value| {
            let (tens, ones) = (TENS[value / 10], ONES[value % 10]);
            numeral.strip_prefix(tens) == Some(ones)
        })
        .map(|value| value as i32)
}
