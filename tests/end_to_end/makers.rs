//! Qualified makers and identities from a table to exports.

use std::fs;

use crate::program::run;

const TABLE: &str = "Object ID,Title,Artist Prefix,Artist Display Name,Artist ULAN URL,\
    Artist Nationality,Object Date,Classification,Tags\n\
    1,A Mill,,Rembrandt,http://vocab.getty.edu/page/ulan/500011051,Dutch,1641,Paintings,Mills|Sky\n\
    2,A Barn,,\"Rijn, Rembrandt van\",http://vocab.getty.edu/page/ulan/500011051,Dutch,1645,Paintings,\n\
    3,A Man,Follower of,Rembrandt,,Dutch,1660,Paintings,\n\
    4,A Field,,Vincent van Gogh,,Dutch,1888,Paintings,\n";

#[test]
fn makers_are_told_apart_from_import_to_export() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("objects.csv"), TABLE).unwrap();
    let import = ["corpus", "import", "objects.csv", "-o", "corpus"];
    let finished = run(folder, &import);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let line = "makers: qualified 1 of 4 (1 follower of); works with a qualified one: 1, without \
                another: 1";
    assert!(finished.output.contains(line), "{}", finished.output);
    let line = "spellings: 1 name of 1 maker became the usual one of the same identity: `Rijn, \
                Rembrandt van` is `Rembrandt` (ulan:500011051)";
    assert!(finished.output.contains(line), "{}", finished.output);
    let dropped = [
        "--json",
        "corpus",
        "import",
        "objects.csv",
        "-o",
        "dropped",
        "--qualified",
        "drop",
    ];
    let finished = run(folder, &dropped);
    let result: serde_json::Value = serde_json::from_str(&finished.output).unwrap();
    assert_eq!(result["makers"]["qualifiers"]["follower of"], 1);
    let table = fs::read_to_string(folder.join("dropped/artworks.csv")).unwrap();
    assert!(!table.contains("follower of"), "{table}");
    let finished = run(folder, &["corpus", "stats", "corpus"]);
    assert!(
        finished.output.contains("follower of"),
        "{}",
        finished.output
    );

    let build = ["graph", "build", "corpus", "--splits", "all"];
    let finished = run(folder, &build);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let authority = "name,id,birth,death,nationality\n\
                     \"Gogh, Vincent van\",500115588,1853,1890,Dutch\nNobody,,,,\n";
    fs::write(folder.join("ulan.csv"), authority).unwrap();
    let reconcile = [
        "graph",
        "reconcile",
        "corpus/graph.akg",
        "ulan.csv",
        "-o",
        "known.akg",
        "--numbers-of",
        "ulan",
        "--unsure",
        "unsure.csv",
    ];
    let finished = run(folder, &reconcile);
    assert_eq!(finished.status, 1, "{}", finished.errors);
    let skipped = "ulan.csv, row 3: there is no identity; it was passed over";
    assert!(finished.errors.contains(skipped), "{}", finished.errors);
    let line =
        "known.akg: nodes of kind author: matched 1, known before 0, unsure 0, unknown 1; merged 0";
    assert!(finished.output.contains(line), "{}", finished.output);
    let export = ["graph", "export", "known.akg", "-o", "known.nt"];
    assert_eq!(run(folder, &export).status, 0);
    let triples = fs::read_to_string(folder.join("known.nt")).unwrap();
    let rembrandt = "<urn:artkg:node/author/Rembrandt>";
    for line in [
        format!(
            "{rembrandt} <http://www.w3.org/2002/07/owl#sameAs> <http://vocab.getty.edu/ulan/500011051> ."
        ),
        format!(
            "{rembrandt} <http://www.w3.org/2004/02/skos/core#altLabel> \"Rijn, Rembrandt van\" ."
        ),
        format!("<urn:artkg:node/artwork/3> <urn:artkg:relation/follower_of> {rembrandt} ."),
        "<urn:artkg:node/artwork/1> <urn:artkg:relation/depicts> <urn:artkg:node/subject/Mills> ."
            .to_owned(),
        "<urn:artkg:node/author/Vincent%20van%20Gogh> <http://www.w3.org/2002/07/owl#sameAs> \
         <http://vocab.getty.edu/ulan/500115588> ."
            .to_owned(),
    ] {
        assert!(
            triples.lines().any(|other| other == line),
            "{line}\n{triples}"
        );
    }
}
