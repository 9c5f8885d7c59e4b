//! The columns of artworks beyond the usual ones.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::artwork::Artwork;
use crate::identity::{IDENTITY_COLUMN, identity_column};
use crate::maker::MAKERS_COLUMN;

/// The columns beyond [`crate::COLUMNS`] that any of some artworks has a value in.
///
/// Asked once, as asking each of many artworks for a column that none has takes longer than
/// reading them.
#[derive(Clone, Debug)]
pub struct FurtherColumns<'a>(BTreeSet<&'a str>);

impl<'a> FurtherColumns<'a> {
    /// Those of these artworks.
    pub fn of(artworks: impl ParallelIterator<Item = &'a Artwork>) -> Self {
        let with_one = |mut columns: BTreeSet<&'a str>, artwork: &'a Artwork| {
            columns.extend(artwork.extra.keys().map(String::as_str));
            columns
        };
        let joined = |mut columns: BTreeSet<&'a str>, mut others| {
            columns.append(&mut others);
            columns
        };
        let columns = artworks.fold(BTreeSet::new, with_one);
        Self(columns.reduce(BTreeSet::new, joined))
    }

    /// Their names, in order.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + Clone {
        self.0.iter().copied()
    }

    /// Whether more may be said of makers than their names ([`Artwork::makers`]).
    pub fn have_makers(&self) -> bool {
        self.0.contains(MAKERS_COLUMN)
    }

    /// Whether works may have identities ([`Artwork::identities`]).
    pub fn have_identities(&self) -> bool {
        self.0.contains(IDENTITY_COLUMN)
    }

    /// Whether the values of a column may have identities ([`Artwork::identified_values`]).
    pub fn have_identities_of(&self, column: &str) -> bool {
        self.0.contains(identity_column(column).as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_with_a_value_is_found_once() {
        let mut artworks = vec![Artwork::default(); 10_000];
        for (index, column) in [
            (0, "height"),
            (1, "title"),
            (5000, "height"),
            (7000, "subject_identity"),
            (9999, "makers"),
        ] {
            artworks[index].set_cell(column, "A").unwrap();
        }
        let columns = FurtherColumns::of(artworks.par_iter());
        let names: Vec<&str> = columns.names().collect();
        assert_eq!(names, ["height", "makers", "subject_identity"]);
        assert!(columns.have_makers() && !columns.have_identities());
        assert!(columns.have_identities_of("subject"));
        assert!(!columns.have_identities_of("school"));
        assert!(!FurtherColumns::of(artworks[..9999].par_iter()).have_makers());
    }
}
