//! Who or what something is, by the numbers of authority files.

mod authorities;
mod column;

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use authorities::{AUTHORITIES, Authority};
pub(crate) use column::{IDENTITY_COLUMN, identity_column, identity_value};

/// What may not stand in an address as it is: what no IRI holds, and what ends a
/// detail or a value in `artworks.csv`.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b';');

/// A number in an authority file (`ulan:500115588`, `wikidata:Q5582`), or an
/// address of the source's own.
///
/// Their order is that of preference: two different numbers of the first
/// authority that knows both are two things, whatever the others say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Identity {
    /// The authority's place in the list of them; addresses come last.
    authority: usize,
    id: String,
}

impl Identity {
    /// Reads `ulan:500115588`, an address of a known authority in any of its
    /// forms, or any other address. `None` where it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        if scheme.is_some_and(|scheme| ["http", "https"].contains(&&*scheme.to_lowercase())) {
            return Some(Self::of_address(text));
        }
        let (authority, id) = text.split_once(':')?;
        Self::of_authority(authority, id)
    }

    /// A number of an authority: `ulan`, `500115588`. `None` for an unknown
    /// authority, or a number that it cannot have given.
    pub fn of_authority(authority: &str, id: &str) -> Option<Self> {
        let place = AUTHORITIES
            .iter()
            .position(|known| known.name.eq_ignore_ascii_case(authority.trim()))?;
        let id = AUTHORITIES[place].id(id.trim())?;
        Some(Self {
            authority: place,
            id,
        })
    }

    /// Whether an authority has this short name.
    pub fn is_authority(name: &str) -> bool {
        AUTHORITIES
            .iter()
            .any(|known| known.name.eq_ignore_ascii_case(name))
    }

    fn of_address(address: &str) -> Self {
        let known = AUTHORITIES
            .iter()
            .enumerate()
            .find_map(|(place, authority)| Some((place, authority.id_of_address(address)?)));
        let (authority, id) = known.unwrap_or_else(|| {
            let address = utf8_percent_encode(address, ENCODED);
            (AUTHORITIES.len(), address.to_string())
        });
        Self { authority, id }
    }

    /// The authority's short name, `ulan`; `None` for an address.
    pub fn authority(&self) -> Option<&'static str> {
        self.known().map(|authority| authority.name.as_str())
    }

    /// The number within the authority, or the address.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The address that stands for the thing in linked data.
    pub fn iri(&self) -> String {
        match self.known() {
            Some(authority) => format!("{}{}", authority.iri, self.id),
            None => self.id.clone(),
        }
    }

    fn known(&self) -> Option<&'static Authority> {
        AUTHORITIES.get(self.authority)
    }

    /// Whether both are of one authority, which then says whether they are the same.
    pub fn shares_authority(&self, other: &Self) -> bool {
        self.authority == other.authority && self.known().is_some()
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.authority() {
            Some(authority) => write!(formatter, "{authority}:{}", self.id),
            None => formatter.write_str(&self.id),
        }
    }
}

impl TryFrom<String> for Identity {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no identity"))
    }
}

impl From<Identity> for String {
    fn from(identity: Identity) -> Self {
        identity.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_authorities_are_numbers() {
        for (text, short, iri) in [
            (
                "http://vocab.getty.edu/page/ulan/500115588",
                "ulan:500115588",
                "http://vocab.getty.edu/ulan/500115588",
            ),
            (
                "ULAN: 500115588",
                "ulan:500115588",
                "http://vocab.getty.edu/ulan/500115588",
            ),
            (
                "http://vocab.getty.edu/page/aat/300264360",
                "aat:300264360",
                "http://vocab.getty.edu/aat/300264360",
            ),
            (
                "https://www.wikidata.org/wiki/Q5582",
                "wikidata:Q5582",
                "http://www.wikidata.org/entity/Q5582",
            ),
            (
                "http://viaf.org/viaf/9854560/#Gogh",
                "viaf:9854560",
                "http://viaf.org/viaf/9854560",
            ),
            (
                "https://d-nb.info/gnd/118540238",
                "gnd:118540238",
                "https://d-nb.info/gnd/118540238",
            ),
            (
                "http://iconclass.org/25F23(LION)(+46)",
                "iconclass:25F23(LION)(+46)",
                "https://iconclass.org/25F23(LION)(+46)",
            ),
            (
                "https://example.org/a b|c;[d]",
                "https://example.org/a%20b%7Cc%3B%5Bd%5D",
                "https://example.org/a%20b%7Cc%3B%5Bd%5D",
            ),
            // An address of Wikidata's that is no item.
            (
                "https://www.wikidata.org/wiki/Special:Search",
                "https://www.wikidata.org/wiki/Special:Search",
                "https://www.wikidata.org/wiki/Special:Search",
            ),
        ] {
            let identity = Identity::parse(text).unwrap();
            assert_eq!(identity.to_string(), short, "{text}");
            assert_eq!(identity.iri(), iri, "{text}");
            assert_eq!(Identity::parse(short), Some(identity));
        }
    }

    #[test]
    fn nonsense_is_no_identity() {
        for text in [
            "",
            "(not assigned)",
            "Rembrandt",
            "ulan:",
            "ulan:abc",
            "wikidata:5",
            "x:1",
        ] {
            assert_eq!(Identity::parse(text), None, "{text}");
        }
        assert_eq!(Identity::of_authority("ulan", "Q1"), None);
    }

    #[test]
    fn their_order_is_that_of_preference() {
        let parse = |text| Identity::parse(text).unwrap();
        assert!(parse("ulan:500115588") < parse("wikidata:Q1"));
        assert!(parse("wikidata:Q5") < parse("https://example.org/1"));
        assert!(parse("ulan:1").shares_authority(&parse("ulan:2")));
        let (one, two) = (parse("https://a.org/1"), parse("https://a.org/2"));
        assert!(!one.shares_authority(&two));
    }
}
