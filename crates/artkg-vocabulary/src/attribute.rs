use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Something that a model learns to say about a painting: a column of
/// `artworks.csv`, such as its school, or a further one of a corpus.
///
/// Names are kept once each for as long as the program runs, so that an attribute
/// is as cheap as a reference. In order come [`Attribute::PAPER`], then all others
/// by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attribute(&'static str);

impl Attribute {
    /// The genre: portrait, landscape, religious…
    pub const TYPE: Self = Self("type");
    /// The school: Italian, Dutch…
    pub const SCHOOL: Self = Self("school");
    /// The 50-year period: 1851-1900…
    pub const TIMEFRAME: Self = Self("timeframe");
    /// The painter.
    pub const AUTHOR: Self = Self("author");

    /// The paper's four, in the order of its table: what a model learns unless told
    /// otherwise.
    pub const PAPER: [Self; 4] = [Self::TYPE, Self::SCHOOL, Self::TIMEFRAME, Self::AUTHOR];

    /// The columns that say which work a row is of, or what it is for, and nothing of
    /// the work.
    const OF_ROWS: [&str; 3] = ["id", "image", "split"];

    /// The attribute in the column `name`. The paper's four are known in any case.
    ///
    /// # Errors
    /// When a model cannot learn such a column, or no folder, list or table could
    /// name it.
    pub fn new(name: &str) -> Result<Self, NoAttribute> {
        let name = name.trim();
        let mut known = Self::PAPER.into_iter();
        if let Some(known) = known.find(|known| known.0.eq_ignore_ascii_case(name)) {
            return Ok(known);
        }
        let separates = |letter: char| letter.is_control() || "/\\=,".contains(letter);
        let is_usable = !name.is_empty() && !name.starts_with('.') && !name.contains(separates);
        if !is_usable || Self::OF_ROWS.contains(&name) {
            return Err(NoAttribute(name.to_owned()));
        }
        Ok(Self(kept(name)))
    }

    /// The attribute's name, which is also its column in `artworks.csv`.
    pub fn name(self) -> &'static str {
        self.0
    }

    /// The place among the paper's four; all others come after them.
    fn place(self) -> usize {
        let paper = Self::PAPER.iter().position(|known| *known == self);
        paper.unwrap_or(Self::PAPER.len())
    }
}

/// The one copy of a name.
fn kept(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    let name: &'static str = name.to_owned().leak();
    names.insert(name);
    name
}

impl Ord for Attribute {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.place(), self.0).cmp(&(other.place(), other.0))
    }
}

impl PartialOrd for Attribute {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.0)
    }
}

impl FromStr for Attribute {
    type Err = NoAttribute;

    fn from_str(text: &str) -> Result<Self, NoAttribute> {
        Self::new(text)
    }
}

impl Serialize for Attribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::new(&name).map_err(serde::de::Error::custom)
    }
}

/// A word that names no attribute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no attribute; it must be a column such as type, school, timeframe or author, not id, \
     image or split, and have no / \\ = or , in its name"
)]
pub struct NoAttribute(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        let genre = Attribute::new(" genre ").unwrap();
        assert_eq!(genre.name(), "genre");
        for attribute in Attribute::PAPER.into_iter().chain([genre]) {
            assert_eq!(attribute.name().parse::<Attribute>().unwrap(), attribute);
            let json = serde_json::to_string(&attribute).unwrap();
            assert_eq!(json, format!("\"{attribute}\""));
            assert_eq!(serde_json::from_str::<Attribute>(&json).unwrap(), attribute);
        }
        assert_eq!("Author".parse::<Attribute>().unwrap(), Attribute::AUTHOR);
        assert_ne!("Genre".parse::<Attribute>().unwrap(), genre);
    }

    #[test]
    fn a_name_is_kept_once() {
        let names = ["technique", " technique"].map(|name| Attribute::new(name).unwrap().name());
        assert!(std::ptr::eq(names[0], names[1]));
    }

    #[test]
    fn the_papers_come_first() {
        let mut names = ["movement", "author", "genre", "type"].map(|name| {
            let attribute: Attribute = name.parse().unwrap();
            attribute
        });
        names.sort_unstable();
        let names = names.map(Attribute::name);
        assert_eq!(names, ["type", "author", "genre", "movement"]);
    }

    #[test]
    fn what_says_nothing_of_a_work_is_none() {
        for name in [
            "", " ", "id", "image", "split", "a/b", "..", "a=b", "a,b", "a\nb",
        ] {
            let message = name.parse::<Attribute>().unwrap_err().to_string();
            assert!(message.contains("author"), "{message}");
        }
    }
}
