use artkg_corpus::{Artwork, Maker};

use crate::schema::AttributeNode;

/// The makers that an attribute reads from an artwork.
pub(crate) fn makers(artwork: &Artwork, attribute: &AttributeNode) -> Vec<Maker> {
    match attribute.column.as_str() {
        "author" => artwork.makers(),
        column => artwork.values(column).map(Maker::parse).collect(),
    }
}
