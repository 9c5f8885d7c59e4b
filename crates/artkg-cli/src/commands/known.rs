//! What a corpus knows of artworks and of the classes of models, for the formats of other
//! systems.

use std::collections::{HashMap, HashSet};

use artkg_exchange::Addresses;

/// Titles and addresses.
#[derive(Default)]
pub(crate) struct Known {
    /// The ids of all artworks.
    pub(crate) ids: HashSet<String>,
    /// Titles of artworks, by id.
    pub(crate) titles: HashMap<String, String>,
    /// Where authority files have the corpus's values.
    pub(crate) addresses: Addresses,
}

#[cfg(feature = "collections")]
impl Known {
    /// What `corpus` knows. A maker is an author where nothing qualifies the name.
    pub(crate) fn of(corpus: &artkg_corpus::Corpus) -> Self {
        let mut known = Self::default();
        for artwork in &corpus.artworks {
            known.ids.insert(artwork.id.clone());
            if let Some(title) = &artwork.title {
                let title = title.text().to_owned();
                known.titles.insert(artwork.id.clone(), title);
            }
            let mut add = |task: &str, class: &str, identities: &[artkg_corpus::Identity]| {
                for identity in identities {
                    known.addresses.add(task, class, &identity.iri());
                }
            };
            for maker in artwork.makers() {
                if maker.qualifiers.is_empty() {
                    add("author", &maker.name, &maker.identities);
                }
            }
            let own = ["type", "school", "timeframe", "technique"].into_iter();
            for column in own.chain(artwork.extra.keys().map(String::as_str)) {
                for (value, identities) in artwork.identified_values(column) {
                    add(column, value, &identities);
                }
            }
        }
        known
    }
}

#[cfg(all(test, feature = "collections"))]
mod tests {
    use artkg_corpus::{Artwork, Corpus, CorpusDescription};

    use super::*;

    #[test]
    fn a_corpus_knows_titles_and_the_numbers_of_authority_files() {
        let mut artwork = Artwork {
            id: "36029".into(),
            ..Artwork::default()
        };
        for (column, cell) in [
            ("title", "Young Woman"),
            (
                "makers",
                "Johannes Vermeer [ulan:500032927]|Pieter de Hooch [after; ulan:500115588]",
            ),
            ("type", "portrait"),
            ("type_identity", "aat:300015637"),
        ] {
            artwork.set_cell(column, cell).unwrap();
        }
        let corpus = Corpus {
            description: CorpusDescription::new("test", "images"),
            artworks: vec![artwork],
            folder: "corpus".into(),
        };
        let known = Known::of(&corpus);
        assert!(known.ids.contains("36029"));
        assert_eq!(known.titles["36029"], "Young Woman");
        let of = |task, class| known.addresses.of(task, class).to_vec();
        assert_eq!(
            of("author", "Johannes Vermeer"),
            ["http://vocab.getty.edu/ulan/500032927"]
        );
        assert_eq!(
            of("type", "portrait"),
            ["http://vocab.getty.edu/aat/300015637"]
        );
        assert!(of("author", "Pieter de Hooch").is_empty());
    }
}
