use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::error::{Error, Result};

/// The names of nodes: each node is a kind and a name unique within the kind.
///
/// Names are stored once, one after another in a single text; the lookup table
/// holds node numbers only. A node takes its name's bytes and about 20 more.
#[derive(Clone, Debug, Default)]
pub struct NodeTable {
    kinds: Vec<String>,
    kind_of: Vec<u16>,
    text: String,
    ends: Vec<u64>,
    lookup: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl NodeTable {
    /// A table without nodes or kinds.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Puts a table together from its parts, as files store them: the kinds, the
    /// kind of each node, the names' joined text, and where each name ends in it.
    ///
    /// Returns what is wrong where the parts do not fit together.
    pub(crate) fn from_parts(
        kinds: Vec<String>,
        kind_of: &[u16],
        text: &str,
        ends: &[u64],
    ) -> std::result::Result<Self, String> {
        if kind_of.len() != ends.len() {
            return Err(format!(
                "{} node kinds but {} names",
                kind_of.len(),
                ends.len()
            ));
        }
        let mut table = Self {
            kinds,
            ..Self::default()
        };
        table.reserve(ends.len(), text.len());
        let mut start = 0usize;
        for (node, (&kind, &end)) in kind_of.iter().zip(ends).enumerate() {
            if usize::from(kind) >= table.kinds.len() {
                return Err(format!("node {node} has the unknown kind {kind}"));
            }
            let end = usize::try_from(end).map_err(|_| format!("the name of node {node}"))?;
            let name = text
                .get(start..end)
                .ok_or_else(|| format!("the name of node {node} is outside the text"))?;
            let added = table
                .insert(kind, name)
                .map_err(|error| error.to_string())?;
            if added as usize != node {
                return Err(format!("node {node} has the name of node {added}"));
            }
            start = end;
        }
        if start != text.len() {
            return Err("text left over after the last name".to_owned());
        }
        Ok(table)
    }

    /// Makes room for `nodes` nodes with `bytes` bytes of names in all.
    pub(crate) fn reserve(&mut self, nodes: usize, bytes: usize) {
        self.kind_of.reserve(nodes);
        self.ends.reserve(nodes);
        self.text.reserve(bytes);
        let Self {
            lookup,
            hasher,
            text,
            ends,
            kind_of,
            ..
        } = self;
        lookup.reserve(nodes, |&node| {
            hash(hasher, kind_of[node as usize], name_at(text, ends, node))
        });
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.kind_of.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.kind_of.is_empty()
    }

    /// The names of the node kinds; a kind's number is its position.
    pub fn kinds(&self) -> &[String] {
        &self.kinds
    }

    /// The number of the kind called `name`, in any case.
    pub fn find_kind(&self, name: &str) -> Option<u16> {
        let position = self
            .kinds
            .iter()
            .position(|kind| kind.eq_ignore_ascii_case(name))?;
        u16::try_from(position).ok()
    }

    /// The number of the kind called `name`, adding it where it is new.
    ///
    /// # Errors
    /// More than 65,535 kinds.
    pub(crate) fn intern_kind(&mut self, name: &str) -> Result<u16> {
        if let Some(position) = self.kinds.iter().position(|kind| kind == name) {
            return Ok(position as u16);
        }
        let number = u16::try_from(self.kinds.len())
            .ok()
            .filter(|&number| number < u16::MAX)
            .ok_or(Error::TooMany {
                what: "node kinds",
                limit: u64::from(u16::MAX),
            })?;
        self.kinds.push(name.to_owned());
        Ok(number)
    }

    /// The node of that kind and name, adding it where it is new.
    ///
    /// # Errors
    /// More than 4,294,967,294 nodes.
    pub(crate) fn insert(&mut self, kind: u16, name: &str) -> Result<u32> {
        let Self {
            lookup,
            hasher,
            text,
            ends,
            kind_of,
            ..
        } = self;
        let entry = lookup.entry(
            hash(hasher, kind, name),
            |&node| kind_of[node as usize] == kind && name_at(text, ends, node) == name,
            |&node| hash(hasher, kind_of[node as usize], name_at(text, ends, node)),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(entry) => Ok(*entry.get()),
            hashbrown::hash_table::Entry::Vacant(entry) => {
                let node = u32::try_from(kind_of.len())
                    .ok()
                    .filter(|&node| node < u32::MAX)
                    .ok_or(Error::TooMany {
                        what: "nodes",
                        limit: u64::from(u32::MAX - 1),
                    })?;
                entry.insert(node);
                kind_of.push(kind);
                text.push_str(name);
                ends.push(text.len() as u64);
                Ok(node)
            }
        }
    }

    /// The node of exactly that kind and name.
    pub fn find(&self, kind: u16, name: &str) -> Option<u32> {
        self.lookup
            .find(hash(&self.hasher, kind, name), |&node| {
                self.kind_of[node as usize] == kind && self.name(node) == name
            })
            .copied()
    }

    /// The number of a node's kind.
    pub fn kind(&self, node: u32) -> u16 {
        self.kind_of[node as usize]
    }

    /// The name of a node's kind.
    pub fn kind_name(&self, node: u32) -> &str {
        &self.kinds[usize::from(self.kind(node))]
    }

    /// The name of a node.
    pub fn name(&self, node: u32) -> &str {
        name_at(&self.text, &self.ends, node)
    }

    /// A node's kind and name as people write them: `author:REMBRANDT`.
    pub fn label(&self, node: u32) -> String {
        format!("{}:{}", self.kind_name(node), self.name(node))
    }

    /// All nodes in order.
    pub fn nodes(&self) -> std::ops::Range<u32> {
        0..self.kind_of.len() as u32
    }

    /// The kind of each node, as files store them.
    pub(crate) fn kind_numbers(&self) -> &[u16] {
        &self.kind_of
    }

    /// All names joined, as files store them.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Where each name ends in [`NodeTable::text`].
    pub(crate) fn ends(&self) -> &[u64] {
        &self.ends
    }
}

fn name_at<'a>(text: &'a str, ends: &[u64], node: u32) -> &'a str {
    let node = node as usize;
    let start = if node == 0 {
        0
    } else {
        ends[node - 1] as usize
    };
    &text[start..ends[node] as usize]
}

