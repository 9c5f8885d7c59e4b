//! Names in the German genitive: `Werkstatt Rembrandts`, `Umkreis des Meisters von …`.

use super::tokens::{Token, tokens};
use super::words::Words;

/// A name that stands in the genitive right after a noun, as it is otherwise; `None` where
/// it is in no genitive.
///
/// The part that is declined is the last one before `von`, `van`, `d. Ä.` and the like.
/// Names that end in s have an apostrophe, or nothing, instead of another s.
pub(super) fn nominative(words: &Words, name: &str) -> Option<String> {
    let tokens = tokens(name);
    let starts =
        |token: &Token, test: fn(char) -> bool| name[token.place.start..].starts_with(test);
    let is_particle =
        |token: &Token| words.particles.contains(&token.text) && starts(token, char::is_lowercase);
    let own = tokens.iter().take_while(|token| !is_particle(token));
    let is_long =
        |token: &&Token| token.text.chars().count() > 2 && starts(token, char::is_uppercase);
    let word = own.filter(is_long).last()?;
    let written = &name[word.place.clone()];
    let stem = match written.strip_suffix(['\'', '’', '‘', 'ʼ']) {
        Some(stem) => Some(stem).filter(|stem| stem.ends_with(['s', 'x', 'z', 'ß']))?,
        None if words.names_in_s.contains(&word.text) => written,
        None => written.strip_suffix('s')?,
    };
    Some(format!(
        "{}{stem}{}",
        &name[..word.place.start],
        &name[word.place.end..]
    ))
}

/// A name whose first word is a declined noun, such as `Meisters von Flémalle`, as it is
/// otherwise.
pub(super) fn undeclined(words: &Words, name: &str) -> Option<String> {
    let first = tokens(name).into_iter().next()?;
    let noun = words.declined.get(&first.text)?;
    Some(format!("{noun}{}", &name[first.place.end..]))
}

#[cfg(test)]
mod tests {
    use super::super::words::WORDS;
    use super::*;

    #[test]
    fn genitives_are_undone_where_there_is_one() {
        for (genitive, name) in [
            ("Rembrandts", Some("Rembrandt")),
            ("Rembrandts van Rijn", Some("Rembrandt van Rijn")),
            ("Lucas Cranachs d. Ä.", Some("Lucas Cranach d. Ä.")),
            ("Rubens’", Some("Rubens")),
            ("Peter Paul Rubens", Some("Peter Paul Rubens")),
            ("Veit Stoß'", Some("Veit Stoß")),
            ("Tizians (?)", Some("Tizian (?)")),
            ("Rembrandt", None),
            ("Otto's", None),
            ("van Rijn", None),
        ] {
            assert_eq!(nominative(&WORDS, genitive).as_deref(), name, "{genitive}");
        }
        let master = undeclined(&WORDS, "Meisters von Flémalle");
        assert_eq!(master.as_deref(), Some("Meister von Flémalle"));
        assert_eq!(undeclined(&WORDS, "Rembrandt"), None);
    }
}
