//! From what a source writes of a maker to makers.

use std::borrow::Cow;

use super::Maker;
use super::genitive::{nominative, undeclined};
use super::qualifier::Qualifier;
use super::tokens::{Token, tokens};
use super::words::{Form, Joint, WORDS, Words};

/// What is said of a maker beside the name: `attributed to`, `and workshop`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    qualifiers: Vec<Qualifier>,
    /// Whether the qualified one comes beside or instead of the maker.
    joint: Option<Joint>,
}

impl Remark {
    /// The makers that the remark makes of one.
    pub(crate) fn apply(&self, mut maker: Maker) -> Vec<Maker> {
        let Some(joint) = self.joint else {
            for qualifier in &self.qualifiers {
                qualify(&mut maker.qualifiers, *qualifier);
            }
            return vec![maker];
        };
        let other = Maker {
            qualifiers: self.qualifiers.clone(),
            ..maker.clone()
        };
        if joint == Joint::Or && maker.qualifiers.is_empty() {
            maker.qualifiers.push(Qualifier::Possibly);
        }
        vec![maker, other]
    }
}

/// Reads the text of a source's column of qualifiers, in which other words may
/// stand (`Painting attributed to`); `None` where nothing in it qualifies.
pub(crate) fn remark(text: &str) -> Option<Remark> {
    scan(&tokens(text), Strictness::Anywhere)
}

/// Whether a value of a column of makers is a name and says no more: [`read`] makes
/// one plain maker of it. May be false of a name that only looks qualified.
pub(crate) fn is_plain(text: &str) -> bool {
    !WORDS.may_qualify(text)
}

/// Reads one value of a column of makers: `attributed to William Morris`, `Rubens
/// and workshop`, `Charles Turner, after J.M.W. Turner`.
pub(crate) fn read(text: &str) -> Vec<Maker> {
    let text = text.trim();
    if !text.is_empty() && is_plain(text) || WORDS.is_untouched(text) {
        return vec![Maker::named(text)];
    }
    let mut makers = Vec::new();
    for maker in clauses(text).into_iter().flat_map(clause) {
        if !makers.contains(&maker) {
            makers.push(maker);
        }
    }
    makers
}

/// Adds a qualifier: doubts stand before what is doubted.
pub(crate) fn qualify(qualifiers: &mut Vec<Qualifier>, qualifier: Qualifier) {
    if qualifiers.contains(&qualifier) {
        return;
    }
    let is_doubt = |qualifier: &Qualifier| {
        use Qualifier::{AttributedTo, FormerlyAttributedTo, Possibly};
        [AttributedTo, FormerlyAttributedTo, Possibly].contains(qualifier)
    };
    let place = match is_doubt(&qualifier) {
        true => qualifiers.iter().take_while(|one| is_doubt(one)).count(),
        false => qualifiers.len(),
    };
    qualifiers.insert(place, qualifier);
}

/// Whether other words may stand between those that qualify.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    Throughout,
    Anywhere,
}

fn scan(tokens: &[Token], strictness: Strictness) -> Option<Remark> {
    let mut remark = Remark {
        qualifiers: Vec::new(),
        joint: None,
    };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = |length: usize| tokens.get(at + length);
        let found = WORDS.find(&tokens[at..]).filter(|found| {
            // A date: `after 1650`.
            let is_year = |token: &Token| token.text.starts_with(|c: char| c.is_ascii_digit());
            !next(found.length).is_some_and(is_year)
        });
        if let Some(found) = found {
            qualify(&mut remark.qualifiers, found.qualifier);
            at += found.length;
            continue;
        }
        let is_first = remark
            .qualifiers
            .iter()
            .all(|one| *one == Qualifier::Possibly);
        match WORDS.joint(token) {
            Some(joint) if is_first && remark.joint.is_none() => remark.joint = Some(joint),
            Some(_) => {}
            None if WORDS.articles.contains(&token.text) => {}
            None if strictness == Strictness::Throughout => return None,
            None => {}
        }
        at += 1;
    }
    (!remark.qualifiers.is_empty()).then_some(remark)
}

