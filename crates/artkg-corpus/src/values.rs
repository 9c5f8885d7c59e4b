//! The values of a cell.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// What stands between the values of a cell.
pub const VALUE_SEPARATOR: char = '|';

/// A cell and the values in it, told apart once, when the cell is set.
///
/// The text is kept as it was written: `A | |B` is saved as `A | |B`, and its
/// values are `A` and `B`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Values {
    text: Box<str>,
    /// Where the values lie in the text; `None` where the whole text is the one.
    places: Option<Box<[Range<usize>]>>,
}

impl Values {
    /// The whole cell, as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values in their order: trimmed, none of them empty.
    pub fn iter(&self) -> ValuesIter<'_> {
        ValuesIter {
            text: &self.text,
            places: self.places.as_ref().map(|places| places.iter()),
        }
    }

    /// The first value, which is the one that classifiers learn.
    pub fn first(&self) -> Option<&str> {
        self.iter().next()
    }
}

impl From<String> for Values {
    fn from(text: String) -> Self {
        let is_one =
            !text.contains(VALUE_SEPARATOR) && !text.is_empty() && text.trim().len() == text.len();
        let places = (!is_one).then(|| places(&text));
        Self {
            text: text.into_boxed_str(),
            places,
        }
    }
}

impl From<&str> for Values {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Values> for String {
    fn from(values: Values) -> Self {
        values.text.into_string()
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

/// Where the values lie in a cell.
fn places(text: &str) -> Box<[Range<usize>]> {
    let mut start = 0;
    let parts = text.split(VALUE_SEPARATOR).map(|part| {
        let first = start + part.len() - part.trim_start().len();
        start += part.len() + VALUE_SEPARATOR.len_utf8();
        first..first + part.trim().len()
    });
    parts.filter(|place| !place.is_empty()).collect()
}

/// The values of a cell, one after another.
#[derive(Clone, Debug, Default)]
pub struct ValuesIter<'a> {
    text: &'a str,
    places: Option<std::slice::Iter<'a, Range<usize>>>,
}

impl<'a> ValuesIter<'a> {
    /// A text that is one value, or none where it is empty.
    pub(crate) fn whole(text: &'a str) -> Self {
        Self { text, places: None }
    }
}

impl<'a> Iterator for ValuesIter<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        match &mut self.places {
            Some(places) => places.next().map(|place| &self.text[place.clone()]),
            None => Some(std::mem::take(&mut self.text)).filter(|text| !text.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_split_into_trimmed_values_and_keep_their_text() {
        for (cell, values) in [
            ("RUBENS", &["RUBENS"][..]),
            ("RUBENS|BRUEGHEL", &["RUBENS", "BRUEGHEL"]),
            ("A | |B", &["A", "B"]),
            ("|Öl auf Holz | 金|", &["Öl auf Holz", "金"]),
            (" spaces around ", &["spaces around"]),
            ("|", &[]),
            (" ", &[]),
            ("", &[]),
        ] {
            let parsed = Values::from(cell);
            assert_eq!(parsed.iter().collect::<Vec<_>>(), values, "{cell}");
            assert_eq!(parsed.first(), values.first().copied(), "{cell}");
            assert_eq!(parsed.text(), cell);
            assert_eq!(String::from(parsed), cell);
        }
    }

    #[test]
    fn values_are_written_as_their_cell() {
        let values = Values::from("A | |B");
        let json = serde_json::to_string(&values).unwrap();
        assert_eq!(json, "\"A | |B\"");
        assert_eq!(serde_json::from_str::<Values>(&json).unwrap(), values);
    }
}
