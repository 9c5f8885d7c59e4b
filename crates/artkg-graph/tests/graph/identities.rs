//! Qualified makers, identities and other spellings, and tables of authority files.

use std::fs;
use std::path::Path;

use artkg_corpus::{Corpus, Split};
use artkg_graph::{
    Answers, Authority, BuildOptions, DEFAULT_BASE_IRI, ExportFormat, KnowledgeGraph, Reason,
    Reconciliation, Schema, write_unsure,
};

use crate::support::{artwork, corpus};

fn built(corpus: &Corpus) -> KnowledgeGraph {
    let schema = Schema::built_in().unwrap();
    KnowledgeGraph::build(corpus, &schema, &BuildOptions::default()).unwrap()
}

fn works(cells: &[&[(&str, &str)]]) -> Corpus {
    let works = cells.iter().zip(1..);
    corpus(
        works
            .map(|(cells, id)| artwork(&id.to_string(), Some(Split::Train), cells))
            .collect(),
    )
}

/// The edges of a kind of nodes as `work relation node`.
fn edges(graph: &KnowledgeGraph, kind: &str) -> Vec<String> {
    let nodes = graph.nodes();
    graph
        .edges()
        .filter(|edge| nodes.kind_name(edge.target) == kind)
        .map(|edge| {
            let (source, target) = (nodes.name(edge.source), nodes.name(edge.target));
            format!("{source} {} {target}", edge.relation)
        })
        .collect()
}

fn identity(graph: &KnowledgeGraph, kind: &str, name: &str) -> String {
    let node = graph.find(kind, name).unwrap();
    let known = graph.identities().of(node);
    known.map_or_else(String::new, |known| {
        let identities: Vec<String> = known.identities.iter().map(ToString::to_string).collect();
        format!("{} [{}]", identities.join(" "), known.aliases.join("|"))
    })
}

#[test]
fn each_qualifier_is_a_relation_and_links_see_authors_only() {
    let graph = built(&works(&[
        &[
            ("author", "Charles Turner"),
            (
                "makers",
                "Charles Turner [role: engraver]|J. M. W. Turner [after]",
            ),
            ("school", "British"),
        ],
        &[
            ("makers", "Rubens [possibly; workshop of]|Rubens"),
            ("author", "Rubens"),
        ],
        &[
            ("makers", "J. M. W. Turner [attributed to]"),
            ("subject", "sea|ship"),
        ],
    ]));
    assert_eq!(
        edges(&graph, "author"),
        [
            "1 created_by Charles Turner",
            "1 after J. M. W. Turner",
            "2 created_by Rubens",
            "2 workshop_of Rubens",
            "3 attributed_to J. M. W. Turner",
        ]
    );
    assert_eq!(
        edges(&graph, "school"),
        ["1 of_school British", "Charles Turner belongs_to British"]
    );
    assert_eq!(
        edges(&graph, "subject"),
        ["3 depicts sea", "3 depicts ship"]
    );
    // What the corpus does not have leaves no trace.
    for absent in ["circle_of", "copy_after"] {
        assert!(!graph.relations().iter().any(|relation| relation == absent));
    }
    let plain = built(&works(&[&[("author", "GOYA")]]));
    assert!(!plain.relations().contains(&"depicts".to_owned()));
    assert!(!plain.nodes().kinds().contains(&"subject".to_owned()));
    let warnings = plain.provenance().warnings.join("\n");
    assert!(
        warnings.contains("school") && !warnings.contains("subject"),
        "{warnings}"
    );
}

fn identified() -> KnowledgeGraph {
    built(&works(&[
        &[
            (
                "makers",
                "Vincent van Gogh [ulan:500115588; wikidata:Q5582]",
            ),
            ("author", "Vincent van Gogh"),
            ("identity", "wikidata:Q45585 https://example.org/1"),
        ],
        &[("author", "Vincent van Gogh"), ("subject", "Stars|Night")],
        &[("makers", "GOGH, Vincent van [after; ulan:500115588]")],
        &[("makers", "John Smith [ulan:1]"), ("author", "John Smith")],
        &[
            ("makers", "John Smith [ulan:2]"),
            ("author", "John Smith"),
            ("subject", "Men|Boats"),
            ("subject_identity", "-|aat:300178749"),
        ],
    ]))
}

#[test]
fn numbers_tell_who_is_who() {
    let graph = identified();
    assert_eq!(
        edges(&graph, "author"),
        [
            "1 created_by Vincent van Gogh",
            "2 created_by Vincent van Gogh",
            "3 after Vincent van Gogh",
            "4 created_by John Smith (ulan:1)",
            "5 created_by John Smith (ulan:2)",
        ]
    );
    assert_eq!(
        identity(&graph, "author", "GOGH, Vincent van"),
        "ulan:500115588 wikidata:Q5582 [GOGH, Vincent van]"
    );
    // Each of the two is spelled so.
    assert_eq!(graph.find("author", "John Smith"), None);
    assert_eq!(
        identity(&graph, "author", "John Smith (ulan:2)"),
        "ulan:2 [John Smith]"
    );
    assert_eq!(identity(&graph, "subject", "Boats"), "aat:300178749 []");
    assert_eq!(identity(&graph, "subject", "Men"), "");
    assert_eq!(
        identity(&graph, "artwork", "1"),
        "wikidata:Q45585 https://example.org/1 []"
    );
}