/// The parts of a text that each name a maker: what follows a comma is one of its
/// own where it begins with a qualifier, as is what `after` stands before.
fn clauses(text: &str) -> Vec<&str> {
    let mut clauses = Vec::new();
    let mut start = 0;
    let mut depth = 0_usize;
    for (place, letter) in text.char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' | ';' if depth == 0 && prefix(text[place + 1..].trim_start()).is_some() => {
                clauses.push(&text[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    clauses.push(&text[start..]);
    let parts = clauses.into_iter().map(str::trim);
    let parts = parts.flat_map(|clause| match inner_after(clause) {
        Some(place) => vec![clause[..place].trim_end(), &clause[place..]],
        None => vec![clause],
    });
    parts.filter(|clause| !clause.is_empty()).collect()
}

/// Where `after Turner` begins in `Charles Turner after Turner`.
fn inner_after(clause: &str) -> Option<usize> {
    if is_lower(clause) || prefix(clause).is_some() {
        return None;
    }
    let tokens = tokens(clause);
    (1..tokens.len()).find_map(|at| {
        let found = WORDS.find(&tokens[at..])?;
        let is_after = matches!(found.qualifier, Qualifier::After | Qualifier::CopyAfter);
        let start = tokens[at].place.start;
        let rest = &clause[start..];
        let is_apart = clause[..start].ends_with(' ') && !clause[..start].contains(['(', '[']);
        let fits = is_after && found.form == Form::Phrase && is_apart && starts_lower(rest);
        (fits && prefix(rest).is_some()).then_some(start)
    })
}

/// The makers of a part that names one.
fn clause(text: &str) -> Vec<Maker> {
    let (mut qualifiers, name) = prefix(text).unwrap_or((Vec::new(), text.into()));
    let mut name = name.into_owned();
    let mut beside = None;
    while let Some((length, remark)) = suffix(&name) {
        match remark.joint {
            Some(_) => beside = Some(remark),
            None => {
                for qualifier in remark.qualifiers {
                    qualify(&mut qualifiers, qualifier);
                }
            }
        }
        let end = name[..length].trim_end_matches([' ', ',', ';']).len();
        name.truncate(end);
    }
    for mark in ["(?)", "[?]"] {
        if name.contains(mark) {
            name = name.replace(mark, " ");
            name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            qualify(&mut qualifiers, Qualifier::Possibly);
        }
    }
    if !name.contains(char::is_alphanumeric) {
        return vec![Maker::named(text)];
    }
    let maker = Maker {
        qualifiers,
        ..Maker::named(name)
    };
    match beside {
        Some(remark) => remark.apply(maker),
        None => vec![maker],
    }
}

/// The qualifiers that a text begins with, and the name after them.
fn prefix(text: &str) -> Option<(Vec<Qualifier>, Cow<'_, str>)> {
    let mut qualifiers = Vec::new();
    let text = doubtful(text, &mut qualifiers);
    let tokens = tokens(text);
    // How many words are read, and how many of these make whole qualifiers.
    let (mut at, mut end) = (0, 0);
    let mut pending = Vec::new();
    loop {
        let is_article = |token: &Token| {
            WORDS.articles.contains(&token.text) && starts_lower(&text[token.place.start..])
        };
        while at > 0 && tokens.get(at).is_some_and(is_article) {
            at += 1;
        }
        let Some(found) = WORDS.find(tokens.get(at..).unwrap_or_default()) else {
            break;
        };
        let next = at + found.length;
        if WORDS.takes_genitive(&tokens[at..next])
            && let Some(name) = genitive(&text[tokens[next - 1].place.end..])
        {
            qualifiers.append(&mut pending);
            qualifiers.push(found.qualifier);
            let is_name = is_maker(&WORDS, text, &name, &qualifiers);
            return is_name.then(|| (ordered(&qualifiers), name.into()));
        }
        match found.form {
            Form::Phrase if is_unbroken(&text[..tokens[next - 1].place.end], &tokens[at..next]) => {
                qualifiers.append(&mut pending);
                qualifiers.push(found.qualifier);
                (at, end) = (next, next);
            }
            // `workshop or follower of`
            Form::Noun
                if tokens
                    .get(next)
                    .is_some_and(|word| WORDS.joint(word).is_some()) =>
            {
                pending.push(found.qualifier);
                at = next + 1;
            }
            _ => break,
        }
    }
    if qualifiers.is_empty() {
        return None;
    }
    let mut name = match end {
        0 => text,
        _ => text[tokens[end - 1].place.end..].trim_start_matches([' ', ':', '.', '\u{a0}']),
    };
    if let Some(rest) = name.strip_prefix("the ") {
        name = rest;
    }
    let is_name = match end {
        0 => true,
        _ => is_maker(&WORDS, text, name, &qualifiers),
    };
    let name = name.trim();
    let name = undeclined(&WORDS, name).map_or(Cow::Borrowed(name), Cow::Owned);
    is_name.then(|| (ordered(&qualifiers), name))
}

/// The name in the genitive that a text is, as it is otherwise.
fn genitive(text: &str) -> Option<String> {
    let name = text.trim_start();
    let is_apart = name.len() < text.len() && name.starts_with(char::is_uppercase);
    is_apart.then(|| nominative(&WORDS, name.trim_end()))?
}

fn ordered(qualifiers: &[Qualifier]) -> Vec<Qualifier> {
    let mut ordered = Vec::new();
    for qualifier in qualifiers {
        qualify(&mut ordered, *qualifier);
    }
    ordered
}

/// Whether nothing but spaces, dots and apostrophes stands between words.
fn is_unbroken(text: &str, tokens: &[Token]) -> bool {
    tokens.windows(2).all(|pair| {
        let between = &text[pair[0].place.end..pair[1].place.start];
        between
            .chars()
            .all(|letter| letter == '.' || letter.is_whitespace())
    })
}

/// Takes marks of doubt off the front. `?tefan` is no doubt but a lost letter.
fn doubtful<'a>(text: &'a str, qualifiers: &mut Vec<Qualifier>) -> &'a str {
    let text = text.trim_start();
    let marked = ["(?)", "[?]", "? ", "¿"]
        .iter()
        .find_map(|mark| text.strip_prefix(mark));
    let attached = || {
        let rest = text.strip_prefix('?')?;
        let mut letters = rest.chars();
        let is_capital = letters.next()?.is_uppercase();
        let is_word = !letters.next()?.is_uppercase();
        (is_capital && is_word).then_some(rest)
    };
    let Some(rest) = marked.or_else(attached).map(str::trim_start) else {
        return text;
    };
    if !rest.contains(char::is_alphabetic) {
        return text;
    }
    qualifiers.push(Qualifier::Possibly);
    match text.starts_with('¿') {
        true => rest.trim_end_matches('?').trim_end(),
        false => rest,
    }
}

