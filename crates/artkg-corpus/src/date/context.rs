//! What the tokens around one say of it.

use super::part::Part;
use super::tokens::Token;
use super::words::Meaning;

/// The highest number of a century.
const LAST_CENTURY: i32 = 21;

/// Before or after Christ.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Era {
    BeforeChrist,
    AfterChrist,
}

fn era(token: Option<&Token>) -> Option<Era> {
    match token {
        Some(Token::Word(Meaning::BeforeChrist)) => Some(Era::BeforeChrist),
        Some(Token::Word(Meaning::AfterChrist)) => Some(Era::AfterChrist),
        _ => None,
    }
}

pub(super) fn direct_era(tokens: &[Token], index: usize) -> Option<Era> {
    era(tokens.get(index + 1)).or_else(|| match index.checked_sub(1) {
        // `AD 79`.
        Some(before) => era(tokens.get(before)).filter(|era| *era == Era::AfterChrist),
        None => None,
    })
}

/// The era of the century at `index`: in `5th-4th century BC` it comes last.
pub(super) fn era_after(tokens: &[Token], index: usize) -> Option<Era> {
    tokens[index + 1..]
        .iter()
        .find_map(|token| era(Some(token)))
}

/// Whether a short number starts a range of early years: one that ends with an
/// era, as `31-12 BC` and `1-299 CE`, or with a number of three digits.
pub(super) fn starts_early_range(tokens: &[Token], index: usize) -> bool {
    match tokens.get(index + 1..index + 3) {
        Some([Token::Dash, Token::Number { digits, .. }]) => {
            *digits == 3 || era(tokens.get(index + 3)).is_some()
        }
        _ => false,
    }
}

/// Whether a dash or slash stands right before `index`.
pub(super) fn joined(tokens: &[Token], index: usize) -> bool {
    index > 0 && matches!(tokens[index - 1], Token::Dash | Token::Slash)
}

/// `1503-06` ends in 1506, `1598-02` in 1602.
pub(super) fn completed(start: i32, value: i32, digits: usize) -> i32 {
    let unit = 10_i32.pow(digits as u32);
    let end = start / unit * unit + value;
    if end < start { end + unit } else { end }
}

/// How many parts of a century the token at `index` names: 2 of `half`, 3 of
/// `third`. Some languages call a quarter a fourth, and halves a middle.
pub(super) fn parts_named(tokens: &[Token], index: usize) -> Option<i32> {
    match tokens.get(index) {
        Some(Token::Word(Meaning::Part(of))) => Some(*of),
        Some(Token::Word(Meaning::Middle)) => Some(2),
        Some(Token::Ordinal {
            value: of @ (3 | 4),
            spelled: true,
        }) => Some(*of),
        _ => None,
    }
}

/// The part that an ordinal at `index` and the token after it name, as `second
/// half`; an empty one where there is no such part (`fifth quarter`).
pub(super) fn ordinal_part(value: i32, tokens: &[Token], index: usize) -> Option<Option<Part>> {
    let of = parts_named(tokens, index + 1)?;
    Some(
        (1..=of)
            .contains(&value)
            .then(|| Part::new(value - 1, value, of)),
    )
}

/// Whether the token says that the number beside it counts centuries.
pub(super) fn is_century(tokens: &[Token], index: usize) -> bool {
    let counts =
        |token: Option<&Token>| matches!(token, Some(Token::Ordinal { .. } | Token::Roman(_)));
    let before = index.checked_sub(1).and_then(|before| tokens.get(before));
    match tokens.get(index) {
        Some(Token::Word(Meaning::Century)) => true,
        Some(Token::C) => counts(before),
        Some(Token::S) => counts(before) || matches!(tokens.get(index + 1), Some(Token::Roman(_))),
        _ => false,
    }
}

/// Whether a plain number counts centuries: `17. Jh.`, `secolo 17`, and the
/// first of `16./17. Jh.`.
pub(super) fn counts_centuries(value: i32, digits: usize, tokens: &[Token], index: usize) -> bool {
    if is_century(tokens, index + 1) {
        return true;
    }
    if digits > 2 || !(1..=LAST_CENTURY).contains(&value) {
        return false;
    }
    let after = index > 0 && tokens[index - 1] == Token::Word(Meaning::Century);
    let first_of_two = matches!(
        tokens.get(index + 1..index + 3),
        Some([
            Token::Dash | Token::Slash | Token::Other | Token::Word(Meaning::Until),
            Token::Number { digits: 1 | 2, .. }
        ])
    ) && is_century(tokens, index + 3);
    after || first_of_two
}
