//! Rewriting the values of cells.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::html::unescaped;
use crate::mapping::{Case, Mapping, ValueRules};
use crate::values::VALUE_SEPARATOR;

/// The compiled rules of one column.
pub(super) struct Rewriter {
    rules: ValueRules,
    missing: HashSet<String>,
    replace: HashMap<String, String>,
    default: Option<String>,
    /// File names are compared with the disk's as they are.
    verbatim: bool,
    /// Line breaks and runs of spaces are kept in long texts.
    prose: bool,
    /// A work has one only.
    single: bool,
}

impl Rewriter {
    /// The rules of the mapping for one of our columns.
    pub(super) fn new(mapping: &Mapping, column: &str) -> Self {
        let rules = mapping.values.get(column).cloned().unwrap_or_default();
        let missing = mapping
            .options
            .missing
            .iter()
            .chain(&rules.missing)
            .map(|value| value.to_lowercase())
            .collect();
        let replace = rules
            .replace
            .iter()
            .map(|(from, to)| (from.to_lowercase(), to.clone()))
            .collect();
        Self {
            missing,
            replace,
            default: mapping.defaults.get(column).cloned(),
            verbatim: column == "image",
            prose: column == "description",
            single: ["id", "image", "split"].contains(&column),
            rules,
        }
    }

    /// What a record has in a field as one cell: of a list all values joined by `|`, none
    /// of them twice; of what has one value only, the first.
    pub(super) fn rewrite_all<'a>(
        &self,
        mut values: impl Iterator<Item = Cow<'a, str>>,
    ) -> Option<String> {
        let first = self.rewrite(&values.next()?);
        let mut cell = match (first, self.single) {
            (Some(first), true) => return Some(first),
            (first, _) => first,
        };
        for value in values.filter_map(|value| self.rewrite(&value)) {
            match &mut cell {
                None => cell = Some(value),
                Some(_) if self.single => break,
                Some(cell) if cell.split(VALUE_SEPARATOR).any(|known| known == value) => {}
                Some(cell) => {
                    cell.push(VALUE_SEPARATOR);
                    cell.push_str(&value);
                }
            }
        }
        cell
    }

    /// The cell's values joined by `|`, or `None` where it is missing.
    pub(super) fn rewrite(&self, cell: &str) -> Option<String> {
        let Some(separator) = self.separator() else {
            return self.value(cell);
        };
        let mut values: Vec<String> = Vec::new();
        let parts = self.parts(cell, separator);
        for value in parts.filter_map(|part| self.value(part)) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        (!values.is_empty()).then(|| values.join(&VALUE_SEPARATOR.to_string()))
    }

    /// The values of the cell at their places, `None` where there is none: told
    /// apart by the rule's separator, else by `separator`.
    pub(super) fn places(&self, cell: &str, separator: &str) -> Vec<Option<String>> {
        let separator = self.separator().unwrap_or(separator);
        let parts = self.parts(cell, separator);
        parts.map(|part| self.value(part)).collect()
    }

    /// The parts of a cell between separators.
    fn parts<'a>(&'a self, cell: &'a str, separator: &'a str) -> impl Iterator<Item = &'a str> {
        let mut rest = Some(cell);
        std::iter::from_fn(move || {
            let cell = rest?;
            let mut found = cell.match_indices(separator);
            let end = found.find_map(|(place, _)| {
                let after = &cell[place + separator.len()..];
                (!self.belongs_to_last(after)).then_some(place)
            });
            rest = end.map(|end| &cell[end + separator.len()..]);
            Some(&cell[..end.unwrap_or(cell.len())])
        })
    }

    /// Whether what follows a separator is no value but the end of the one before.
    fn belongs_to_last(&self, after: &str) -> bool {
        let words = &self.rules.not_before;
        !words.is_empty() && {
            let word = after.trim_start().split([' ', ',', ';']).next();
            let word = word.unwrap_or_default().replace('.', "");
            words.iter().any(|known| known.eq_ignore_ascii_case(&word))
        }
    }

    /// What separates values in a cell, where the rules say so.
    pub(super) fn separator(&self) -> Option<&str> {
        let separator = self.rules.separator.as_deref();
        separator.filter(|separator| !separator.is_empty())
    }

    /// What stands for a missing value.
    pub(super) fn default(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// One value, or `None` where it is missing.
    pub(super) fn value(&self, value: &str) -> Option<String> {
        let plain;
        let mut value = match self.rules.html && value.contains('&') {
            true => {
                plain = unescaped(value);
                plain.trim()
            }
            false => value.trim(),
        };
        if let Some(prefix) = &self.rules.remove_prefix {
            value = value.strip_prefix(prefix.as_str()).unwrap_or(value);
        }
        if let Some(suffix) = &self.rules.remove_suffix {
            value = value.strip_suffix(suffix.as_str()).unwrap_or(value);
        }
        if value.is_empty() {
            return None;
        }
        let text = if self.verbatim {
            value.to_owned()
        } else {
            tidy(value, self.prose)
        };
        let lower = text.to_lowercase();
        if self.missing.contains(&lower) {
            return None;
        }
        if let Some(replacement) = self.replace.get(&lower) {
            return (!replacement.is_empty()).then(|| replacement.clone());
        }
        Some(match self.rules.case {
            Case::Keep => text,
            Case::Lower => lower,
            Case::Upper => text.to_uppercase(),
            Case::Title => title_case(&lower),
        })
    }
}

