//! Cutting a written date into words, numbers and dashes.

/// A piece of a written date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A plain number with its count of digits: `1650`, `06`.
    Number { value: i32, digits: usize },
    /// A number with an ordinal ending, or a spelled ordinal: `17th`, `second`.
    Ordinal(i32),
    /// A number with a plural ending: `1640s`, `1640's`, `50s`.
    Plural { value: i32, digits: usize },
    /// Letters: `century`, `circa`.
    Word(&'a str),
    /// `-` and its longer relatives.
    Dash,
    /// `/`.
    Slash,
}

/// Lower case, with one kind of dash, without the dots of `B.C.` and without
/// question marks.
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
    for (written, plain) in [
        ("b.c.e.", "bce"),
        ("b.c.", "bc"),
        ("c.e.", "ce"),
        ("a.d.", "ad"),
    ] {
        lower = lower.replace(written, plain);
    }
    lower
}

/// The tokens of normalised text; punctuation other than dashes is dropped.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            let (token, length) = number(rest);
            tokens.extend(token);
            length
        } else if first.is_alphabetic() {
            let length = run(rest, char::is_alphabetic);
            let word = &rest[..length];
            tokens.push(spelled_ordinal(word).map_or(Token::Word(word), Token::Ordinal));
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

/// The number at the start of `text` with its ending, and its length in bytes.
/// Numbers of more than four digits are no years and give no token.
fn number(text: &str) -> (Option<Token<'_>>, usize) {
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
        "st" | "nd" | "rd" | "th" if apostrophe == 0 => (Some(Token::Ordinal(value)), with_ending),
        _ => (Some(Token::Number { value, digits }), digits),
    }
}

/// `first` to `twenty` as numbers: parts (`second half`) and centuries.
fn spelled_ordinal(word: &str) -> Option<i32> {
    const ORDINALS: [&str; 20] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ];
    ORDINALS
        .iter()
        .position(|ordinal| *ordinal == word)
        .map(|index| index as i32 + 1)
}
