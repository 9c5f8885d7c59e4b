//! By which authority's names LIDO calls makers and concepts.

use crate::xml::Element;

/// Who gives names of their own to makers and concepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Authority {
    Aat,
    Ulan,
    Wikidata,
    Viaf,
    Gnd,
    Iconclass,
    Other,
}

impl Authority {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Aat => "aat",
            Self::Ulan => "ulan",
            Self::Wikidata => "wikidata",
            Self::Viaf => "viaf",
            Self::Gnd => "gnd",
            Self::Iconclass => "iconclass",
            Self::Other => "address",
        }
    }
}

/// The authority of an id, and the id as an address, where it is one or can be made one.
pub(super) fn identity(id: &Element) -> Option<(Authority, String)> {
    const KNOWN: [(Authority, &str, &str, &str); 6] = [
        (
            Authority::Aat,
            "aat",
            "/aat/",
            "http://vocab.getty.edu/aat/",
        ),
        (
            Authority::Ulan,
            "ulan",
            "/ulan/",
            "http://vocab.getty.edu/ulan/",
        ),
        (
            Authority::Wikidata,
            "wikidata",
            "wikidata.org/",
            "http://www.wikidata.org/entity/",
        ),
        (
            Authority::Viaf,
            "viaf",
            "viaf.org/",
            "http://viaf.org/viaf/",
        ),
        (
            Authority::Gnd,
            "gnd",
            "d-nb.info/gnd/",
            "https://d-nb.info/gnd/",
        ),
        (
            Authority::Iconclass,
            "iconclass",
            "iconclass.org/",
            "https://iconclass.org/",
        ),
    ];
    let text = id.trimmed()?;
    let is_address = text.starts_with("http://") || text.starts_with("https://");
    let source = id.attribute("source").unwrap_or_default().to_lowercase();
    for (authority, name, part, address) in KNOWN {
        if is_address && text.contains(part) {
            return Some((authority, text.to_owned()));
        }
        if !is_address && source.contains(name) {
            return Some((authority, format!("{address}{text}")));
        }
    }
    is_address.then(|| (Authority::Other, text.to_owned()))
}
