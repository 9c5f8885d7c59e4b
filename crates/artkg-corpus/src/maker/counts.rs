use std::collections::BTreeMap;

use serde::Serialize;

use super::Qualifier;
use crate::artwork::Artwork;

/// Who made the works of a corpus, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MakerCounts {
    /// The makers of all works together: one of two works counts twice.
    pub makers: usize,
    /// How many of these are qualified, by the qualifier that decides.
    pub qualifiers: BTreeMap<Qualifier, usize>,
    /// The works with a qualified maker.
    pub works_with_qualified: usize,
    /// The works whose makers are all qualified: they have no author to learn.
    pub works_without_author: usize,
    /// How many makers have each role that the source names.
    pub roles: BTreeMap<String, usize>,
    /// The makers who are known to an authority file.
    pub identified: usize,
}

impl MakerCounts {
    /// Counts the makers of artworks.
    pub fn of(artworks: &[Artwork]) -> Self {
        let mut counts = Self::default();
        for artwork in artworks {
            counts.add(artwork);
        }
        counts
    }

    fn add(&mut self, artwork: &Artwork) {
        if !artwork.has_makers_column() {
            self.makers += artwork.values("author").count();
            return;
        }
        let makers = artwork.makers();
        let mut qualified = 0;
        for maker in &makers {
            if let Some(qualifier) = maker.qualifier() {
                qualified += 1;
                *self.qualifiers.entry(qualifier).or_default() += 1;
            }
            if let Some(role) = &maker.role {
                *self.roles.entry(role.clone()).or_default() += 1;
            }
            self.identified += usize::from(!maker.identities.is_empty());
        }
        self.makers += makers.len();
        self.works_with_qualified += usize::from(qualified > 0);
        self.works_without_author += usize::from(qualified > 0 && qualified == makers.len());
    }

    /// Whether names are all that is known of makers.
    pub fn is_plain(&self) -> bool {
        self.qualifiers.is_empty() && self.roles.is_empty() && self.identified == 0
    }

    /// How many makers are qualified.
    pub fn qualified(&self) -> usize {
        self.qualifiers.values().sum()
    }
}
