//! `artkg corpus import`: what it says and how it ends.

use std::fs;

use crate::program::run;

#[test]
fn columns_are_shown_and_losses_cannot_be_missed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let table = "Object ID,Artist Preferred Name,Artist Role,Object Date\n\
                 1,Hals,Artist,1630\n2,Goya,Artist,1800\n";
    fs::write(folder.join("objects.csv"), table).unwrap();
    let quiet = ["--quiet", "corpus", "import", "objects.csv", "-o", "quiet"];
    let finished = run(folder, &quiet);
    assert_eq!(finished.status, 0, "{}", finished.errors);
    let warning = "`Artist Preferred Name` holds 2 values: take it with \
                   `--column 'author=Artist Preferred Name'`";
    assert!(finished.errors.contains(warning), "{}", finished.errors);

    let finished = run(folder, &["corpus", "import", "objects.csv", "-o", "corpus"]);
    for words in [
        "columns: id from Object ID (2)",
        "date from Object Date (2)",
        "no column for: ",
    ] {
        assert!(finished.errors.contains(words), "{}", finished.errors);
    }
    let strict = [
        "corpus",
        "import",
        "objects.csv",
        "-o",
        "strict",
        "--strict",
    ];
    let finished = run(folder, &strict);
    assert_eq!(finished.status, 2, "{}", finished.errors);
    assert!(finished.errors.contains(warning), "{}", finished.errors);
    assert!(!folder.join("strict").exists());

    let json = ["--json", "corpus", "import", "objects.csv", "-o", "json"];
    let finished = run(folder, &json);
    let result: serde_json::Value = serde_json::from_str(&finished.output).unwrap();
    assert_eq!(
        result["lost"][1]["candidate"]["column"],
        "Artist Preferred Name"
    );
    assert_eq!(result["tables"][0]["columns"][0]["from"][0], "Object ID");
    assert_eq!(result["tables"][0]["encoding_basis"], "valid");
}

#[test]
fn what_cannot_be_imported_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("objects.json"), "{\"objects\": [\n{\"id\": 1").unwrap();
    fs::write(folder.join("open.csv"), "id,artist\n1,\"A\n2,B\n3,C\n").unwrap();
    fs::write(folder.join("good.csv"), "id,artist\n1,A\n").unwrap();
    fs::write(
        folder.join("bad.toml"),
        "name = 'x'\ntitle = 'x'\n[table]\n[columns]\nid = 1\n",
    )
    .unwrap();
    let refused = run(folder, &["corpus", "import", "objects.json", "-o", "c"]);
    assert_eq!(refused.status, 2);
    assert!(
        refused
            .errors
            .contains("objects.json, line 2: this is no sound JSON"),
        "{}",
        refused.errors
    );
    let mapped = [
        "corpus",
        "import",
        "good.csv",
        "--mapping",
        "bad.toml",
        "-o",
        "c",
    ];
    let refused = run(folder, &mapped);
    assert_eq!(refused.status, 2);
    let says = "expected a column's name or a list of names";
    assert!(refused.errors.contains(says), "{}", refused.errors);
    let lost = run(folder, &["corpus", "import", "open.csv", "-o", "c"]);
    assert_eq!(lost.status, 2);
    assert!(
        lost.errors.contains("row 2, column artist: a quote"),
        "{}",
        lost.errors
    );
}

#[test]
fn records_stand_where_they_are_said_to() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(
        folder.join("export.json"),
        "{\"id\": 7, \"deep\": {\"pieces\": [{\"id\": 1, \"makers\": [\"Hals\", \"Goya\"], \
         \"artist\": \"Hals\"}, {\"id\": 2}]}}",
    )
    .unwrap();
    let import = |more: &[&str]| {
        let arguments = [
            "corpus",
            "import",
            "export.json",
            "--json",
            "-o",
            "c",
            "--overwrite",
        ];
        let done = run(folder, &[&arguments[..], more].concat());
        let result: serde_json::Value = serde_json::from_str(&done.output).unwrap();
        result["tables"][0].clone()
    };
    let whole = import(&[]);
    assert_eq!(
        (&whole["rows"], &whole["part"]),
        (&1.into(), &serde_json::Value::Null)
    );
    let said = import(&["--records", "deep.pieces[]"]);
    assert_eq!(
        (&said["rows"], &said["part"]),
        (&2.into(), &"deep.pieces[]".into())
    );
    assert_eq!(said["format"], "json");
}
