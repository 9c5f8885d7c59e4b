//! Names as they are compared.

use unicode_normalization::UnicodeNormalization;

/// A name without case, accents and punctuation.
pub(crate) fn folded(name: &str) -> String {
    let is_mark = |letter: &char| ('\u{300}'..='\u{36f}').contains(letter);
    let plain: String = name.nfd().filter(|letter| !is_mark(letter)).collect();
    let plain = plain.to_lowercase();
    let words = plain.split(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The forms in which a name may stand elsewhere: as it is, and with what follows a
/// comma in front (`Gogh, Vincent van`).
pub(crate) fn forms(name: &str) -> Vec<String> {
    let mut forms = vec![folded(name)];
    if let Some((surname, forename)) = name.split_once(',') {
        forms.push(folded(&format!("{forename} {surname}")));
    }
    forms.retain(|form| !form.is_empty());
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_meet_without_case_accents_and_order() {
        assert_eq!(folded("DÜRER,  Albrecht"), "durer albrecht");
        assert_eq!(forms("GOGH, Vincent van")[1], forms("Vincent van Gogh")[0]);
        assert_eq!(folded("Cézanne"), folded("CE\u{301}ZANNE"));
        assert!(forms("?").is_empty());
    }
}
