//! Makers whose identity the source knows and whom it spells in several ways: one author.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::qualified::set_makers;
use crate::artwork::Artwork;
use crate::identity::Identity;
use crate::maker::Maker;

/// A spelling of a maker that gave way to a more frequent one of the same identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Respelling {
    /// As the source writes it.
    pub written: String,
    /// The spelling that it has most often.
    pub name: String,
    /// Who both are.
    pub identity: Identity,
    /// How many makers were written so.
    pub makers: usize,
}

/// Gives the makers of one identity one name, that of most of them, so that they are one
/// class; of equally frequent ones the first by the alphabet.
///
/// A maker goes by the identity of the most preferred authority. A spelling of several
/// identities says nothing and stays. One without an identity is that which it has elsewhere.
pub(super) fn unite(artworks: &mut [Artwork]) -> Vec<Respelling> {
    let respellings = respellings(artworks);
    let names: HashMap<&str, &str> = respellings
        .iter()
        .map(|one| (one.written.as_str(), one.name.as_str()))
        .collect();
    if names.is_empty() {
        return respellings;
    }
    for artwork in artworks {
        let mut makers: Vec<Maker> = Vec::new();
        let mut is_changed = false;
        for mut maker in artwork.makers() {
            if let Some(name) = names.get(maker.name.as_str()) {
                maker.name = (*name).to_owned();
                is_changed = true;
            }
            if !makers.contains(&maker) {
                makers.push(maker);
            }
        }
        if is_changed {
            set_makers(artwork, &makers);
        }
    }
    respellings
}

fn respellings(artworks: &[Artwork]) -> Vec<Respelling> {
    let with_details = artworks
        .iter()
        .filter(|artwork| artwork.has_makers_column());
    let mut identities: HashMap<String, BTreeSet<Identity>> = HashMap::new();
    for maker in with_details.flat_map(Artwork::makers) {
        if let Some(identity) = maker.identities.into_iter().min() {
            identities.entry(maker.name).or_default().insert(identity);
        }
    }
    if identities.is_empty() {
        return Vec::new();
    }
    let mut spellings: BTreeMap<&Identity, BTreeMap<String, usize>> = BTreeMap::new();
    for maker in artworks.iter().flat_map(Artwork::makers) {
        if let Some(known) = identities.get(&maker.name)
            && known.len() == 1
            && let Some(identity) = known.first()
        {
            let counts = spellings.entry(identity).or_default();
            *counts.entry(maker.name).or_default() += 1;
        }
    }
    let mut respellings = Vec::new();
    for (identity, counts) in spellings {
        let most = counts.iter().rev().max_by_key(|(_, count)| **count);
        let Some(name) = most.map(|(name, _)| name.clone()) else {
            continue;
        };
        for (written, makers) in counts {
            if written != name {
                respellings.push(Respelling {
                    written,
                    name: name.clone(),
                    identity: identity.clone(),
                    makers,
                });
            }
        }
    }
    respellings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artwork(makers: &str) -> Artwork {
        let mut artwork = Artwork::default();
        let makers: Vec<Maker> = makers.split('|').map(Maker::parse).collect();
        set_makers(&mut artwork, &makers);
        artwork
    }

    #[test]
    fn one_identity_is_one_author_by_its_most_frequent_spelling() {
        let mut artworks = [
            artwork("Vincent van Gogh [ulan:500115588]"),
            artwork("Vincent van Gogh [wikidata:Q5582; ulan:500115588]"),
            artwork("Gogh, Vincent van [ulan:500115588]|Vincent van Gogh [ulan:500115588]"),
            artwork("Gogh, Vincent van"),
            artwork("Gogh, Vincent van [after; ulan:500115588]|Theo"),
            // One spelling of two people.
            artwork("John Smith [ulan:1]"),
            artwork("John Smith [ulan:2]"),
            artwork("Smith, John [ulan:1]"),
        ];
        let before = artworks[5..].to_vec();
        // Three and three: the first by the alphabet.
        let respelled = unite(&mut artworks);
        assert_eq!(
            respelled,
            [Respelling {
                written: "Vincent van Gogh".into(),
                name: "Gogh, Vincent van".into(),
                identity: Identity::parse("ulan:500115588").unwrap(),
                makers: 3,
            }]
        );
        assert_eq!(artworks[0].cell("author"), Some("Gogh, Vincent van"));
        assert_eq!(artworks[2].makers().len(), 1);
        assert_eq!(artworks[4].cell("author"), Some("Theo"));
        assert_eq!(
            artworks[4].cell("makers"),
            Some("Gogh, Vincent van [after; ulan:500115588]|Theo")
        );
        assert_eq!(artworks[5..], before);
    }
}
