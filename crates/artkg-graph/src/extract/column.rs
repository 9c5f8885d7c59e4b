use artkg_corpus::{Artwork, Qualifier};

use super::makers::makers;
use super::names::Names;
use super::naming::Naming;
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
    fn new(artworks: usize) -> Self {
        Self {
            names: Names::default(),
            numbers: Vec::with_capacity(artworks),
            ends: Vec::with_capacity(artworks),
        }
    }

    /// Reads the attribute of each artwork; not for keywords and makers. What has
    /// identities has the name that `naming` gives it.
    pub(crate) fn read(
        artworks: &[&Artwork],
        attribute: &AttributeNode,
        schema: &Schema,
        naming: Option<&Naming>,
    ) -> Self {
        let mut column = Self::new(artworks.len());
        let mut techniques = Techniques::new(attribute.extract, schema);
        for artwork in artworks {
            match (attribute.extract, naming) {
                (Extract::Value, Some(naming)) => {
                    for (value, identities) in artwork.identified_values(&attribute.column) {
                        let name = naming.name(value, &identities);
                        column.numbers.push(column.names.number(name));
                    }
                }
                (Extract::Value, None) => {
                    for value in artwork.values(&attribute.column) {
                        column.numbers.push(column.names.number(value));
                    }
                }
                _ => {
                    for value in artwork.values(&attribute.column) {
                        let parts = techniques.parts(value, &mut column.names);
                        column.numbers.extend_from_slice(parts);
                    }
                }
            }
            column.end();
        }
        column
    }

    /// Reads the makers of each artwork: a column for each of the qualifiers. Where
    /// `are_names`, the makers are the values of the attribute's column, unqualified.
    pub(crate) fn read_makers(
        artworks: &[&Artwork],
        attribute: &AttributeNode,
        are_names: bool,
        qualifiers: &[Option<Qualifier>],
        naming: Option<&Naming>,
    ) -> Vec<Self> {
        let mut columns: Vec<Self> = Vec::new();
        columns.resize_with(qualifiers.len(), || Self::new(artworks.len()));
        let unqualified = qualifiers.iter().position(Option::is_none);
        for artwork in artworks {
            if let (true, Some(place)) = (are_names, unqualified) {
                let column = &mut columns[place];
                for name in artwork.values(&attribute.column) {
                    let name = naming.map_or(name, |naming| naming.name(name, &[]));
                    column.numbers.push(column.names.number(name));
                }
                columns.iter_mut().for_each(Self::end);
                continue;
            }
            for maker in makers(artwork, attribute) {
                let qualifier = maker.qualifier();
                let place = qualifiers.iter().position(|known| *known == qualifier);
                if let Some(column) = place.map(|place| &mut columns[place]) {
                    let name = match naming {
                        Some(naming) => naming.name(&maker.name, &maker.identities),
                        None => &maker.name,
                    };
                    column.numbers.push(column.names.number(name));
                }
            }
            columns.iter_mut().for_each(Self::end);
        }
        columns
    }

    /// Ends the names of an artwork.
    fn end(&mut self) {
        self.ends.push(self.numbers.len());
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
