//! The authority files that are known: `authorities.toml`, read once.

use std::sync::LazyLock;

use serde::Deserialize;

/// A file of numbers that museums share.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Authority {
    /// Its short name, which stands before its numbers.
    pub(super) name: String,
    /// What comes before the number in linked data.
    pub(super) iri: String,
    /// What comes before the number in addresses of its pages, without `http://`
    /// and `www.`.
    addresses: Vec<String>,
    /// The letter before the digits of its numbers, where there is one.
    #[serde(default)]
    letter: String,
    /// Whether numbers may hold letters and hyphens, too.
    #[serde(default)]
    letters: bool,
    /// Further characters of its numbers.
    #[serde(default)]
    others: String,
}

impl Authority {
    /// The number as the authority writes it, if it can be one of its.
    pub(super) fn id(&self, id: &str) -> Option<String> {
        let digits = id.strip_prefix(self.letter.as_str())?;
        let fits = |letter: char| {
            let is_letter = letter.is_ascii_alphanumeric() || letter == '-';
            letter.is_ascii_digit() || self.letters && is_letter || self.others.contains(letter)
        };
        let is_number = !digits.is_empty() && digits.chars().all(fits);
        is_number.then(|| id.to_owned())
    }

    /// The number in an address of the authority.
    pub(super) fn id_of_address(&self, address: &str) -> Option<String> {
        let (_, place) = address.split_once("://")?;
        let place = place.strip_prefix("www.").unwrap_or(place);
        let rest = self
            .addresses
            .iter()
            .find_map(|start| place.strip_prefix(start.as_str()))?;
        let end = rest.find(['/', '?', '#', '.', '&']).unwrap_or(rest.len());
        self.id(&rest[..end])
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    authority: Vec<Authority>,
}

/// The shipped authorities, in the order of preference.
pub(super) static AUTHORITIES: LazyLock<Vec<Authority>> = LazyLock::new(|| {
    let file: Result<File, _> = toml::from_str(include_str!("authorities.toml"));
    match file {
        Ok(file) => file.authority,
        // The file is part of the program, and tests read it.
        Err(fault) => unreachable!("authorities.toml: {fault}"),
    }
});
