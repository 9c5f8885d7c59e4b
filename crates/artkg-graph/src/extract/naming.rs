//! What things are called whose identities are known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use artkg_corpus::{Artwork, Identity};

use super::makers::makers;
use crate::schema::{AttributeNode, Extract, Schema};

/// One thing of a kind, however it is spelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thing {
    /// The name of its node.
    pub(crate) name: String,
    /// Its identities, the preferred authority first.
    pub(crate) identities: Vec<Identity>,
    /// Its other spellings.
    pub(crate) aliases: Vec<String>,
}

/// The names of the things of one kind.
///
/// What has one number of an authority is one thing, called as it is spelled most;
/// a spelling of several things has the number behind it in their names. A spelling
/// without number is the thing that it is elsewhere, if that is only one.
#[derive(Debug, Default)]
pub(crate) struct Naming {
    spellings: HashMap<String, Spelling>,
    /// The preferred number of a thing behind numbers of other authorities.
    preferred: HashMap<Identity, Identity>,
    things: Vec<Thing>,
}

/// What a spelling stands for.
#[derive(Debug, Default)]
struct Spelling {
    /// The name of each thing that is spelled so.
    things: Vec<(Identity, String)>,
    /// The name where no number says which; that of the spelling if `None`.
    plain: Option<String>,
}

/// A spelling with its identities, the preferred first, and how often it occurs.
type Occurrences = BTreeMap<(String, Vec<Identity>), usize>;

impl Naming {
    /// The names of each kind of a schema of which identities are known; `further_columns`
    /// are those of the artworks.
    pub(crate) fn of_kinds<'a>(
        artworks: &[&Artwork],
        schema: &'a Schema,
        further_columns: &BTreeSet<&str>,
    ) -> BTreeMap<&'a str, Self> {
        let mut kinds: BTreeMap<&str, Occurrences> = BTreeMap::new();
        let attributes = schema.attributes().iter();
        let may_be = |attribute: &&AttributeNode| {
            matches!(attribute.extract, Extract::Value | Extract::Maker)
        };
        let identified: BTreeSet<&str> = attributes
            .clone()
            .filter(|attribute| has_identities(further_columns, attribute))
            .map(|attribute| attribute.kind.as_str())
            .collect();
        let attributes = attributes.filter(|one| identified.contains(one.kind.as_str()));
        for attribute in attributes.filter(may_be) {
            let occurrences = kinds.entry(attribute.kind.as_str()).or_default();
            for artwork in artworks {
                count(artwork, attribute, occurrences);
            }
        }
        kinds.retain(|_, occurrences| occurrences.keys().any(|(_, ids)| !ids.is_empty()));
        let namings = kinds.iter();
        namings
            .map(|(kind, occurrences)| (*kind, Self::of(occurrences)))
            .collect()
    }

    fn of(occurrences: &Occurrences) -> Self {
        let mut naming = Self {
            preferred: preferred(occurrences),
            ..Self::default()
        };
        // For each thing its identities and how often it has each spelling.
        let mut things: BTreeMap<Identity, (BTreeSet<Identity>, BTreeMap<&str, usize>)> =
            BTreeMap::new();
        let mut of_spelling: BTreeMap<&str, BTreeSet<Identity>> = BTreeMap::new();
        for ((spelling, identities), count) in occurrences {
            let Some(key) = naming.key(identities) else {
                continue;
            };
            of_spelling.entry(spelling).or_default().insert(key.clone());
            let (known, spellings) = things.entry(key).or_default();
            known.extend(identities.iter().cloned());
            *spellings.entry(spelling).or_default() += count;
        }
        for ((spelling, identities), count) in occurrences {
            let only = of_spelling
                .get(spelling.as_str())
                .filter(|keys| keys.len() == 1);
            if identities.is_empty()
                && let Some(key) = only.and_then(BTreeSet::first)
                && let Some((_, spellings)) = things.get_mut(key)
            {
                *spellings.entry(spelling).or_default() += count;
            }
        }
        for (key, (identities, spellings)) in things {
            // Of equally frequent ones the first by the alphabet.
            let most = spellings.iter().rev().max_by_key(|(_, count)| **count);
            let Some((&spelled, _)) = most else { continue };
            let is_shared = of_spelling.get(spelled).is_some_and(|keys| keys.len() > 1);
            let name = match is_shared {
                true => format!("{spelled} ({key})"),
                false => spelled.to_owned(),
            };
            for spelling in spellings.keys() {
                let entry = naming.spellings.entry((*spelling).to_owned()).or_default();
                let is_only = of_spelling
                    .get(spelling)
                    .is_some_and(|keys| keys.len() == 1);
                if is_only {
                    entry.plain = Some(name.clone());
                }
                entry.things.push((key.clone(), name.clone()));
            }
            let aliases = spellings.into_keys().filter(|spelling| *spelling != name);
            naming.things.push(Thing {
                aliases: aliases.map(str::to_owned).collect(),
                identities: identities.into_iter().collect(),
                name,
            });
        }
        naming
    }

    /// The number that a thing with these identities goes by.
    fn key(&self, identities: &[Identity]) -> Option<Identity> {
        let mut key = identities.iter().min()?;
        // Each step leads to a number of a more preferred authority.
        while let Some(preferred) = self.preferred.get(key) {
            key = preferred;
        }
        Some(key.clone())
    }

    /// The name of the node of what is spelled so and has these identities.
    pub(crate) fn name<'a>(&'a self, spelling: &'a str, identities: &[Identity]) -> &'a str {
        let Some(known) = self.spellings.get(spelling) else {
            return spelling;
        };
        let name = match self.key(identities) {
            Some(key) => {
                let thing = known.things.iter().find(|(other, _)| *other == key);
                thing.map(|(_, name)| name)
            }
            None => known.plain.as_ref(),
        };
        name.map_or(spelling, String::as_str)
    }

    /// The things, by their preferred numbers.
    pub(crate) fn into_things(self) -> Vec<Thing> {
        self.things
    }
}

