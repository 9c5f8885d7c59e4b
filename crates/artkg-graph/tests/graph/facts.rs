//! Facts about people, from tables beside the corpus.

use std::fs;
use std::path::PathBuf;

use artkg_corpus::{Corpus, Split};
use artkg_graph::{BuildOptions, Facts, FactsReport, KnowledgeGraph, Life, Schema};

use crate::support::{artwork, corpus};

const ARTISTS: &str = "\
artistUrl,title,nation,year,image
/en/vincent-van-gogh,Vincent van Gogh,Dutch,1853 - 1890,x.jpg
/en/paul-gauguin,Paul Gauguin,French,1848 - 1903,x.jpg
/en/anton-mauve,Anton Mauve,Dutch,1838 - 1888,x.jpg
/en/jan-brueghel-1,Jan Brueghel,Flemish,1568 - 1625,x.jpg
/en/jan-brueghel-2,Jan Brueghel,Flemish,1601 - 1678,x.jpg
/en/frans-hals,Frans Hals,Dutch,1850 - 1899,x.jpg
,,,,
";

const RELATIONS: &str = "\
artistUrl,friends,influenced_by,influenced_on,movements,school
/en/vincent-van-gogh,/en/paul-gauguin,\"/en/anton-mauve,/en/nobody\",,\"Post-Impressionism,Cloisonnism\",
/en/paul-gauguin,/en/vincent-van-gogh,,/en/vincent-van-gogh,Post-Impressionism,/en/artists/pont-aven-school
/en/stranger,,,,Fauvism,
";

fn works() -> Corpus {
    let train = Some(Split::Train);
    let work = |id, author, school, timeframe| {
        let cells = [
            ("author", author),
            ("school", school),
            ("timeframe", timeframe),
        ];
        artwork(id, train, &cells)
    };
    corpus(vec![
        work("1", "GOGH, Vincent van", "Dutch", "1851-1900"),
        work("2", "GAUGUIN, Paul", "French", "1851-1900"),
        work("3", "BRUEGHEL, Jan", "Flemish", "1601-1650"),
        work("4", "HALS, Frans", "Dutch", "1601-1650"),
        work("5", "VERMEER, Johannes", "Dutch", "1651-1700"),
    ])
}

fn tables(tables: &[(&str, &str)]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let paths = tables.iter().map(|(name, content)| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    });
    let paths = paths.collect();
    (folder, paths)
}

fn with_facts(given: &[(&str, &str)]) -> (KnowledgeGraph, Facts, FactsReport) {
    let (_folder, paths) = tables(given);
    let schema = Schema::built_in().unwrap();
    let facts = Facts::read(&paths, &schema).unwrap();
    let mut graph = KnowledgeGraph::build(&works(), &schema, &BuildOptions::default()).unwrap();
    let report = graph.add_facts(&schema, &facts).unwrap();
    (graph, facts, report)
}

/// The edges of facts as `source relation target`.
fn edges(graph: &KnowledgeGraph) -> Vec<String> {
    let nodes = graph.nodes();
    let is_fact = |relation: &str| {
        let schema = Schema::built_in().unwrap();
        schema.facts().iter().any(|fact| fact.relation == relation)
    };
    let edges = graph.edges().filter(|edge| is_fact(edge.relation));
    edges
        .map(|edge| {
            let (source, target) = (nodes.label(edge.source), nodes.label(edge.target));
            format!("{source} {} {target}", edge.relation)
        })
        .collect()
}

