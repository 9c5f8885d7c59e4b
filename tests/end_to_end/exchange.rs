//! Tags in the formats of other programs, and these programs reading them.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::program::{Finished, run, succeed};

/// A tag file as `artkg tag --corpus --top 2 --abstain 0.5` leaves it: two images, the
/// second without an artwork and with its author withheld.
fn tag_file(folder: &Path) {
    let task = |name: &str, abstained: bool, classes: [(&str, f64); 2]| {
        let classes =
            classes.map(|(class, confidence)| json!({"class": class, "confidence": confidence}));
        json!({"task": name, "abstained": abstained, "classes": classes})
    };
    let tasks = |abstained: bool| {
        json!([
            task("type", false, [("portrait", 0.9375), ("genre", 0.03125)]),
            task(
                "school",
                false,
                [("Dutch & Flemish", 0.5), ("German", 0.25)]
            ),
            task(
                "timeframe",
                false,
                [("1651-1700", 0.75), ("1601-1650", 0.125)]
            ),
            task(
                "author",
                abstained,
                [("Johannes Vermeer", 0.625), ("Hals", 0.25)]
            ),
        ])
    };
    let settings = ["type", "school", "timeframe", "author"]
        .map(|task| json!({"task": task, "given": {"from": 0.5}}));
    let origin = json!({
        "artkg_version": "0.1.0",
        "created": "2026-02-28T09:30:00Z",
        "synthetic": false,
        "model": {
            "file": "model.safetensors",
            "fingerprint": format!("sha256:{}", "ab".repeat(32)),
            "artkg_version": "0.1.0",
            "mode": "kgm",
            "architecture": "resnet50",
            "corpus": "met",
            "corpus_source": "https://www.metmuseum.org",
            "corpus_licence": "CC0",
        },
        "options": {
            "top": 2, "precision": "f32", "consistent": "", "resize": 256, "crop": 224,
            "tasks": settings,
        },
        "computed_in": "f32",
        "corpus": "met",
    });
    let lines = [
        json!({"origin": origin}),
        json!({"image": "photos/36029.jpg", "id": "36029", "review": "none", "tags": tasks(false)}),
        json!({"image": "photos/=1+1.tif", "review": "none", "tags": tasks(true)}),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(folder.join("tags.jsonl"), text).unwrap();
    let addresses = "task,class,address\n\
                     author,Johannes Vermeer,http://vocab.getty.edu/ulan/500032927\n\
                     type,portrait,http://vocab.getty.edu/aat/300015637\n";
    fs::write(folder.join("authorities.csv"), addresses).unwrap();
    fs::create_dir(folder.join("photos")).unwrap();
    for name in ["36029.jpg", "=1+1.tif"] {
        fs::write(folder.join("photos").join(name), b"").unwrap();
    }
}

/// A folder with that file in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    tag_file(folder.path());
    folder
}

