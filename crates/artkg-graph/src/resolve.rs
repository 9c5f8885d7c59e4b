use std::borrow::Cow;

use rayon::prelude::*;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::error::{Error, Result};
use crate::node_table::NodeTable;

/// How many names an error lists.
const LISTED: usize = 8;
/// The least similarity (0 to 1) of a name worth suggesting.
const LEAST_SIMILARITY: f64 = 0.8;

/// What a name typed by a person stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The node.
    pub node: u32,
    /// Other nodes that contain the name as words, as `kind:name`; at most eight.
    pub others: Vec<String>,
}

impl NodeTable {
    /// Finds the node that `name` stands for: `author:GOYA` or just `goya`.
    ///
    /// A name equal to a node's, letter case aside, wins (first one that is equal
    /// in case, too), then one that is equal but for accents, as `cezanne` is to
    /// `Cézanne`; else the name may be some of a node's words, as `rembrandt`
    /// is of `REMBRANDT Harmenszoon van Rijn`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with similar names, or [`Error::AmbiguousName`] with
    /// the nodes that it may mean.
    pub fn resolve(&self, name: &str) -> Result<Resolved> {
        let (kind, bare) = self.split_label(name);
        let folded = bare.to_lowercase();
        let plain = without_accents(&folded).into_owned();
        let in_kind = |node: &u32| kind.is_none_or(|kind| self.kind(*node) == kind);
        let equal: Vec<u32> = self
            .nodes()
            .into_par_iter()
            .filter(in_kind)
            .filter(|&node| equal_folded(self.name(node), &folded))
            .collect();
        let containing: Vec<u32> = self
            .nodes()
            .into_par_iter()
            .filter(in_kind)
            .filter(|&node| contains_words(self.name(node), &plain))
            .collect();
        let alike: Vec<u32> = containing
            .iter()
            .copied()
            .filter(|&node| plain_form(self.name(node)) == plain)
            .collect();
        let exact: Vec<u32> = equal
            .iter()
            .copied()
            .filter(|&node| self.name(node) == bare)
            .collect();
        for candidates in [&exact, &equal, &alike, &containing] {
            match candidates.as_slice() {
                [] => {}
                [node] => {
                    let others = containing.iter().filter(|&other| other != node);
                    return Ok(Resolved {
                        node: *node,
                        others: others
                            .take(LISTED)
                            .map(|&other| self.label(other))
                            .collect(),
                    });
                }
                several => {
                    return Err(Error::AmbiguousName {
                        name: name.to_owned(),
                        candidates: several
                            .iter()
                            .take(LISTED)
                            .map(|&node| self.label(node))
                            .collect(),
                        total: several.len(),
                    });
                }
            }
        }
        Err(Error::UnknownName {
            name: name.to_owned(),
            suggestions: self.similar_names(&folded, kind),
        })
    }

    /// The number of the kind called `name`.
    ///
    /// # Errors
    /// [`Error::UnknownKind`] with the kinds that there are.
    pub fn resolve_kind(&self, name: &str) -> Result<u16> {
        self.find_kind(name).ok_or_else(|| Error::UnknownKind {
            kind: name.to_owned(),
            known: self.kinds().to_vec(),
        })
    }

    /// Splits `author:GOYA`; a prefix that is no kind is part of the name.
    fn split_label<'a>(&self, label: &'a str) -> (Option<u16>, &'a str) {
        let label = label.trim();
        match label.split_once(':') {
            Some((kind, name)) => match self.find_kind(kind.trim()) {
                Some(kind) => (Some(kind), name.trim()),
                None => (None, label),
            },
            None => (None, label),
        }
    }

    /// Names like `folded` (in lower case), best first.
    fn similar_names(&self, folded: &str, kind: Option<u16>) -> Vec<String> {
        let mut similar: Vec<(f64, u32)> = self
            .nodes()
            .into_par_iter()
            .filter(|&node| kind.is_none_or(|kind| self.kind(node) == kind))
            .map(|node| (similarity(self.name(node), folded), node))
            .filter(|&(similarity, _)| similarity >= LEAST_SIMILARITY)
            .collect();
        similar.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        similar.truncate(3);
        similar.iter().map(|&(_, node)| self.label(node)).collect()
    }
}

fn equal_folded(name: &str, folded: &str) -> bool {
    if name.is_ascii() && folded.is_ascii() {
        return name.eq_ignore_ascii_case(folded);
    }
    // As a whole: a Greek sigma at a word's end has a form of its own.
    name.to_lowercase() == folded
}