#[test]
fn files_keep_identities_and_older_ones_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.akg");
    let graph = identified();
    graph.save(&path).unwrap();
    let loaded = KnowledgeGraph::load(&path).unwrap();
    assert_eq!(loaded.identities(), graph.identities());
    assert_eq!(
        loaded.find("author", "GOGH, Vincent van"),
        graph.find("author", "GOGH, Vincent van")
    );

    // A file of version 1: its header knows nothing of identities.
    let plain = built(&works(&[&[("author", "GOYA")]]));
    plain.save(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let length = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let header = String::from_utf8(bytes[24..24 + length].to_vec()).unwrap();
    let older = header.replace(",\"identity_bytes\":0", "");
    assert_ne!(older, header);
    bytes.splice(24..24 + length, older.bytes());
    bytes[8] = 1;
    bytes[12..16].copy_from_slice(&(older.len() as u32).to_le_bytes());
    let end = bytes.len() - 4;
    let checksum = crc32fast::hash(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&checksum);
    fs::write(&path, bytes).unwrap();
    let loaded = KnowledgeGraph::load(&path).unwrap();
    assert_eq!(edges(&loaded, "author"), ["1 created_by GOYA"]);
    assert!(loaded.identities().is_empty());
}

fn exported(graph: &KnowledgeGraph, format: ExportFormat, file: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = match format {
        ExportFormat::Csv => folder.path().to_path_buf(),
        _ => folder.path().join(file),
    };
    graph.export(format, &path, DEFAULT_BASE_IRI).unwrap();
    fs::read_to_string(folder.path().join(file)).unwrap()
}

#[test]
fn exports_say_who_is_who() {
    let graph = identified();
    let plain = built(&works(&[&[("author", "GOYA")]]));
    let iri = "http://vocab.getty.edu/ulan/500115588";
    let triples = exported(&graph, ExportFormat::NTriples, "g.nt");
    for line in [
        format!("<urn:artkg:node/author/Vincent%20van%20Gogh> <http://www.w3.org/2002/07/owl#sameAs> <{iri}> ."),
        "<urn:artkg:node/author/Vincent%20van%20Gogh> <http://www.w3.org/2004/02/skos/core#altLabel> \
         \"GOGH, Vincent van\" ."
            .to_owned(),
        "<urn:artkg:node/artwork/1> <http://www.w3.org/2002/07/owl#sameAs> <https://example.org/1> ."
            .to_owned(),
    ] {
        assert!(triples.lines().any(|other| other == line), "{line}\n{triples}");
    }
    let addresses = format!("{iri} http://www.wikidata.org/entity/Q5582");
    let table = exported(&graph, ExportFormat::Csv, "nodes.csv");
    let row = format!("Vincent van Gogh,author,{addresses},\"GOGH, Vincent van\"");
    assert!(
        table.starts_with("id,label,kind,identity,aliases\n"),
        "{table}"
    );
    assert!(table.contains(&row), "{table}");
    for (format, file, words) in [
        (
            ExportFormat::GraphMl,
            "g.graphml",
            format!("<data key=\"identity\">{addresses}</data>"),
        ),
        (
            ExportFormat::Gexf,
            "g.gexf",
            format!("for=\"identity\" value=\"{addresses}\""),
        ),
        (
            ExportFormat::Dot,
            "g.dot",
            format!("identity=\"{addresses}\""),
        ),
    ] {
        let text = exported(&graph, format, file);
        assert!(text.contains(&words), "{text}");
        let text = exported(&plain, format, file);
        assert!(
            !text.contains("identity") && !text.contains("aliases"),
            "{text}"
        );
    }
    let table = exported(&plain, ExportFormat::Csv, "nodes.csv");
    assert!(table.starts_with("id,label,kind\n"), "{table}");
}

const AUTHORITY: &str = "name,ulan,birth,death,nationality,other names\n\
    \"Gogh, Vincent van\",500115588,1853,1890,Dutch,\n\
    \"Dürer, Albrecht\",500115493,1471,1528,German,Alberto Durero\n\
    \"Smith, John\",500000001,1750,1800,British,\n\
    \"Smith, John\",500000002,1760,1810,British,\n\
    Claude Monet,500019484,1540,1600,French,\n\
    Goya,500118936,,,,\n\
    ,500118937,,,,\n\
    Nobody,five,,,,\n";

