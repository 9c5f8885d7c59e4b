//! The whole way from a source's file to a corpus and back, which the targets of formats share.

use std::collections::HashSet;

use artkg_corpus::{Corpus, Format, ImportOptions, Mapping, import, silent};

use crate::Scratch;

/// Imports one file after another.
pub struct Importer {
    scratch: Scratch,
    mappings: Vec<Mapping>,
    formats: &'static [Format],
}

impl Importer {
    /// With the built-in mappings of these names, for files of these formats.
    pub fn new(mappings: &[&str], formats: &'static [Format]) -> Self {
        let mapping = |name: &&str| Mapping::built_in(name).expect("it is built in");
        Self {
            scratch: Scratch::default(),
            mappings: mappings.iter().map(mapping).collect(),
            formats,
        }
    }

    /// Imports `bytes` by the mapping that `choice` chooses. What comes of it has an id
    /// of its own for each work, and reads the same once it is saved.
    pub fn run(&self, choice: u8, bytes: &[u8]) {
        let path = self.scratch.file("source", bytes);
        let mapping = &self.mappings[usize::from(choice) % self.mappings.len()];
        let options = ImportOptions {
            mapping: Some(mapping.clone()),
            ..ImportOptions::default()
        };
        let folder = self.scratch.path("corpus");
        let Ok(imported) = import(&[path], &folder, &options, &silent) else {
            return;
        };
        let mut ids = HashSet::new();
        for artwork in &imported.corpus.artworks {
            assert!(!artwork.id.is_empty(), "{artwork:?}");
            assert!(ids.insert(&artwork.id), "twice: {artwork:?}");
        }
        let is_meant =
            |table: &artkg_corpus::TableSummary| self.formats.contains(&table.reading.format);
        if imported.corpus.artworks.is_empty() || !imported.tables.iter().all(is_meant) {
            return;
        }
        imported.corpus.save().expect("the corpus can be saved");
        let read = Corpus::open(&folder).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read.artworks, imported.corpus.artworks);
    }
}