/// Whether identities may stand beside the attribute's values.
fn has_identities(further_columns: &BTreeSet<&str>, attribute: &AttributeNode) -> bool {
    match attribute.extract {
        Extract::Maker => further_columns.contains("makers"),
        _ => further_columns.contains(format!("{}_identity", attribute.column).as_str()),
    }
}

fn count(artwork: &Artwork, attribute: &AttributeNode, occurrences: &mut Occurrences) {
    let mut add = |spelling: &str, mut identities: Vec<Identity>| {
        identities.sort_unstable();
        identities.dedup();
        *occurrences
            .entry((spelling.to_owned(), identities))
            .or_default() += 1;
    };
    if attribute.extract == Extract::Maker {
        for maker in makers(artwork, attribute) {
            add(&maker.name, maker.identities);
        }
    } else {
        for (value, identities) in artwork.identified_values(&attribute.column) {
            add(value, identities);
        }
    }
}

/// For each number the preferred one that it always stands beside.
fn preferred(occurrences: &Occurrences) -> HashMap<Identity, Identity> {
    let mut before: HashMap<&Identity, BTreeSet<&Identity>> = HashMap::new();
    for (_, identities) in occurrences.keys() {
        if let Some((first, others)) = identities.split_first() {
            for other in others.iter().filter(|other| !other.shares_authority(first)) {
                before.entry(other).or_default().insert(first);
            }
        }
    }
    let only = before.into_iter().filter(|(_, firsts)| firsts.len() == 1);
    only.filter_map(|(other, firsts)| Some((other.clone(), (*firsts.first()?).clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(occurrences: &[(&str, &str, usize)]) -> Naming {
        let occurrences = occurrences.iter().map(|(spelling, identities, count)| {
            (((*spelling).to_owned(), parse(identities)), *count)
        });
        Naming::of(&occurrences.collect())
    }

    fn parse(identities: &str) -> Vec<Identity> {
        identities
            .split_whitespace()
            .filter_map(Identity::parse)
            .collect()
    }

    #[test]
    fn one_number_is_one_thing_and_one_spelling_may_be_two() {
        let naming = naming(&[
            ("Gogh, Vincent van", "ulan:500115588", 2),
            ("Vincent van Gogh", "ulan:500115588 wikidata:Q5582", 5),
            ("Vincent van Gogh", "", 1),
            ("V. van Gogh", "wikidata:Q5582", 1),
            ("John Smith", "ulan:1", 3),
            ("John Smith", "ulan:2", 1),
            ("John Smith", "", 4),
            ("Hokusai", "", 9),
        ]);
        let name = |spelling, identities| naming.name(spelling, &parse(identities)).to_owned();
        assert_eq!(
            name("Gogh, Vincent van", "ulan:500115588"),
            "Vincent van Gogh"
        );
        assert_eq!(name("Gogh, Vincent van", ""), "Vincent van Gogh");
        assert_eq!(name("V. van Gogh", "wikidata:Q5582"), "Vincent van Gogh");
        assert_eq!(name("John Smith", "ulan:1"), "John Smith (ulan:1)");
        assert_eq!(name("John Smith", "ulan:2"), "John Smith (ulan:2)");
        assert_eq!(name("John Smith", ""), "John Smith");
        assert_eq!(name("Hokusai", ""), "Hokusai");
        let things = naming.into_things();
        let names: Vec<_> = things.iter().map(|thing| thing.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "John Smith (ulan:1)",
                "John Smith (ulan:2)",
                "Vincent van Gogh"
            ]
        );
        assert_eq!(things[2].aliases, ["Gogh, Vincent van", "V. van Gogh"]);
        assert_eq!(things[2].identities, parse("ulan:500115588 wikidata:Q5582"));
    }

    #[test]
    fn a_number_of_a_lesser_authority_joins_nothing_that_the_preferred_one_keeps_apart() {
        // Wikidata has one item for everybody who is not known.
        let naming = naming(&[
            ("unknown Dutch", "ulan:1 wikidata:Q4233718", 1),
            ("unknown French", "ulan:2 wikidata:Q4233718", 1),
            ("anonymous", "wikidata:Q4233718", 1),
        ]);
        let names: Vec<_> = naming
            .into_things()
            .into_iter()
            .map(|thing| thing.name)
            .collect();
        assert_eq!(names, ["unknown Dutch", "unknown French", "anonymous"]);
    }
}
