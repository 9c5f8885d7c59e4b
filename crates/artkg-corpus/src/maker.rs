//! Who made a work, as what, and how sure that is.

mod column;
mod counts;
mod genitive;
mod qualifier;
mod reading;
mod tokens;
mod words;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::identity::Identity;

pub(crate) use column::{MAKERS_COLUMN, author_cell, makers_cell};
pub use counts::MakerCounts;
pub use qualifier::Qualifier;
pub(crate) use reading::{is_plain, qualify, read, remark};

/// A person or firm whom a source connects with a work.
///
/// Written as `Name [qualifier; role: …; authority:id]`, in square brackets only
/// what there is: `William Morris [attributed to; role: designer; ulan:500022930]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Maker {
    /// The name, without qualifiers.
    pub name: String,
    /// What they did, in the source's words: `engraver`.
    pub role: Option<String>,
    /// What keeps them from being the author, outermost first: `possibly`,
    /// `workshop of`. Without any they are.
    pub qualifiers: Vec<Qualifier>,
    /// Who they are by authority files.
    pub identities: Vec<Identity>,
}

impl Maker {
    /// An author of whom only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// The qualifier that decides what they are to the work; `None` for an author.
    ///
    /// That is the one next to the name (`possibly workshop of`: the workshop),
    /// but nothing that was said formerly holds today.
    pub fn qualifier(&self) -> Option<Qualifier> {
        let former = Qualifier::FormerlyAttributedTo;
        match self.qualifiers.contains(&former) {
            true => Some(former),
            false => self.qualifiers.last().copied(),
        }
    }

    /// Reads what [`Maker`] writes. What stands in square brackets and is none of
    /// its details is a part of the name.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let details = text
            .strip_suffix(']')
            .and_then(|text| text.rsplit_once(" ["))
            .and_then(|(name, details)| Self::named(name.trim()).with_details(details));
        details.unwrap_or_else(|| Self::named(text))
    }

    fn with_details(mut self, details: &str) -> Option<Self> {
        for detail in details.split(';').map(str::trim) {
            if let Some(role) = detail.strip_prefix(ROLE) {
                self.role = Some(role.trim().to_owned());
            } else if let Some(qualifier) = Qualifier::named(detail) {
                self.qualifiers.push(qualifier);
            } else {
                self.identities.push(Identity::parse(detail)?);
            }
        }
        Some(self)
    }

    /// Whether the name ends in square brackets: details that could not be read.
    pub(crate) fn has_unread_details(&self) -> bool {
        self.name.ends_with(']') && self.name.contains(" [")
    }
}

/// What begins a role among the details.
const ROLE: &str = "role:";

impl fmt::Display for Maker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        let qualifiers = self.qualifiers.iter().map(|one| one.name().to_owned());
        let role = self.role.iter().map(|role| {
            // These end a detail, the details or the cell's value.
            let role = role.replace([';', '|'], ",");
            format!("{ROLE} {}", role.replace('[', "(").replace(']', ")"))
        });
        let identities = self.identities.iter().map(ToString::to_string);
        let details: Vec<String> = qualifiers.chain(role).chain(identities).collect();
        match details.as_slice() {
            [] => Ok(()),
            _ => write!(formatter, " [{}]", details.join("; ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_are_written_for_people_and_read_again() {
        let morris = Maker {
            role: Some("designer".into()),
            qualifiers: vec![Qualifier::Possibly, Qualifier::WorkshopOf],
            identities: vec![
                Identity::parse("ulan:500022930").unwrap(),
                Identity::parse("https://example.org/makers/7").unwrap(),
            ],
            ..Maker::named("Morris, William")
        };
        let text = "Morris, William [possibly; workshop of; role: designer; ulan:500022930; \
                    https://example.org/makers/7]";
        assert_eq!(morris.to_string(), text);
        assert_eq!(Maker::parse(text), morris);
        for plain in [
            "Edvard Munch",
            "Atelier [No 5]",
            "Anon. [attributed]",
            "]",
            "A [after",
        ] {
            assert_eq!(Maker::parse(plain), Maker::named(plain));
            assert_eq!(Maker::named(plain).to_string(), plain);
        }
        assert!(Maker::parse("Anon. [attributed]").has_unread_details());
        let odd = Maker {
            role: Some("carver; gilder [frame]|x".into()),
            ..Maker::named("A")
        };
        let again = Maker::parse(&odd.to_string());
        assert_eq!(again.role.as_deref(), Some("carver, gilder (frame),x"));
    }

    #[test]
    fn the_qualifier_next_to_the_name_decides_but_not_against_a_former_one() {
        let with = |qualifiers: &[Qualifier]| Maker {
            qualifiers: qualifiers.to_vec(),
            ..Maker::named("A")
        };
        use Qualifier::{After, FormerlyAttributedTo, Possibly, WorkshopOf};
        assert_eq!(with(&[]).qualifier(), None);
        assert_eq!(with(&[Possibly, After]).qualifier(), Some(After));
        assert_eq!(
            with(&[FormerlyAttributedTo, WorkshopOf]).qualifier(),
            Some(FormerlyAttributedTo)
        );
    }
}
