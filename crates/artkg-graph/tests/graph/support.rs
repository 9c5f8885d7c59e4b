//! A small corpus with every difficulty that names can have.

use std::path::PathBuf;

use artkg_corpus::{Artwork, Corpus, CorpusDescription, Split};
use artkg_graph::{BuildOptions, KnowledgeGraph, Schema};

pub(crate) fn artwork(id: &str, split: Option<Split>, cells: &[(&str, &str)]) -> Artwork {
    let mut artwork = Artwork {
        id: id.to_owned(),
        split,
        ..Artwork::default()
    };
    for (column, value) in cells {
        artwork.set_cell(column, value).unwrap();
    }
    artwork
}

pub(crate) fn corpus(artworks: Vec<Artwork>) -> Corpus {
    Corpus {
        description: CorpusDescription::new("test", "Images"),
        artworks,
        folder: PathBuf::new(),
    }
}

/// Nine artworks: six for training, one each of the other splits, one without.
pub(crate) fn sample() -> Corpus {
    let train = Some(Split::Train);
    corpus(vec![
        artwork(
            "a1.jpg",
            train,
            &[
                ("author", "REMBRANDT Harmenszoon van Rijn"),
                ("school", "Dutch"),
                ("type", "portrait"),
                ("timeframe", "1601-1650"),
                ("title", "Portrait of an Old Man"),
                ("technique", "Oil on canvas, 105 x 184 cm"),
            ],
        ),
        artwork(
            "a2.jpg",
            train,
            &[
                ("author", "REMBRANDT Harmenszoon van Rijn|LIEVENS, Jan"),
                ("school", "Dutch"),
                ("type", "portrait"),
                ("title", "Portrait of an Old Woman"),
                ("technique", "Oil on oak panel"),
            ],
        ),
        artwork(
            "a3 \"quoted\" & <odd>\\.jpg",
            train,
            &[
                ("author", "O'KEEFFE; \"Georgia\" <née>, Ölberg \\ 山"),
                ("school", "American|Dutch"),
                ("title", "Old Man"),
            ],
        ),
        artwork(
            "a4.jpg",
            train,
            &[("author", "GOYA"), ("school", "Spanish")],
        ),
        artwork(
            "a5.jpg",
            train,
            &[("author", "GOYA"), ("school", "Spanish"), ("title", "Goya")],
        ),
        artwork("a6.jpg", train, &[]),
        artwork(
            "v1.jpg",
            Some(Split::Validation),
            &[("author", "VALIDATION PAINTER"), ("school", "Dutch")],
        ),
        artwork(
            "t1.jpg",
            Some(Split::Test),
            &[("author", "GOYA"), ("school", "French")],
        ),
        artwork("n1.jpg", None, &[("author", "NOBODY"), ("school", "Dutch")]),
    ])
}

/// The built-in schema with every keyword kept.
pub(crate) fn schema() -> Schema {
    let text = include_str!("../../../../graph/schema.toml");
    Schema::parse(
        &text.replace("minimum_count = 5", "minimum_count = 1"),
        "test",
    )
    .unwrap()
}

pub(crate) fn graph() -> KnowledgeGraph {
    KnowledgeGraph::build(&sample(), &schema(), &BuildOptions::default()).unwrap()
}
