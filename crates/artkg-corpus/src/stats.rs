//! Counts, missing values and class balance.

mod picture;

use std::collections::HashMap;

use artkg_vocabulary::Attribute;
use serde::Serialize;

use crate::artwork::Split;
use crate::corpus::Corpus;
use crate::description::Counts;
use crate::maker::MakerCounts;

/// What a corpus holds.
#[derive(Clone, Debug, Serialize)]
pub struct Stats {
    /// The corpus' name.
    pub name: String,
    /// Whether the corpus was generated.
    pub synthetic: bool,
    /// The numbers of artworks.
    pub counts: Counts,
    /// Who made the works, and how sure that is.
    pub makers: MakerCounts,
    /// For each column how many artworks have no value in it.
    pub missing: Vec<(String, usize)>,
    /// The attributes that were asked for.
    pub attributes: Vec<AttributeStats>,
}

/// The values of one attribute.
#[derive(Clone, Debug, Serialize)]
pub struct AttributeStats {
    /// The attribute.
    pub attribute: Attribute,
    /// How many artworks have no value.
    pub missing: usize,
    /// The number of classes that a model would learn, the unknown one included.
    pub classes: usize,
    /// How many training artworks fall into the unknown class.
    pub rare: usize,
    /// The share of the most frequent value among training artworks with one:
    /// the accuracy of always saying it.
    pub majority: f64,
    /// The values, the most frequent first.
    pub values: Vec<ValueCount>,
}

/// One value and how often it occurs.
#[derive(Clone, Debug, Serialize)]
pub struct ValueCount {
    /// The value.
    pub value: String,
    /// All artworks with it.
    pub artworks: usize,
    /// Those in train, val and test.
    pub splits: [usize; 3],
    /// Whether a model learns it as a class.
    pub learnt: bool,
}

impl Stats {
    /// Counts a corpus, and of these attributes the values, of which those with
    /// `minimum_count` training artworks are classes.
    pub fn of(corpus: &Corpus, attributes: &[Attribute], minimum_count: usize) -> Self {
        let missing = corpus
            .columns()
            .into_iter()
            .map(|column| {
                let without = corpus
                    .artworks
                    .iter()
                    .filter(|artwork| artwork.cell(column).is_none());
                (column.to_owned(), without.count())
            })
            .collect();
        Self {
            name: corpus.description.name.clone(),
            synthetic: corpus.description.synthetic,
            counts: corpus.counts(),
            makers: MakerCounts::of(&corpus.artworks),
            missing,
            attributes: attributes
                .iter()
                .map(|attribute| AttributeStats::of(corpus, *attribute, minimum_count))
                .collect(),
        }
    }
}

impl AttributeStats {
    fn of(corpus: &Corpus, attribute: Attribute, minimum_count: usize) -> Self {
        let mut counts: HashMap<&str, (usize, [usize; 3])> = HashMap::new();
        let mut missing = 0;
        for artwork in &corpus.artworks {
            match artwork.attribute(attribute) {
                None => missing += 1,
                Some(value) => {
                    let (artworks, splits) = counts.entry(value).or_default();
                    *artworks += 1;
                    if let Some(split) = artwork.split {
                        splits[split as usize] += 1;
                    }
                }
            }
        }
        let vocabulary = corpus.vocabulary(attribute, minimum_count);
        let mut values: Vec<ValueCount> = counts
            .into_iter()
            .map(|(value, (artworks, splits))| ValueCount {
                value: value.to_owned(),
                artworks,
                splits,
                learnt: vocabulary.encode(Some(value)) != Some(0),
            })
            .collect();
        values.sort_unstable_by(|left, right| {
            (right.artworks, &left.value).cmp(&(left.artworks, &right.value))
        });
        let trained = |value: &ValueCount| value.splits[Split::Train as usize];
        let all: usize = values.iter().map(trained).sum();
        let most = values.iter().map(trained).max().unwrap_or(0);
        Self {
            attribute,
            missing,
            classes: vocabulary.len(),
            rare: values
                .iter()
                .filter(|value| !value.learnt)
                .map(trained)
                .sum(),
            majority: if all == 0 {
                0.0
            } else {
                most as f64 / all as f64
            },
            values,
        }
    }
}