/// A graph of painters with the timeframes and schools of their works.
fn painters() -> KnowledgeGraph {
    let painter = |name, timeframe, school| {
        vec![
            ("author", name),
            ("timeframe", timeframe),
            ("school", school),
        ]
    };
    let works = [
        painter("VINCENT VAN GOGH", "1851-1900", "Dutch"),
        painter("VINCENT VAN GOGH", "1851-1900", "Dutch"),
        painter("Albrecht Durer", "1501-1550", "German"),
        painter("Alberto Durero", "1501-1550", "German"),
        painter("Alberto Durero", "1451-1500", "German"),
        painter("John Smith", "1751-1800", "British"),
        painter("Claude Monet", "1851-1900", "French"),
        painter("Goya", "1801-1850", "Spanish"),
        painter("Hokusai", "1801-1850", "Japanese"),
    ];
    let cells: Vec<&[(&str, &str)]> = works.iter().map(Vec::as_slice).collect();
    built(&self::works(&cells))
}

fn reconciled(folder: &Path, answers: &Answers) -> Reconciliation {
    let table = folder.join("ulan.csv");
    fs::write(&table, AUTHORITY).unwrap();
    let authority = Authority::read(&table, None).unwrap();
    assert_eq!(authority.len(), 6);
    let skipped: Vec<_> = authority
        .skipped
        .iter()
        .map(|row| (row.row, row.reason.as_str()))
        .collect();
    assert_eq!(
        skipped,
        [(8, "there is no name"), (9, "`five` is no number of ulan")]
    );
    painters().reconcile("author", &authority, answers).unwrap()
}

#[test]
fn an_authority_file_gives_numbers_where_dates_and_nationality_agree() {
    let folder = tempfile::tempdir().unwrap();
    let done = reconciled(folder.path(), &Answers::default());
    assert_eq!((done.matched, done.known, done.unknown), (3, 0, 1));
    assert_eq!(
        identity(&done.graph, "author", "VINCENT VAN GOGH"),
        "ulan:500115588 []"
    );
    // Two spellings of one painter are one node, called as it is called most.
    assert_eq!(done.merged, 1);
    assert_eq!(
        identity(&done.graph, "author", "Alberto Durero"),
        "ulan:500115493 [Albrecht Durer]"
    );
    assert_eq!(done.graph.node_count(), painters().node_count() - 1);
    assert_eq!(
        edges(&done.graph, "author")
            .iter()
            .filter(|edge| edge.ends_with("created_by Alberto Durero"))
            .count(),
        3
    );
    let link = done.graph.edges().find(|edge| {
        let nodes = done.graph.nodes();
        edge.relation == "belongs_to" && nodes.name(edge.source) == "Alberto Durero"
    });
    assert_eq!(link.unwrap().count, 3);
    let unsure: Vec<_> = done
        .unsure
        .iter()
        .map(|row| (row.node.as_str(), row.identity.as_str(), row.reason))
        .collect();
    assert_eq!(
        unsure,
        [
            ("John Smith", "ulan:500000001", Reason::Several),
            ("John Smith", "ulan:500000002", Reason::Several),
            ("Claude Monet", "ulan:500019484", Reason::Dates),
            ("Goya", "ulan:500118936", Reason::NameOnly),
        ]
    );
}

#[test]
fn what_was_unsure_is_decided_by_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("unsure.csv");
    let mut unsure = reconciled(folder.path(), &Answers::default()).unsure;
    unsure[1].answer = "yes".into();
    unsure[2].answer = "No".into();
    write_unsure(&table, &unsure).unwrap();
    let done = reconciled(folder.path(), &Answers::read(&table).unwrap());
    assert_eq!((done.matched, done.unknown), (4, 2));
    assert_eq!(
        identity(&done.graph, "author", "John Smith"),
        "ulan:500000002 []"
    );
    assert_eq!(done.unsure.len(), 1);
    assert_eq!(done.unsure[0].node, "Goya");
    // A second time nothing is left to do.
    let authority = Authority::read(&folder.path().join("ulan.csv"), None).unwrap();
    let again = done
        .graph
        .reconcile("author", &authority, &Answers::default())
        .unwrap();
    assert_eq!((again.matched, again.known, again.merged), (0, 3, 0));

    unsure[0].answer = "yes".into();
    write_unsure(&table, &unsure).unwrap();
    let message = Answers::read(&table).unwrap_err().to_string();
    assert!(
        message.contains("row 3") && message.contains("`John Smith`"),
        "{message}"
    );
    unsure[0].answer = "perhaps".into();
    write_unsure(&table, &unsure).unwrap();
    let message = Answers::read(&table).unwrap_err().to_string();
    assert!(message.contains("row 2: `perhaps`"), "{message}");
    fs::write(&table, "name,birth\nGoya,1746\n").unwrap();
    let message = Authority::read(&table, None).unwrap_err().to_string();
    assert!(message.contains("name, birth"), "{message}");
}