fn hash(hasher: &DefaultHashBuilder, kind: u16, name: &str) -> u64 {
    hasher.hash_one((kind, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> NodeTable {
        let mut table = NodeTable::new();
        let author = table.intern_kind("author").unwrap();
        let keyword = table.intern_kind("keyword").unwrap();
        assert_eq!(table.insert(author, "GOYA").unwrap(), 0);
        assert_eq!(table.insert(keyword, "GOYA").unwrap(), 1);
        assert_eq!(table.insert(author, "").unwrap(), 2);
        assert_eq!(table.insert(author, "GOYA").unwrap(), 0);
        table
    }

    #[test]
    fn a_name_is_unique_within_its_kind() {
        let table = table();
        assert_eq!(table.len(), 3);
        assert_eq!(table.find(0, "GOYA"), Some(0));
        assert_eq!(table.find(1, "GOYA"), Some(1));
        assert_eq!(table.find(1, ""), None);
        assert_eq!(table.label(1), "keyword:GOYA");
        assert_eq!(table.name(2), "");
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let table = table();
        let rebuild = |kind_of: &[u16], text: &str, ends: &[u64]| {
            NodeTable::from_parts(table.kinds().to_vec(), kind_of, text, ends)
        };
        let kinds = table.kind_numbers();
        let same = rebuild(kinds, table.text(), table.ends()).unwrap();
        assert_eq!(same.find(1, "GOYA"), Some(1));
        assert!(rebuild(&[0, 9, 0], table.text(), table.ends()).is_err());
        assert!(rebuild(&[0, 0, 0], table.text(), table.ends()).is_err());
        assert!(rebuild(kinds, table.text(), &[4, 9, 9]).is_err());
        assert!(rebuild(kinds, "GOYAGOYAx", table.ends()).is_err());
        assert!(rebuild(&kinds[..2], table.text(), table.ends()).is_err());
    }
}