#[test]
fn facts_of_several_tables_become_nodes_and_relations_of_the_authors() {
    // The order of the tables does not matter.
    let (graph, facts, report) =
        with_facts(&[("relations.csv", RELATIONS), ("artists.csv", ARTISTS)]);
    let (gogh, gauguin) = ("author:GOGH, Vincent van", "author:GAUGUIN, Paul");
    let mut found = edges(&graph);
    found.sort_unstable();
    let mut expected = vec![
        format!("{gogh} of_nationality nationality:Dutch"),
        format!("{gogh} friend_of {gauguin}"),
        format!("{gogh} influenced_by person:Anton Mauve"),
        format!("{gogh} of_movement movement:Post-Impressionism"),
        format!("{gogh} of_movement movement:Cloisonnism"),
        format!("{gauguin} of_nationality nationality:French"),
        format!("{gauguin} friend_of {gogh}"),
        format!("{gogh} influenced_by {gauguin}"),
        format!("{gauguin} of_movement movement:Post-Impressionism"),
        format!("{gauguin} of_circle circle:pont aven school"),
        "author:BRUEGHEL, Jan of_nationality nationality:Flemish".to_owned(),
    ];
    // Two people called Jan Brueghel lived in 1601-1650, so nobody knows which it is.
    expected.pop();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!((report.people, report.matched, report.unknown), (6, 2, 1));
    assert_eq!(report.ambiguous, ["BRUEGHEL, Jan"]);
    assert_eq!(report.contradicted, ["HALS, Frans"]);
    assert_eq!(report.unresolved, ["/en/nobody"]);
    assert_eq!(report.others, 1);
    assert_eq!(report.edges["of_movement"], 3);

    let skipped: Vec<_> = facts
        .skipped
        .iter()
        .map(|row| (row.row, row.reason.as_str()))
        .collect();
    let stranger = (4, "no table has a name for `/en/stranger`");
    assert_eq!(skipped, [(8, "there is no name"), stranger]);
    assert_eq!(facts.unused[0].1, ["image"]);

    let life = |kind, name| {
        let node = graph.find(kind, name).unwrap();
        graph.identities().of(node).and_then(|known| known.life)
    };
    let mauve = Life {
        birth: Some(1838),
        death: Some(1888),
    };
    assert_eq!(life("person", "Anton Mauve"), Some(mauve));
    assert_eq!(
        life("author", "GOGH, Vincent van").unwrap().death,
        Some(1890)
    );
}

#[test]
fn facts_leave_the_works_as_they_are_and_are_kept_in_the_file() {
    let schema = Schema::built_in().unwrap();
    let plain = KnowledgeGraph::build(&works(), &schema, &BuildOptions::default()).unwrap();
    let (graph, ..) = with_facts(&[("artists.csv", ARTISTS), ("relations.csv", RELATIONS)]);
    let of_works = |graph: &KnowledgeGraph| -> Vec<String> {
        let nodes = graph.nodes();
        let edges = graph.edges().take(plain.edge_count());
        edges
            .map(|edge| {
                let (source, target) = (nodes.label(edge.source), nodes.label(edge.target));
                format!("{source} {} {target} {}", edge.relation, edge.count)
            })
            .collect()
    };
    assert_eq!(of_works(&graph), of_works(&plain));
    let nodes = graph.nodes();
    let touches = |node| nodes.kind_name(node) == schema.artwork_kind();
    let mut facts = graph.edges().skip(plain.edge_count());
    assert!(facts.all(|edge| !touches(edge.source) && !touches(edge.target)));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.akg");
    graph.save(&path).unwrap();
    let loaded = KnowledgeGraph::load(&path).unwrap();
    assert_eq!(edges(&loaded), edges(&graph));
    assert_eq!(loaded.identities(), graph.identities());
    let tables = &loaded.provenance().facts;
    assert_eq!(tables[0].file, "artists.csv");
    assert_eq!(tables[0].checksum.len(), 8);
}

#[test]
fn tables_without_people_and_schemas_without_facts_are_refused() {
    let (_folder, paths) = tables(&[("a.csv", "born,nation\n1853,Dutch\n")]);
    let schema = Schema::built_in().unwrap();
    let refusal = Facts::read(&paths, &schema).unwrap_err().to_string();
    assert!(
        refusal.contains("a.csv has no column with names"),
        "{refusal}"
    );
    assert!(refusal.contains("born, nation"), "{refusal}");
    let plain = "version = 1\n[artwork]\nkind = \"artwork\"\n[[attribute]]\nkind = \"author\"\n\
                 relation = \"by\"\ncolumn = \"author\"\nextract = \"value\"\n";
    let schema = Schema::parse(plain, "plain.toml").unwrap();
    let refusal = Facts::read(&paths, &schema).unwrap_err().to_string();
    assert!(refusal.contains("no [facts]"), "{refusal}");
}
