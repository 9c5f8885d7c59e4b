use std::collections::HashMap;

use artkg_files::table::Cells;

use crate::addresses::Addresses;

/// What writing needs besides the tags: what is known of works and classes, and how tables
/// are written.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Where authority files have the classes.
    pub addresses: Addresses,
    /// Titles of the artworks, by id.
    pub titles: HashMap<String, String>,
    /// What the ids of records begin with: `https://museum.example/object/`.
    pub base: Option<String>,
    /// How the cells of tables are written.
    pub cells: Cells,
}

impl Context {
    /// The title of a work.
    pub(crate) fn title(&self, id: Option<&str>) -> Option<&str> {
        self.titles.get(id?).map(String::as_str)
    }

    /// The address of a record that is known by `name`: below the base, or one that is
    /// the same wherever it is made.
    pub(crate) fn record_address(&self, name: &str) -> String {
        let base = self.base.as_ref().map(|base| {
            let name =
                percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
            format!("{base}{name}")
        });
        base.unwrap_or_else(|| uuid(name))
    }
}

/// A UUID of the kind whose bits one may choose (version 8, RFC 9562), from a hash.
fn uuid(name: &str) -> String {
    let digits = artkg_files::fingerprint::Fingerprint::new("record", 1)
        .text(name)
        .finish();
    let digits: String = digits
        .chars()
        .filter(char::is_ascii_hexdigit)
        .take(32)
        .collect();
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..32]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_addresses_that_last() {
        let mut context = Context::default();
        let address = context.record_address("36029");
        assert_eq!(address, context.record_address("36029"));
        assert_ne!(address, context.record_address("36028"));
        assert_eq!(address.len(), "urn:uuid:".len() + 36);
        context.base = Some("https://museum.example/object/".into());
        assert_eq!(
            context.record_address("19/a b"),
            "https://museum.example/object/19%2Fa%20b"
        );
    }
}