/// Whether a person who typed `typed` may mean `name`: it is that name or some whole words
/// of it, letter case and accents aside.
pub fn may_mean(typed: &str, name: &str) -> bool {
    contains_words(name, &plain_form(typed.trim()))
}

/// Lower case without accents.
fn plain_form(name: &str) -> String {
    without_accents(&name.to_lowercase()).into_owned()
}

/// A text (in lower case) without accents, and with the usual letters for others.
fn without_accents(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for letter in text.nfd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'ı' => plain.push('i'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'þ' => plain.push_str("th"),
            _ => plain.push(letter),
        }
    }
    Cow::Owned(plain)
}

/// Whether `plain` is some whole words of `name`, letter case and accents aside.
fn contains_words(name: &str, plain: &str) -> bool {
    if plain.is_empty() || name.len() < plain.len() / 2 {
        return false;
    }
    let name = plain_form(name);
    let boundary = |letter: Option<char>| !letter.is_some_and(char::is_alphanumeric);
    name.match_indices(plain).any(|(start, found)| {
        boundary(name[..start].chars().next_back())
            && boundary(name[start + found.len()..].chars().next())
    })
}

/// How alike a name and a (lower case) query are: as wholes, or the query and
/// the most similar word of the name, which counts a little less.
fn similarity(name: &str, folded: &str) -> f64 {
    let name = name.to_lowercase();
    let whole = strsim::jaro_winkler(&name, folded);
    name.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.len() + 2 >= folded.len() && word.len() <= folded.len() + 2)
        .map(|word| 0.97 * strsim::jaro_winkler(word, folded))
        .fold(whole, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> NodeTable {
        let mut table = NodeTable::new();
        for (kind, name) in [
            ("author", "REMBRANDT Harmenszoon van Rijn"),
            ("author", "GOYA"),
            ("keyword", "goya"),
            ("author", "GOGH, Vincent van"),
            ("keyword", "saint: a study"),
            ("school", "Österreichisch"),
            ("keyword", "rijn"),
            ("author", "CÉZANNE, Paul"),
            ("author", "Krøyer"),
            ("keyword", "Wroclaw"),
            ("place", "Wrocław"),
        ] {
            let kind = table.intern_kind(kind).unwrap();
            table.insert(kind, name).unwrap();
        }
        table
    }

    #[test]
    fn names_are_found_by_case_kind_and_words() {
        let table = table();
        let node = |name: &str| table.resolve(name).unwrap().node;
        assert_eq!(node("Rembrandt"), 0);
        assert_eq!(node("author:goya"), 1);
        assert_eq!(node("GOYA"), 1, "equal case wins");
        assert_eq!(node("AUTHOR: Vincent van"), 3);
        assert_eq!(node("saint: a study"), 4);
        assert_eq!(node("ÖSTERREICHISCH"), 5);
        for typed in ["Cezanne", "cézanne", "CE\u{301}ZANNE", "cezanne, paul"] {
            assert_eq!(node(typed), 7, "{typed}");
        }
        assert_eq!(node("Kroyer"), 8);
        // The exact one goes first, with its accents or without.
        assert_eq!(node("wroclaw"), 9);
        assert_eq!(node("wrocław"), 10);
        assert!(may_mean("jan van eyck", "EYCK, Jan van") || may_mean("eyck", "EYCK, Jan van"));
        assert!(!may_mean("eyc", "EYCK, Jan van"));
        let rijn = table.resolve("Rijn").unwrap();
        assert_eq!(rijn.node, 6);
        assert_eq!(rijn.others, ["author:REMBRANDT Harmenszoon van Rijn"]);
    }

    #[test]
    fn several_meanings_are_listed() {
        let message = table().resolve("Goya").unwrap_err().to_string();
        assert!(
            message.contains("`author:GOYA` or `keyword:goya`"),
            "{message}"
        );
        let message = table().resolve("author:van").unwrap_err().to_string();
        assert!(message.contains("author:GOGH, Vincent van"), "{message}");
    }

    #[test]
    fn unknown_names_get_suggestions() {
        let message = table().resolve("Rembrant").unwrap_err().to_string();
        assert!(
            message.contains("did you mean `author:REMBRANDT"),
            "{message}"
        );
        let message = table().resolve("author:xyzzy").unwrap_err().to_string();
        assert_eq!(message, "no node is called `author:xyzzy`");
        assert!(table().resolve("").is_err());
        let kind = table().resolve_kind("artist").unwrap_err().to_string();
        assert!(kind.contains("author, keyword, school, place"), "{kind}");
    }
}
