use artkg_corpus::{Artwork, Corpus, CorpusDescription, Split};
use artkg_graph::triplets::{evaluate, hold_out};
use artkg_graph::{BuildOptions, NetworkEncoder, Schema};

use super::*;

/// Works whose school and timeframe follow from their author.
fn graph() -> KnowledgeGraph {
    let works = (0..240).map(|number| {
        let author = number % 12;
        let mut work = Artwork {
            id: format!("w{number}"),
            split: Some(Split::Train),
            ..Artwork::default()
        };
        let cells = [
            ("author", format!("author {author}")),
            ("school", format!("school {}", author % 4)),
            (
                "timeframe",
                format!("1{}01-1{}50", author / 4 + 5, author / 4 + 5),
            ),
        ];
        for (column, cell) in &cells {
            work.set_cell(column, cell).unwrap();
        }
        work
    });
    let corpus = Corpus {
        description: CorpusDescription::new("test", "Images"),
        artworks: works.collect(),
        folder: std::path::PathBuf::new(),
    };
    let schema = Schema::built_in().unwrap();
    KnowledgeGraph::build(&corpus, &schema, &BuildOptions::default()).unwrap()
}

fn options(encoder: NetworkEncoder) -> NetworkOptions {
    NetworkOptions {
        dimension: 16,
        epochs: 20,
        batch: 256,
        ..NetworkOptions::of(encoder)
    }
}

#[test]
fn edges_held_out_are_predicted_from_what_neighbours_have() {
    let split = hold_out(&graph(), 0.1, 1).unwrap();
    for encoder in [NetworkEncoder::GraphSage, NetworkEncoder::Rgcn] {
        let mut losses = Vec::new();
        let options = options(encoder);
        let embeddings = embed(&split.training, &options, |progress| {
            losses.push(progress.loss);
        })
        .unwrap();
        assert!(losses[losses.len() - 1] < 0.6 * losses[0], "{losses:?}");
        let found = evaluate(&embeddings, &graph(), &split.held_out, |_, _| {});
        let schools = found
            .relations
            .iter()
            .find(|one| one.relation == "of_school");
        let tail = schools.unwrap().of_kind.tail;
        // One of four at random.
        assert!(tail.hits_at_1 > 0.6, "{encoder:?}: {tail:?}");
    }
}

#[test]
fn a_seed_gives_the_same_vectors() {
    let options = NetworkOptions {
        epochs: 2,
        ..options(NetworkEncoder::Rgcn)
    };
    let graph = graph();
    let first = embed(&graph, &options, |_| {}).unwrap();
    let again = embed(&graph, &options, |_| {}).unwrap();
    assert_eq!(first.vectors(), again.vectors());
    let other = NetworkOptions { seed: 1, ..options };
    assert_ne!(
        first.vectors(),
        embed(&graph, &other, |_| {}).unwrap().vectors()
    );
}

#[test]
fn graphs_without_edges_are_refused() {
    let graph = KnowledgeGraph::new(artkg_graph::Provenance::default());
    let options = options(NetworkEncoder::GraphSage);
    assert!(matches!(
        embed(&graph, &options, |_| {}),
        Err(Error::NoEdges)
    ));
}
