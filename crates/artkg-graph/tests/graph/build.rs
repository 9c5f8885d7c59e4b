use artkg_corpus::Split;
use artkg_graph::{BuildOptions, KnowledgeGraph, Schema};

use crate::support::{artwork, corpus, graph, sample, schema};

fn targets(graph: &KnowledgeGraph, kind: &str, name: &str) -> Vec<String> {
    let node = graph.find(kind, name).unwrap();
    let edges = graph.edges_of(node).filter(|edge| edge.source == node);
    edges
        .map(|edge| format!("{} {}", edge.relation, graph.nodes().label(edge.target)))
        .collect()
}

#[test]
fn an_artwork_is_joined_to_what_its_cells_say() {
    assert_eq!(
        targets(&graph(), "artwork", "a1.jpg"),
        [
            "has_keyword keyword:man",
            "has_keyword keyword:old",
            "has_keyword keyword:old man",
            "has_keyword keyword:portrait",
            "has_keyword keyword:portrait old",
            "has_keyword keyword:portrait old man",
            "made_on support:canvas",
            "made_with material:oil",
            "of_type type:portrait",
            "from_timeframe timeframe:1601-1650",
            "of_school school:Dutch",
            "created_by author:REMBRANDT Harmenszoon van Rijn",
        ]
    );
}

#[test]
fn missing_values_are_no_nodes() {
    let graph = graph();
    assert!(targets(&graph, "artwork", "a6.jpg").is_empty());
    for name in ["", "unknown", "None", "null"] {
        for kind in graph.nodes().kinds() {
            assert_eq!(graph.find(kind, name), None);
        }
    }
}

#[test]
fn authors_are_linked_to_schools_with_counts() {
    let graph = graph();
    let goya = graph.find("author", "GOYA").unwrap();
    let links: Vec<_> = graph
        .edges_of(goya)
        .filter(|edge| edge.relation == "belongs_to")
        .collect();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].count, 2);
    assert_eq!(graph.nodes().label(links[0].target), "school:Spanish");
    // Two authors of one work, and two schools of one author.
    assert_eq!(
        targets(&graph, "author", "LIEVENS, Jan"),
        ["belongs_to school:Dutch"]
    );
    let names: Vec<&str> = graph
        .nodes()
        .nodes()
        .map(|node| graph.nodes().name(node))
        .collect();
    let odd = names.iter().find(|name| name.contains("KEEFFE")).unwrap();
    assert_eq!(targets(&graph, "author", odd).len(), 2);
}

#[test]
fn only_training_artworks_enter_unless_asked() {
    let leaks = ["v1.jpg", "t1.jpg", "n1.jpg"];
    let graph = graph();
    assert_eq!(graph.provenance().artworks, 6);
    assert_eq!(graph.provenance().left_out, 3);
    assert_eq!(graph.provenance().splits, ["train"]);
    for id in leaks {
        assert_eq!(graph.find("artwork", id), None, "{id} leaked");
    }
    for (kind, name) in [
        ("author", "VALIDATION PAINTER"),
        ("author", "NOBODY"),
        ("school", "French"),
    ] {
        assert_eq!(graph.find(kind, name), None, "{name} leaked");
    }
    assert!(
        !graph
            .provenance()
            .warnings
            .iter()
            .any(|warning| warning.contains("accuracy"))
    );

    let options = BuildOptions {
        splits: Split::ALL.to_vec(),
        unsplit: true,
    };
    let all = KnowledgeGraph::build(&sample(), &schema(), &options).unwrap();
    assert_eq!(all.provenance().splits, ["train", "val", "test", "none"]);
    assert!(leaks.iter().all(|id| all.find("artwork", id).is_some()));
    assert!(
        all.provenance().warnings[0].contains("val, test"),
        "{:?}",
        all.provenance()
    );
}

#[test]
fn a_corpus_without_such_artworks_is_refused() {
    let unsplit = corpus(vec![artwork("x", None, &[("author", "A")])]);
    let error = KnowledgeGraph::build(&unsplit, &schema(), &BuildOptions::default());
    let message = error.unwrap_err().to_string();
    assert!(
        message.contains("no artwork of the split train"),
        "{message}"
    );
    assert!(
        message.contains("1 of its 1 artworks have no split"),
        "{message}"
    );
}

#[test]
fn a_museum_adds_a_kind_without_rust() {
    let place = r#"
[[attribute]]
kind = "place"
relation = "created_in"
column = "place"
extract = "value"

[[link]]
from = "place"
relation = "known_for"
to = "type"
"#;
    let built_in = include_str!("../../../../graph/schema.toml");
    let text = built_in.replace("[technique]", &format!("{place}\n[technique]"));
    let schema = Schema::parse(&text, "museum.toml").unwrap();
    let train = Some(Split::Train);
    let corpus = corpus(vec![
        artwork("1", train, &[("place", "Delft|Leiden"), ("type", "genre")]),
        artwork("2", train, &[("type", "genre")]),
    ]);
    let graph = KnowledgeGraph::build(&corpus, &schema, &BuildOptions::default()).unwrap();
    assert_eq!(targets(&graph, "place", "Delft"), ["known_for type:genre"]);
    assert_eq!(
        targets(&graph, "artwork", "1"),
        [
            "created_in place:Leiden",
            "created_in place:Delft",
            "of_type type:genre"
        ]
    );
    let warning = &graph.provenance().warnings;
    assert!(
        warning.iter().any(|w| w.contains("`author`")),
        "{warning:?}"
    );
    assert_ne!(schema.checksum(), Schema::built_in().unwrap().checksum());
}
