use std::collections::BTreeSet;

use artkg_corpus::{Artwork, Maker};

use crate::schema::AttributeNode;

/// The makers that an attribute reads from an artwork.
pub(crate) fn makers(artwork: &Artwork, attribute: &AttributeNode) -> Vec<Maker> {
    match attribute.column.as_str() {
        "author" => artwork.makers(),
        column => artwork.values(column).map(Maker::parse).collect(),
    }
}

/// Whether the makers that an attribute reads are names without qualifiers, as the
/// artworks have no column that says more of them.
pub(crate) fn are_names(attribute: &AttributeNode, further_columns: &BTreeSet<&str>) -> bool {
    attribute.column == "author" && !further_columns.contains("makers")
}
