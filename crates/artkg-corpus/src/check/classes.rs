//! Values that cannot be learnt.

use std::collections::{BTreeMap, HashMap};

use artkg_vocabulary::Attribute;

use super::Check;
use crate::artwork::Split;
use crate::problem::{ProblemKind, Severity};

/// How often a value occurs.
#[derive(Default)]
struct Uses {
    train: usize,
    elsewhere: usize,
    /// The first artwork with the value.
    first: usize,
}

impl Check<'_> {
    /// Looks at the values of attributes: of the given ones, or of all that may be learnt.
    pub(super) fn classes(&mut self, tasks: &[Attribute], minimum_count: usize) {
        if tasks.is_empty() {
            for attribute in self.corpus.attributes(minimum_count) {
                let before = self.problems.len();
                self.attribute(attribute, minimum_count);
                if !Attribute::PAPER.contains(&attribute) {
                    // Nobody said that it is to be learnt.
                    for problem in &mut self.problems[before..] {
                        problem.severity = Severity::Warning;
                    }
                }
            }
        }
        for attribute in tasks {
            self.attribute(*attribute, minimum_count);
        }
    }

    fn attribute(&mut self, attribute: Attribute, minimum_count: usize) {
        let uses = self.uses(attribute);
        self.untrained(attribute, &uses, minimum_count);
        self.similar(attribute, &uses);
        let trained = uses
            .values()
            .filter(|uses| uses.train >= minimum_count)
            .count();
        if trained < 2 {
            self.note_all(
                ProblemKind::NothingToLearn,
                format!(
                    "{attribute} has {trained} values with {minimum_count} or more training \
                         artworks; a classifier needs two"
                ),
            );
        }
    }

    fn uses(&self, attribute: Attribute) -> BTreeMap<String, Uses> {
        let mut uses: BTreeMap<String, Uses> = BTreeMap::new();
        for (index, artwork) in self.corpus.artworks.iter().enumerate() {
            let (Some(value), Some(split)) = (artwork.attribute(attribute), artwork.split) else {
                continue;
            };
            if !uses.contains_key(value) {
                let fresh = Uses {
                    first: index,
                    ..Uses::default()
                };
                uses.insert(value.to_owned(), fresh);
            }
            if let Some(uses) = uses.get_mut(value) {
                match split {
                    Split::Train => uses.train += 1,
                    Split::Validation | Split::Test => uses.elsewhere += 1,
                }
            }
        }
        uses
    }

    /// A value that only validation and test have. Where it is frequent enough
    /// for a class, the splits are wrong; else it is one more rare value, and
    /// evaluation counts it as unknown.
    fn untrained(
        &mut self,
        attribute: Attribute,
        uses: &BTreeMap<String, Uses>,
        minimum_count: usize,
    ) {
        let mut rare = Vec::new();
        for (value, uses) in uses.iter().filter(|(_, uses)| uses.train == 0) {
            if uses.elsewhere >= minimum_count {
                self.note(
                    ProblemKind::ClassWithoutTraining,
                    uses.first,
                    attribute.name(),
                    format!(
                        "`{value}` has {} artworks in val and test and none to learn from; \
                         split the corpus anew",
                        uses.elsewhere
                    ),
                );
            } else {
                rare.push((value, uses.first));
            }
        }
        let Some((value, first)) = rare.iter().min_by_key(|(_, first)| *first) else {
            return;
        };
        let message = format!(
            "{} rare values of {attribute} occur in val and test only, `{value}` first; \
             they count as unknown",
            rare.len()
        );
        self.note(
            ProblemKind::ClassWithoutTraining,
            *first,
            attribute.name(),
            message,
        );
        if let Some(problem) = self.problems.last_mut() {
            problem.severity = Severity::Warning;
        }
    }

    /// Values that differ in case, spaces or punctuation only: likely one value
    /// written in two ways, which would be two classes.
    fn similar(&mut self, attribute: Attribute, uses: &BTreeMap<String, Uses>) {
        let mut spellings: HashMap<String, Vec<(&String, &Uses)>> = HashMap::new();
        for (value, uses) in uses {
            let letters: String = value
                .chars()
                .filter(|character| character.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect();
            spellings.entry(letters).or_default().push((value, uses));
        }
        let mut groups: Vec<_> = spellings
            .into_values()
            .filter(|group| group.len() > 1)
            .collect();
        groups.sort_unstable_by_key(|group| group[0].0);
        for group in groups {
            let total = |uses: &Uses| uses.train + uses.elsewhere;
            let written: Vec<String> = group
                .iter()
                .map(|(value, uses)| format!("`{value}` ({})", total(uses)))
                .collect();
            if let Some((_, rarest)) = group.iter().min_by_key(|(_, uses)| total(uses)) {
                self.note(
                    ProblemKind::SimilarValues,
                    rarest.first,
                    attribute.name(),
                    format!(
                        "{} are separate classes; are they one?",
                        written.join(" and ")
                    ),
                );
            }
        }
    }
}
