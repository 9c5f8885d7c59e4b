use std::collections::HashMap;

use artkg_files::fingerprint::Fingerprint;
use serde::{Deserialize, Serialize};

use crate::attribute::Attribute;

/// The name of the class at index 0: known, but too rare to be a class.
pub const UNKNOWN: &str = "unknown";

/// A class as people are shown it: files say `unknown` for what is rare in training.
pub fn shown_class(class: &str) -> &str {
    match class {
        UNKNOWN => "rare in training",
        known => known,
    }
}

/// The classes of one attribute.
///
/// Index 0 is the unknown class; the others are in ascending order of their
/// names. Build it from training artworks only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedVocabulary")]
pub struct Vocabulary {
    /// The attribute whose values these are.
    pub attribute: Attribute,
    /// The classes: [`UNKNOWN`], then the rest in ascending order.
    pub classes: Vec<String>,
    /// How many artworks a value needed to become a class.
    pub minimum_count: usize,
}

impl Vocabulary {
    /// The minimum count of the paper: ten artworks.
    pub const DEFAULT_MINIMUM_COUNT: usize = 10;

    /// Counts the `values` of artworks, one for each that has one, and keeps those
    /// with at least `minimum_count`.
    pub fn build<'a>(
        attribute: Attribute,
        values: impl Iterator<Item = &'a str>,
        minimum_count: usize,
    ) -> Self {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for value in values {
            *counts.entry(value).or_default() += 1;
        }
        let mut known: Vec<String> = counts
            .into_iter()
            .filter(|&(value, count)| count >= minimum_count && value != UNKNOWN)
            .map(|(value, _)| value.to_owned())
            .collect();
        known.sort_unstable();
        let mut classes = vec![UNKNOWN.to_owned()];
        classes.append(&mut known);
        Self {
            attribute,
            classes,
            minimum_count,
        }
    }

    /// The class of a value: `None` for a missing one, which is masked in the
    /// loss; 0 for one that is rare or was never seen.
    pub fn encode(&self, value: Option<&str>) -> Option<usize> {
        let value = value?;
        let known = self.classes.get(1..).unwrap_or_default();
        Some(
            known
                .binary_search_by(|class| class.as_str().cmp(value))
                .map_or(0, |index| index + 1),
        )
    }

    /// What the classes are known again by.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut classes = Fingerprint::new("classes", 1);
        classes.list(&self.classes, |fingerprint, class| {
            fingerprint.text(class);
        });
        classes
    }

    /// The name of a class.
    pub fn class(&self, index: usize) -> Option<&str> {
        self.classes.get(index).map(String::as_str)
    }

    /// The number of classes, the unknown one included.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is no class but the unknown one.
    pub fn is_empty(&self) -> bool {
        self.classes.len() <= 1
    }
}

/// What a file says before anybody looked whether it makes sense.
#[derive(Deserialize)]
struct UncheckedVocabulary {
    attribute: Attribute,
    classes: Vec<String>,
    minimum_count: usize,
}

impl TryFrom<UncheckedVocabulary> for Vocabulary {
    type Error = String;

    /// [`Vocabulary::encode`] searches by halves, so the order must hold.
    fn try_from(unchecked: UncheckedVocabulary) -> Result<Self, String> {
        let ordered = unchecked
            .classes
            .get(1..)
            .is_some_and(|known| known.is_sorted_by(|left, right| left < right));
        if unchecked.classes.first().map(String::as_str) != Some(UNKNOWN) || !ordered {
            return Err(format!(
                "the classes of {} must be `{UNKNOWN}` and then distinct names in ascending order",
                unchecked.attribute
            ));
        }
        Ok(Self {
            attribute: unchecked.attribute,
            classes: unchecked.classes,
            minimum_count: unchecked.minimum_count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_values_are_unknown_and_missing_ones_masked() {
        let schools = ["Italian", "Dutch", "Italian", "Dutch", "Greek"];
        let vocabulary = Vocabulary::build(Attribute::SCHOOL, schools.into_iter(), 2);
        assert_eq!(vocabulary.classes, [UNKNOWN, "Dutch", "Italian"]);
        assert_eq!(vocabulary.encode(Some("Italian")), Some(2));
        assert_eq!(vocabulary.encode(Some("Greek")), Some(0));
        assert_eq!(vocabulary.encode(Some("Martian")), Some(0));
        assert_eq!(vocabulary.encode(None), None);
    }

    #[test]
    fn a_value_called_unknown_is_not_a_second_class() {
        let schools = [UNKNOWN, UNKNOWN, "Dutch"];
        let vocabulary = Vocabulary::build(Attribute::SCHOOL, schools.into_iter(), 1);
        assert_eq!(vocabulary.classes, [UNKNOWN, "Dutch"]);
        assert_eq!(vocabulary.encode(Some(UNKNOWN)), Some(0));
    }

    #[test]
    fn files_in_disorder_are_refused() {
        let vocabulary = Vocabulary::build(Attribute::SCHOOL, ["b", "a"].into_iter(), 1);
        let text = serde_json::to_string(&vocabulary).unwrap();
        assert_eq!(
            serde_json::from_str::<Vocabulary>(&text).unwrap(),
            vocabulary
        );
        let swapped = text.replace(r#""a","b""#, r#""b","a""#);
        assert_ne!(swapped, text);
        let message = serde_json::from_str::<Vocabulary>(&swapped)
            .unwrap_err()
            .to_string();
        assert!(message.contains("school"), "{message}");
    }
}
