use artkg_corpus::Artwork;

use super::names::Names;
use super::technique;
use crate::schema::{AttributeNode, Extract, Schema};

/// The node names that one attribute gives a run of artworks, each distinct name
/// stored once.
pub(crate) struct Column {
    names: Names,
    /// The names' numbers, artwork after artwork.
    numbers: Vec<u32>,
    /// Where each artwork's numbers end.
    ends: Vec<usize>,
}

impl Column {
    /// Reads the attribute of each artwork; not for keywords.
    pub(crate) fn read(artworks: &[&Artwork], attribute: &AttributeNode, schema: &Schema) -> Self {
        let mut column = Self {
            names: Names::default(),
            numbers: Vec::with_capacity(artworks.len()),
            ends: Vec::with_capacity(artworks.len()),
        };
        let mut techniques = Techniques::new(attribute.extract, schema);
        for artwork in artworks {
            for value in artwork.values(&attribute.column) {
                if attribute.extract == Extract::Value {
                    column.numbers.push(column.names.number(value));
                } else {
                    let parts = techniques.parts(value, &mut column.names);
                    column.numbers.extend_from_slice(parts);
                }
            }
            column.ends.push(column.numbers.len());
        }
        column
    }

    /// The distinct names.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// The numbers of the names of the artwork at `index`; a name may come twice.
    pub(crate) fn numbers(&self, index: usize) -> &[u32] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.numbers[start..self.ends[index]]
    }
}

/// The parts of the techniques met so far, so that each is taken apart once.
struct Techniques<'a> {
    extract: Extract,
    supports: &'a [String],
    segments: String,
    met: Names,
    parts: Vec<Vec<u32>>,
}

impl<'a> Techniques<'a> {
    fn new(extract: Extract, schema: &'a Schema) -> Self {
        Self {
            extract,
            supports: &schema.technique().supports,
            segments: String::new(),
            met: Names::default(),
            parts: Vec::new(),
        }
    }

    /// The numbers in `names` of the materials or supports of a technique.
    fn parts(&mut self, text: &str, names: &mut Names) -> &[u32] {
        technique::segments(text, &mut self.segments);
        let number = self.met.number(&self.segments) as usize;
        if number == self.parts.len() {
            let is_support = |word: &str| self.supports.iter().any(|name| name == word);
            let technique = technique::parse(&self.segments, is_support);
            let parts = match self.extract {
                Extract::Material => technique.materials,
                _ => technique.supports,
            };
            let numbers = parts.iter().map(|part| names.number(part));
            self.parts.push(numbers.collect());
        }
        &self.parts[number]
    }
}