/// Unicode normal form C, so that one name written in two forms stays one
/// value, and single spaces.
fn tidy(value: &str, prose: bool) -> String {
    let composed = match is_nfc_quick(value.chars()) {
        IsNormalized::Yes => value.to_owned(),
        _ => value.nfc().collect(),
    };
    let single = !composed.contains("  ") && !composed.contains(['\n', '\r', '\t', '\u{a0}']);
    if prose || single {
        return composed;
    }
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn title_case(lower: &str) -> String {
    let mut starts = true;
    let mut title = String::with_capacity(lower.len());
    for character in lower.chars() {
        if starts {
            title.extend(character.to_uppercase());
        } else {
            title.push(character);
        }
        starts = !character.is_alphanumeric() && character != '\'';
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewriter(rules: ValueRules) -> Rewriter {
        let mut mapping = Mapping::built_in("table").unwrap();
        mapping.values.insert("school".into(), rules);
        Rewriter::new(&mapping, "school")
    }

    #[test]
    fn missing_values_stay_missing() {
        let rewriter = rewriter(ValueRules {
            missing: vec!["Ohne Angabe".into()],
            ..ValueRules::default()
        });
        for cell in ["", "  ", "-", "Unknown", "ohne angabe", "N/A"] {
            assert_eq!(rewriter.rewrite(cell), None, "{cell}");
        }
        assert_eq!(rewriter.rewrite(" Dutch ").as_deref(), Some("Dutch"));
    }

    #[test]
    fn several_values_are_joined_and_repeated_ones_dropped() {
        let rewriter = rewriter(ValueRules {
            separator: Some(";".into()),
            replace: [("Italy".to_owned(), "Italian".to_owned())].into(),
            case: Case::Title,
            ..ValueRules::default()
        });
        assert_eq!(
            rewriter
                .rewrite("ITALY; low countries;; italian ;-")
                .as_deref(),
            Some("Italian|Low Countries")
        );
        assert_eq!(rewriter.rewrite("; - ;"), None);
    }

    #[test]
    fn no_value_begins_with_what_belongs_to_the_one_before() {
        let rewriter = rewriter(ValueRules {
            separator: Some(", ".into()),
            not_before: vec!["Inc".into(), "Jr".into(), "LLC".into()],
            ..ValueRules::default()
        });
        let cell = "Kagan, Inc., John Herring, Jr., Incredible Co, Vater, llc";
        assert_eq!(
            rewriter.rewrite(cell).as_deref(),
            Some("Kagan, Inc.|John Herring, Jr.|Incredible Co|Vater, llc")
        );
        assert_eq!(rewriter.places("A, Inc., B", "|").len(), 2);
    }

    #[test]
    fn both_unicode_forms_are_one_value() {
        let rewriter = rewriter(ValueRules::default());
        assert_eq!(
            rewriter.rewrite("Du\u{308}rer"),
            rewriter.rewrite("D\u{fc}rer")
        );
        assert_eq!(
            rewriter.rewrite("GOGH, \n Vincent").as_deref(),
            Some("GOGH, Vincent")
        );
    }
}
