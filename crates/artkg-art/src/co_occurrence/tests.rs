use std::fs;
use std::path::PathBuf;

use artkg_corpus::CorpusDescription;
use artkg_graph::{BuildOptions, Facts, Schema};
use artkg_vocabulary::Attribute;

use super::*;
use crate::targets::vocabularies;

const TASKS: [Attribute; 3] = [Attribute::TYPE, Attribute::SCHOOL, Attribute::AUTHOR];

/// A work of each author's line: author, school, type.
fn corpus(works: &[[&str; 3]]) -> Corpus {
    let works = works.iter().enumerate().map(|(number, cells)| {
        let mut work = Artwork {
            id: number.to_string(),
            split: Some(Split::Train),
            ..Artwork::default()
        };
        for (column, cell) in ["author", "school", "type"].into_iter().zip(cells) {
            if !cell.is_empty() {
                work.set_cell(column, cell).unwrap();
            }
        }
        work
    });
    Corpus {
        description: CorpusDescription::new("test", "Images"),
        artworks: works.collect(),
        folder: PathBuf::new(),
    }
}

fn works() -> Corpus {
    let mut hidden = corpus(&[
        ["Hals", "Dutch", "portrait"],
        ["Hals", "Dutch", "genre"],
        // Of several values the first is learnt.
        ["Hals|Leyster", "Flemish|Dutch", "portrait"],
        ["Leyster", "Dutch", ""],
        ["Leyster", "", "genre"],
        // Too rare to be a class.
        ["Goya", "Spanish", "portrait"],
        ["", "Spanish", "portrait"],
        ["Hals", "Spanish", "genre"],
    ]);
    hidden.artworks[7].split = Some(Split::Test);
    hidden
}

fn built(corpus: &Corpus, facts: Option<&str>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let schema = Schema::built_in().unwrap();
    let mut graph = KnowledgeGraph::build(corpus, &schema, &BuildOptions::default()).unwrap();
    if let Some(facts) = facts {
        let path = folder.path().join("facts.csv");
        fs::write(&path, facts).unwrap();
        let facts = Facts::read(&[path], &schema).unwrap();
        graph.add_facts(&schema, &facts).unwrap();
    }
    let path = folder.path().join("graph.akg");
    graph.save(&path).unwrap();
    (folder, path)
}

fn counted(vocabularies: &[Vocabulary], corpus: &Corpus, path: &Path) -> Result<CoOccurrence> {
    let graph = KnowledgeGraph::load(path)?;
    co_occurrence_of_graph(vocabularies, corpus, (&graph, path))
}

#[test]
fn a_graphs_edges_count_as_the_records_do() {
    let corpus = works();
    let vocabularies = vocabularies(&corpus, &TASKS, 2).unwrap();
    let (_folder, path) = built(&corpus, None);
    let of_graph = counted(&vocabularies, &corpus, &path).unwrap();
    assert_eq!(of_graph, co_occurrence(&vocabularies, &corpus));
    let class = |task: usize, value| (task, vocabularies[task].encode(Some(value)).unwrap());
    let of = |author, school| of_graph.works_with(&[class(2, author), class(1, school)]);
    assert_eq!(
        of("Hals", "Dutch"),
        2,
        "the work of the test split is not counted"
    );
    assert_eq!(of_graph.expectations(), 0);
}

#[test]
fn facts_of_a_graph_are_expected_of_authors() {
    let corpus = works();
    let vocabularies = vocabularies(&corpus, &TASKS, 2).unwrap();
    let facts = "name,nationality\nHals,Dutch\nLeyster,Dutch\n";
    let (_folder, path) = built(&corpus, Some(facts));
    let counts = counted(&vocabularies, &corpus, &path).unwrap();
    // Two authors, type and school of each.
    assert_eq!(counts.expectations(), 4);
    let sizes: Vec<usize> = vocabularies.iter().map(Vocabulary::len).collect();
    counts.check(&sizes).unwrap();
    assert_eq!(
        counts.pairs(2, 1),
        co_occurrence(&vocabularies, &corpus).pairs(2, 1),
        "facts are no works"
    );
}

#[test]
fn graphs_of_other_corpora_are_refused() {
    let corpus = works();
    let vocabularies = vocabularies(&corpus, &TASKS, 2).unwrap();
    let mut smaller = works();
    smaller.artworks.remove(1);
    let (_folder, path) = built(&smaller, None);
    let refusal = counted(&vocabularies, &corpus, &path).unwrap_err();
    let refusal = refusal.to_string();
    assert!(
        refusal.contains("lacks 1 of the training works, such as 1:"),
        "{refusal}"
    );
}