/// Whether what stands after a qualifier is somebody, and not the rest of a name
/// such as After Hours Studio.
fn is_maker(words: &Words, text: &str, name: &str, qualifiers: &[Qualifier]) -> bool {
    let opening = ['"', '\'', '`', '“', '‘', '«', '(', '['];
    let Some(first) = name.trim_start_matches(opening).chars().next() else {
        return false;
    };
    if !first.is_alphabetic() {
        return false;
    }
    let tokens = tokens(name);
    let (Some(first_word), Some(last_word)) = (tokens.first(), tokens.last()) else {
        return false;
    };
    if first.is_lowercase() && !is_lower(text) && !words.particles.contains(&first_word.text) {
        return false;
    }
    let Some(last) = qualifiers.last() else {
        return false;
    };
    let may_be_a_firm = !matches!(
        last,
        Qualifier::AttributedTo
            | Qualifier::FormerlyAttributedTo
            | Qualifier::Possibly
            | Qualifier::CopyAfter
    );
    if may_be_a_firm && !starts_lower(text) && words.organisations.contains(&last_word.text) {
        return false;
    }
    let is_place = || {
        words
            .places
            .contains(&name.trim_matches([' ', '.']).to_lowercase())
    };
    !(*last == Qualifier::SchoolOf && is_place())
}

/// What is said at the end of a name, and where the name ends.
fn suffix(name: &str) -> Option<(usize, Remark)> {
    if name.ends_with(" ?") {
        let remark = scan(&tokens("?"), Strictness::Throughout)?;
        return Some((name.len() - 1, remark));
    }
    let strict = |text: &str| scan(&tokens(text), Strictness::Throughout);
    if let Some(open) = bracket(name) {
        return Some((open, strict(&name[open..])?)).filter(|(open, _)| *open > 0);
    }
    if let Some(comma) = name.rfind([',', ';'])
        // `Vinci, da` is no copy of Vinci.
        && name[comma + 1..].trim().chars().count() > 2
        && let Some(remark) = strict(&name[comma + 1..])
    {
        return Some((comma, remark));
    }
    let tokens = tokens(name);
    (1..tokens.len()).find_map(|at| {
        WORDS.joint(&tokens[at])?;
        let remark = scan(&tokens[at..], Strictness::Throughout)?;
        Some((tokens[at].place.start, remark))
    })
}

/// Where the bracket opens that a text ends with.
fn bracket(text: &str) -> Option<usize> {
    if !text.ends_with([')', ']']) {
        return None;
    }
    let mut depth = 0_usize;
    text.char_indices().rev().find_map(|(place, letter)| {
        match letter {
            ')' | ']' => depth += 1,
            '(' | '[' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0).then_some(place)
    })
}

fn is_lower(text: &str) -> bool {
    !text.contains(char::is_uppercase)
}

fn starts_lower(text: &str) -> bool {
    text.starts_with(char::is_lowercase)
}

#[cfg(test)]
mod tests;