fn convert(folder: &Path, arguments: &[&str]) -> String {
    let always = ["tags", "convert", "tags.jsonl"];
    let authorities = ["--authorities", "authorities.csv"];
    succeed(folder, &[&always, arguments, &authorities].concat())
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn tags_become_every_format_and_what_is_lost_is_named() {
    let folder = folder();
    let folder = folder.path();
    for (output, lost) in [
        ("tags.csv", None),
        ("tags.parquet", None),
        (
            "tags.xml",
            Some("lido has no place for 8 alternatives to the tags, 1 withheld tag"),
        ),
        (
            "tags.jsonld",
            Some("linked-art has no place for 8 alternatives"),
        ),
    ] {
        let finished = run(folder, &["tags", "convert", "tags.jsonl", output]);
        assert_eq!(finished.status, 0, "{}", finished.errors);
        assert_eq!(finished.output, format!("2 images written to {output}\n"));
        match lost {
            Some(lost) => assert!(finished.errors.contains(lost), "{}", finished.errors),
            None => assert!(!finished.errors.contains("no place"), "{}", finished.errors),
        }
    }
    convert(
        folder,
        &["table.csv", "--format", "openrefine", "--layout", "axiell"],
    );
    let table = text(&folder.join("table.csv"));
    assert!(
        table.starts_with("object_number,creator,creator.qualifier,"),
        "{table}"
    );

    // There and back, through the two others that hold all: but for the four digits of
    // a table, nothing is lost.
    succeed(folder, &["tags", "convert", "tags.parquet", "again.jsonl"]);
    assert_eq!(
        records(&folder.join("again.jsonl")),
        records(&folder.join("tags.jsonl"))
    );
    succeed(folder, &["tags", "convert", "tags.csv", "third.jsonl"]);
    let third = records(&folder.join("third.jsonl"));
    assert_eq!(third[2]["tags"][3]["abstained"], true);
    assert_eq!(third[2]["image"], "photos/=1+1.tif");

    // What cannot be done is said, with the way out.
    for (arguments, status, words) in [
        (
            &["tags.jsonl", "tags.csv"][..],
            2,
            "`--overwrite` replaces it",
        ),
        (
            &["tags.jsonl", "tags.jsonl", "--overwrite"],
            2,
            "tags.jsonl",
        ),
        (
            &["tags.jsonl", "out", "--format", "iiif"],
            2,
            "`--manifest FILE`",
        ),
        (&["tags.jsonl", "out.ead"], 2, "pass `--format`"),
        (&["tags.xml", "out.csv"], 2, ".csv, .jsonl and .parquet"),
        (
            &[
                "tags.jsonl",
                "o.csv",
                "--format",
                "openrefine",
                "--layout",
                "mimsy",
            ],
            2,
            "`--layout`",
        ),
    ] {
        let Finished {
            status: is, errors, ..
        } = run(folder, &[&["tags", "convert"], arguments].concat());
        assert_eq!(is, status, "{errors}");
        assert!(errors.contains(words), "{words}: {errors}");
    }
}

#[test]
fn images_without_a_work_of_the_corpus_are_told() {
    let folder = folder();
    let folder = folder.path();
    let corpus = |name: &str, id: &str| {
        let table = format!("id,title,artist\n{id},Young Woman,Johannes Vermeer\n");
        fs::write(folder.join("works.csv"), table).unwrap();
        let import = ["corpus", "import", "works.csv", "--output", name];
        assert_eq!(run(folder, &import).status, 0);
    };
    corpus("ours", "36029");
    corpus("others", "7");
    let convert = |corpus: &str, output: &str| {
        run(
            folder,
            &["tags", "convert", "tags.jsonl", output, "--corpus", corpus],
        )
    };
    for (corpus, says) in [
        (
            "ours",
            "1 image in tags.jsonl without an id, and so without a title of ours",
        ),
        (
            "others",
            "2 images in tags.jsonl without a work in others, and so without a title: 1 with an \
             id that it does not have, such as `36029`, 1 without an id; are",
        ),
    ] {
        let finished = convert(corpus, &format!("{corpus}.xml"));
        assert_eq!(finished.status, 1, "{}", finished.errors);
        assert!(finished.errors.contains(says), "{}", finished.errors);
    }
    assert!(text(&folder.join("ours.xml")).contains("Young Woman"));
    let without = text(&folder.join("tags.jsonl")).replace(r#""id":"36029","#, "");
    fs::write(folder.join("tags.jsonl"), without).unwrap();
    let finished = convert("ours", "none.xml");
    assert_eq!(finished.status, 1, "{}", finished.errors);
    let says = "tags.jsonl has no ids";
    assert!(finished.errors.contains(says), "{}", finished.errors);
}

#[test]
fn cells_are_harmless_unless_other_programs_need_them_plain() {
    let folder = folder();
    let folder = folder.path();
    let lines = text(&folder.join("tags.jsonl")).replace("photos/=1+1.tif", "=1+1.tif");
    fs::write(folder.join("tags.jsonl"), lines).unwrap();
    convert(folder, &["safe.csv"]);
    convert(folder, &["plain.csv", "--spreadsheet-safe", "no"]);
    assert!(text(&folder.join("safe.csv")).contains("\n'=1+1.tif,"));
    assert!(text(&folder.join("plain.csv")).contains("\n=1+1.tif,"));
    for table in ["safe", "plain"] {
        let (from, to) = (format!("{table}.csv"), format!("{table}.jsonl"));
        succeed(folder, &["tags", "convert", &from, &to]);
        let again = records(&folder.join(to));
        assert_eq!(again[2]["image"], "=1+1.tif", "{table}");
    }
}

fn records(path: &Path) -> Vec<Value> {
    let lines = text(path);
    let records = lines.lines().map(serde_json::from_str);
    records.map(Result::unwrap).collect()
}

#[test]
fn sidecars_keep_what_others_wrote_and_a_second_run_changes_nothing() {
    let folder = folder();
    let folder = folder.path();
    let theirs = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
                  xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description \
                  rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:subject><rdf:Bag>\
                  <rdf:li>loan 1999</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF>\
                  </x:xmpmeta>\n";
    let sidecar = folder.join("photos/36029.xmp");
    fs::write(&sidecar, theirs).unwrap();
    let first = convert(folder, &["--format", "xmp"]);
    assert_eq!(first, "1 sidecar new, 1 changed, 0 as they were\n");
    let merged = text(&sidecar);
    for part in [
        "<rdf:li>loan 1999</rdf:li>",
        "<rdf:li>Johannes Vermeer</rdf:li>",
    ] {
        assert!(merged.contains(part), "{merged}");
    }
    let second = convert(folder, &["--format", "xmp"]);
    assert_eq!(second, "0 sidecars new, 0 changed, 2 as they were\n");
    assert_eq!(text(&sidecar), merged);

    // A sidecar that is none stays as it is, and is a failure.
    fs::write(&sidecar, "no sidecar").unwrap();
    let finished = run(
        folder,
        &["tags", "convert", "tags.jsonl", "--format", "xmp"],
    );
    assert_eq!(finished.status, 1, "{}", finished.errors);
    assert!(finished.errors.contains("36029.xmp"), "{}", finished.errors);
    assert_eq!(text(&sidecar), "no sidecar");

    // An image that is gone has no sidecar beside it, but has one in a folder.
    fs::remove_file(folder.join("photos/36029.jpg")).unwrap();
    let finished = run(
        folder,
        &["tags", "convert", "tags.jsonl", "--format", "xmp"],
    );
    assert!(
        finished.errors.contains("no such image"),
        "{}",
        finished.errors
    );
    let out = convert(folder, &["out", "--format", "xmp"]);
    assert_eq!(out, "2 sidecars new, 0 changed, 0 as they were\n");
    assert!(folder.join("out/36029.xmp").exists());
}

/// Runs a Python program, which asserts for itself.
fn python(folder: &Path, program: &str) {
    let python = std::env::var("ARTKG_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python)
        .current_dir(folder)
        .args(["-c", program])
        .output()
        .expect("Python starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
}

#[test]
#[ignore = "needs Python with pyarrow and duckdb (ARTKG_PYTHON)"]
fn pyarrow_and_duckdb_read_parquet() {
    let folder = folder();
    convert(folder.path(), &["tags.parquet"]);
    python(
        folder.path(),
        r#"
import json, pyarrow.parquet as parquet, duckdb
table = parquet.read_table("tags.parquet")
assert table.num_rows == 2, table
types = {field.name: str(field.type) for field in table.schema}
assert types["image"] == "string" and types["author_confidence"] == "float", types
assert types["author_withheld"] == "bool", types
assert types["author_classes"].startswith("list<"), types
first, second = table.to_pylist()
assert first["author"] == "Johannes Vermeer" and first["id"] == "36029", first
assert first["author_classes"] == ["Johannes Vermeer", "Hals"], first
assert first["author_confidences"] == [0.625, 0.25], first
assert second["author"] is None and second["author_withheld"] and second["id"] is None, second
assert first["review"] == "none" and first["artkg_version"] == "0.1.0", first
assert first["tagged"] == "2026-02-28T09:30:00Z", first
origin = json.loads(table.schema.metadata[b"artkg.origin"])
assert origin["model"]["fingerprint"] == "sha256:" + "ab" * 32, origin
rows = duckdb.sql("select author, author_classes[1], author_confidences[2] from 'tags.parquet' order by id").fetchall()
assert rows[0] == ("Johannes Vermeer", "Johannes Vermeer", 0.25), rows
assert rows[1][0] is None, rows
"#,
    );
}

#[test]
#[ignore = "needs exiftool"]
fn exiftool_reads_sidecars() {
    let folder = folder();
    let folder = folder.path();
    convert(folder, &["out", "--format", "xmp"]);
    let exiftool = |arguments: &[&str]| {
        let output = Command::new("exiftool")
            .current_dir(folder)
            .args(arguments)
            .output()
            .expect("exiftool starts");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && errors.is_empty(), "{errors}");
        String::from_utf8(output.stdout).unwrap()
    };
    let read = |arguments: &[&str]| -> Value {
        let all = exiftool(&[&["-json", "-struct", "-warning"], arguments].concat());
        serde_json::from_str::<Value>(&all).unwrap()[0].take()
    };
    let said = read(&["-all", "out/36029.xmp"]);
    assert!(said.get("Warning").is_none(), "{said}");
    let subjects = json!([
        "portrait",
        "Dutch & Flemish",
        "1651-1700",
        "Johannes Vermeer"
    ]);
    assert_eq!(said["Subject"], subjects, "{said}");
    assert_eq!(said["Type"], json!(["portrait"]));
    let artwork = &said["ArtworkOrObject"][0];
    assert_eq!(artwork["AOCreator"], json!(["Johannes Vermeer"]));
    assert_eq!(
        artwork["AOStylePeriod"],
        json!(["Dutch & Flemish", "1651-1700"])
    );
    assert_eq!(
        artwork["AOSourceInvNo"].to_string().trim_matches('"'),
        "36029"
    );
    assert_eq!(
        said["ModelFingerprint"],
        format!("sha256:{}", "ab".repeat(32))
    );
    assert_eq!(said["Review"], "none");
    assert_eq!(
        said["Suggestions"][6]["Class"], "Johannes Vermeer",
        "{said}"
    );
    assert_eq!(said["Suggestions"][6]["Confidence"], json!(0.625));

    // What it writes into a sidecar stays when ours is written again, even though it
    // writes everything in a form of its own.
    exiftool(&[
        "-overwrite_original",
        "-Subject+=loan 1999",
        "-Rating=3",
        "out/36029.xmp",
    ]);
    convert(folder, &["out", "--format", "xmp"]);
    let again = text(&folder.join("out/36029.xmp"));
    let said = read(&["-all", "out/36029.xmp"]);
    assert!(said.get("Warning").is_none(), "{said}");
    assert_eq!(said["Rating"], 3);
    let mut found: Vec<&str> = said["Subject"]
        .as_array()
        .unwrap()
        .iter()
        .map(|subject| subject.as_str().unwrap())
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "1651-1700",
            "Dutch & Flemish",
            "Johannes Vermeer",
            "loan 1999",
            "portrait"
        ]
    );
    assert_eq!(
        said["ArtworkOrObject"].as_array().unwrap().len(),
        1,
        "{said}"
    );
    let same = convert(folder, &["out", "--format", "xmp"]);
    assert_eq!(same, "0 sidecars new, 0 changed, 2 as they were\n");
    assert_eq!(text(&folder.join("out/36029.xmp")), again);
}

#[test]
#[ignore = "needs Python with iiif-prezi3 (ARTKG_PYTHON)"]
fn prezi3_reads_annotations() {
    let folder = folder();
    let folder = folder.path();
    let canvas = |name: &str| {
        let image = format!("https://iiif.example/{name}");
        json!({
            "id": format!("https://museum.example/canvas/{name}"), "type": "Canvas",
            "height": 10, "width": 10,
            "items": [{
                "id": format!("https://museum.example/page/{name}"), "type": "AnnotationPage",
                "items": [{
                    "id": format!("https://museum.example/painting/{name}"),
                    "type": "Annotation", "motivation": "painting",
                    "target": format!("https://museum.example/canvas/{name}"),
                    "body": {
                        "id": format!("{image}/full/max/0/default.jpg"), "type": "Image",
                        "format": "image/jpeg", "height": 10, "width": 10,
                        "service": [{"id": image, "type": "ImageService3", "profile": "level1"}],
                    },
                }],
            }],
        })
    };
    let manifest = json!({
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": "https://museum.example/manifest", "type": "Manifest",
        "label": {"en": ["Paintings"]},
        "items": [canvas("36028"), canvas("36029")],
    });
    fs::write(folder.join("m.json"), manifest.to_string()).unwrap();
    let arguments = ["tags", "convert", "tags.jsonl", "out", "--format", "iiif"];
    let more = ["--manifest", "m.json", "--authorities", "authorities.csv"];
    let finished = run(folder, &[&arguments[..], &more].concat());
    // The second image is on no canvas.
    assert_eq!(finished.status, 1, "{}", finished.errors);
    assert_eq!(finished.output, "4 annotations on 1 canvas in out\n");
    assert!(finished.errors.contains("=1+1.tif"), "{}", finished.errors);
    python(
        folder,
        r#"
import json
from iiif_prezi3 import AnnotationPage, Manifest
page = AnnotationPage(**json.load(open("out/0002.json")))
assert len(page.items) == 4, page
author = page.items[3]
assert author.motivation == "tagging", author
assert author.target == "https://museum.example/canvas/36029", author
whole = Manifest(**json.load(open("out/manifest.json")))
assert len(whole.items) == 2
assert whole.items[0].annotations is None
tags = whole.items[1].annotations[0].items
values = [body.value for tag in tags for body in [tag.body[0].root if hasattr(tag.body[0], "root") else tag.body[0]]]
assert values == ["portrait", "Dutch & Flemish", "1651-1700", "Johannes Vermeer"], values
"#,
    );
}

#[test]
#[ignore = "needs Python with rdflib and cromulent (ARTKG_PYTHON)"]
fn rdflib_reads_linked_art() {
    let folder = folder();
    convert(
        folder.path(),
        &["tags.jsonld", "--base", "https://museum.example/object/"],
    );
    python(
        folder.path(),
        r#"
import json, os, cromulent, rdflib
# Linked Art's own context, which this package has: nothing is fetched.
context = os.path.join(os.path.dirname(cromulent.__file__), "data", "linked-art.json")
document = json.load(open("tags.jsonld"))
assert document["@context"] == "https://linked.art/ns/v1/linked-art.json"
document["@context"] = json.load(open(context))["@context"]
graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
prefixes = "prefix crm: <http://www.cidoc-crm.org/cidoc-crm/> prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
ask = lambda query: list(graph.query(prefixes + query))
makers = ask("""select ?object ?person ?agent ?time {
    ?object crm:P108i_was_produced_by ?production .
    ?production crm:P140i_was_attributed_by ?assignment .
    ?assignment a crm:E13_Attribute_Assignment ; crm:P141_assigned ?person ;
        crm:P177_assigned_property_of_type crm:P14_carried_out_by ;
        crm:P14_carried_out_by ?agent ; crm:P4_has_time-span/crm:P82a_begin_of_the_begin ?time .
    ?person a crm:E21_Person }""")
assert len(makers) == 1, makers
assert [str(value) for value in makers[0][:3]] == [
    "https://museum.example/object/36029", "http://vocab.getty.edu/ulan/500032927",
    "nih:sha-256;" + "ab" * 32], makers
# The production itself has no maker, and the object no type: these would be facts.
assert not ask("select ?p { ?o crm:P108i_was_produced_by ?p . ?p crm:P14_carried_out_by ?a }")
assert not ask("select ?o { ?o a crm:E22_Human-Made_Object ; crm:P2_has_type ?t }")
sure = ask("""select ?label ?value { ?object crm:P43_has_dimension ?dimension .
    ?dimension rdfs:label ?label ; crm:P90_has_value ?value ;
        crm:P141i_was_assigned_by/crm:P14_carried_out_by ?agent
    filter(contains(?label, "author")) }""")
assert [(str(label), float(value)) for label, value in sure] == [
    ("confidence that author is Johannes Vermeer", 0.625)], sure
assert len(ask("select ?o { ?o a crm:E22_Human-Made_Object }")) == 2
"#,
    );
}

#[test]
#[ignore = "needs Python with lxml (ARTKG_PYTHON)"]
fn lxml_reads_lido() {
    let folder = folder();
    convert(folder.path(), &["tags.xml"]);
    python(
        folder.path(),
        r#"
from lxml import etree
names = {"lido": "http://www.lido-schema.org"}
root = etree.parse("tags.xml").getroot()
find = lambda path: root.xpath(path, namespaces=names)
assert len(find("//lido:lido")) == 2
assert find("//lido:classification[@lido:type='machine']/lido:term/text()") == ["portrait"] * 2
assert find("//lido:eventActor//lido:appellationValue/text()") == ["Johannes Vermeer"]
assert find("//lido:actorID/text()") == ["http://vocab.getty.edu/ulan/500032927"]
assert "0.62" in find("//lido:sourceActorInRole/text()")[0]
assert find("//lido:periodName[@lido:type='machine']/lido:term/text()") == ["Dutch & Flemish"] * 2
assert find("//lido:earliestDate[@lido:type='machine']/text()") == ["1651"] * 2
assert find("//lido:recordInfoID/text()")[0] == "sha256:" + "ab" * 32
assert find("//lido:linkResource/text()")[1] == "photos/=1+1.tif"
"#,
    );
}

#[test]
#[ignore = "needs Python with lxml (ARTKG_PYTHON) and LIDO's schema (ARTKG_LIDO_SCHEMA)"]
fn lido_is_valid() {
    let folder = folder();
    convert(folder.path(), &["tags.xml"]);
    python(
        folder.path(),
        r#"
import os
from lxml import etree
schema = etree.XMLSchema(etree.parse(os.environ["ARTKG_LIDO_SCHEMA"]))
schema.assertValid(etree.parse("tags.xml"))
"#,
    );
}
