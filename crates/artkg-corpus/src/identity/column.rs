//! The columns of an artwork that hold identities.

use super::Identity;
use crate::artwork::Artwork;

/// The further column with the identities of the work itself.
pub(crate) const IDENTITY_COLUMN: &str = "identity";

/// What stands for a value without identity among others.
const NONE: &str = "-";

/// The further column with the identities of the values of a column:
/// `subject_identity` holds those of `subject`.
pub(crate) fn identity_column(column: &str) -> String {
    format!("{column}_{IDENTITY_COLUMN}")
}

/// One value of such a column: the identities of the value that stands at the
/// same place, separated by spaces.
pub(crate) fn identity_value(identities: &[Identity]) -> String {
    match identities {
        [] => NONE.to_owned(),
        _ => {
            let texts: Vec<String> = identities.iter().map(ToString::to_string).collect();
            texts.join(" ")
        }
    }
}

impl Artwork {
    /// What the work itself is by authority files and its source.
    pub fn identities(&self) -> Vec<Identity> {
        self.cell(IDENTITY_COLUMN).map(read).unwrap_or_default()
    }

    /// The values of a column with their identities, which the column
    /// `<column>_identity` holds in the same order.
    pub fn identified_values(&self, column: &str) -> Vec<(&str, Vec<Identity>)> {
        let identities = identity_column(column);
        let mut identities = self.values(&identities);
        self.values(column)
            .map(|value| (value, identities.next().map(read).unwrap_or_default()))
            .collect()
    }
}

/// Identities separated by spaces; what is none is passed over.
fn read(text: &str) -> Vec<Identity> {
    text.split_whitespace()
        .filter_map(Identity::parse)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_stand_beside_their_values() {
        let mut artwork = Artwork::default();
        let cells = [
            ("identity", "wikidata:Q1 https://a.org/1"),
            ("subject", "Boats|Men|Sea"),
            (
                "subject_identity",
                "aat:300178749 wikidata:Q2|-|aat:300008686",
            ),
        ];
        for (column, cell) in cells {
            artwork.set_cell(column, cell).unwrap();
        }
        let texts = |identities: &[Identity]| identity_value(identities);
        assert_eq!(texts(&artwork.identities()), "wikidata:Q1 https://a.org/1");
        let subjects: Vec<_> = artwork
            .identified_values("subject")
            .iter()
            .map(|(value, identities)| format!("{value}={}", texts(identities)))
            .collect();
        assert_eq!(
            subjects,
            [
                "Boats=aat:300178749 wikidata:Q2",
                "Men=-",
                "Sea=aat:300008686"
            ]
        );
        assert_eq!(artwork.identified_values("school"), []);
    }
}
