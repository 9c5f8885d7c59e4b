use std::collections::BTreeSet;

use artkg_corpus::{Corpus, Split};
use artkg_vocabulary::{Attribute, UNKNOWN, Vocabulary};
use serde::{Deserialize, Serialize};

/// What the artworks of a split and a model's classes of one task have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedClasses {
    /// The task.
    pub task: Attribute,
    /// The values that the artworks have.
    pub values: usize,
    /// How many of them are classes of the model.
    pub shared: usize,
    /// The artworks that have a value.
    pub artworks: usize,
    /// How many of these have one that is a class.
    pub covered: usize,
    /// A value that is no class, for example.
    pub foreign: Option<String>,
}

impl SharedClasses {
    /// Compares the artworks of `split` that have an image with a vocabulary. The class
    /// of rare values is none that could be shared.
    pub(crate) fn of(vocabulary: &Vocabulary, corpus: &Corpus, split: Split) -> Self {
        let is_class = |value: &str| value != UNKNOWN && vocabulary.encode(Some(value)) != Some(0);
        let works = corpus.split(split).filter(|work| work.image.is_some());
        let values: Vec<&str> = works
            .filter_map(|work| work.attribute(vocabulary.attribute))
            .collect();
        let different: BTreeSet<&str> = values.iter().copied().collect();
        Self {
            task: vocabulary.attribute,
            values: different.len(),
            shared: different.iter().filter(|value| is_class(value)).count(),
            artworks: values.len(),
            covered: values.iter().filter(|value| is_class(value)).count(),
            foreign: different
                .iter()
                .find(|value| !is_class(value))
                .map(|value| (*value).to_owned()),
        }
    }

    /// Whether nothing can be measured here.
    pub fn is_nothing(&self) -> bool {
        self.shared == 0
    }
}

#[cfg(test)]
mod tests {
    use artkg_corpus::{Artwork, CorpusDescription};

    use super::*;

    #[test]
    fn values_that_are_classes_are_counted() {
        let artwork = |author: Option<&str>, split, image: bool| {
            let mut artwork = Artwork {
                split: Some(split),
                image: image.then(|| "a.jpg".to_owned()),
                ..Artwork::default()
            };
            if let Some(author) = author {
                artwork.set_cell("author", author).unwrap();
            }
            artwork
        };
        let corpus = Corpus {
            description: CorpusDescription::new("test", "images"),
            artworks: vec![
                artwork(Some("Hals"), Split::Test, true),
                artwork(Some("Hals"), Split::Test, true),
                artwork(Some("Klee"), Split::Test, true),
                artwork(Some(UNKNOWN), Split::Test, true),
                artwork(None, Split::Test, true),
                artwork(Some("Vermeer"), Split::Test, false),
                artwork(Some("Vermeer"), Split::Train, true),
            ],
            folder: "corpus".into(),
        };
        let classes = ["Hals", "Vermeer"].into_iter();
        let vocabulary = Vocabulary::build(Attribute::AUTHOR, classes, 1);
        let found = SharedClasses::of(&vocabulary, &corpus, Split::Test);
        assert_eq!((found.values, found.shared), (3, 1));
        assert_eq!((found.artworks, found.covered), (4, 2));
        assert_eq!(found.foreign.as_deref(), Some("Klee"));
        assert!(!found.is_nothing());
        let vocabulary = Vocabulary::build(Attribute::SCHOOL, ["Dutch"].into_iter(), 1);
        let found = SharedClasses::of(&vocabulary, &corpus, Split::Test);
        assert!(found.is_nothing() && found.artworks == 0);
    }
}
