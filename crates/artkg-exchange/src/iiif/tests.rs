use serde_json::json;

use super::*;
use crate::examples::{origin, tags};

/// A tag file with one image of each name.
fn tag_file(folder: &Path, images: &[&str]) -> TagFile {
    let path = folder.join("tags.jsonl");
    let writer = artkg_tag::json_lines_writer();
    artkg_files::write_atomically(&path, |file| {
        let mut all = images.iter().map(|image| {
            Ok(Tags {
                image: (*image).to_owned(),
                id: None,
                ..tags()
            })
        });
        writer.write(&path, &origin(), &mut all, file)
    })
    .unwrap();
    TagFile::open(&path).unwrap()
}

fn third() -> Value {
    let canvas = |name: &str| {
        json!({
            "id": format!("https://museum.example/canvas/{name}"),
            "type": "Canvas",
            "items": [{"type": "AnnotationPage", "items": [{
                "type": "Annotation",
                "body": {
                    "id": format!("https://iiif.example/{name}/full/max/0/default.jpg"),
                    "service": [{"id": format!("https://iiif.example/{name}")}],
                },
            }]}],
            "annotations": [{"id": "https://museum.example/notes", "type": "AnnotationPage"}],
        })
    };
    json!({
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": "https://museum.example/manifest",
        "type": "Manifest",
        "items": [canvas("36028"), canvas("36029")],
    })
}

fn second() -> Value {
    json!({
        "@id": "https://museum.example/manifest",
        "@type": "sc:Manifest",
        "sequences": [{"canvases": [{
            "@id": "https://museum.example/canvas/1",
            "images": [{"resource": {
                "@id": "https://cdn.example/36029.jpg",
                "service": {"@id": "https://iiif.example/36029"},
            }}],
        }]}],
    })
}

fn written(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&artkg_files::read_bytes(&folder.join(name)).unwrap()).unwrap()
}

fn save(path: &Path, document: &Value) -> PathBuf {
    artkg_files::write_bytes(path, document.to_string().as_bytes()).unwrap();
    path.to_path_buf()
}

#[test]
fn tags_are_on_the_canvas_of_their_image() {
    let folder = tempfile::tempdir().unwrap();
    let file = tag_file(folder.path(), &["photos/36029.jpg", "photos/1.jpg"]);
    let manifest = save(&folder.path().join("m.json"), &third());
    let out = folder.path().join("out");
    let mut context = Context::default();
    let address = "http://vocab.getty.edu/ulan/500032927";
    context.addresses.add("author", "Johannes Vermeer", address);
    let write = |overwrite| {
        let manifests = std::slice::from_ref(&manifest);
        write_annotations(&file, manifests, &out, &context, overwrite, |_| ())
    };
    let done = write(false).unwrap();
    assert_eq!((done.pages, done.annotations), (1, 3));
    assert_eq!(
        done.unmatched,
        [("photos/1.jpg".to_owned(), NoCanvas::None)]
    );
    let page = written(&out, "0002.json");
    assert_eq!(page["type"], "AnnotationPage");
    let author = &page["items"][2];
    assert_eq!(author["motivation"], "tagging");
    assert_eq!(author["target"], "https://museum.example/canvas/36029");
    assert_eq!(author["body"][0]["value"], "Johannes Vermeer");
    assert_eq!(author["body"][1]["source"], address);
    assert_eq!(
        author["body"][2]["value"],
        "author: suggested by software with a confidence of 0.62, not reviewed by a person \
         (confidence 0.625; review none)"
    );
    assert_eq!(author["generated"], "2026-02-28T09:30:00Z");
    let fingerprint = format!("nih:sha-256;{}", "ab".repeat(32));
    assert_eq!(author["generator"]["id"], fingerprint);

    // The manifest has it beside what was there, and once however often it is written.
    let whole = written(&out, "manifest.json");
    let pages = |document: &Value| {
        document["items"][1]["annotations"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(pages(&whole), 2);
    assert!(whole["items"][0]["annotations"].as_array().unwrap().len() == 1);
    assert!(matches!(
        write(false),
        Err(Error::File(artkg_files::Error::Exists(_)))
    ));
    save(&manifest, &whole);
    write(true).unwrap();
    assert_eq!(pages(&written(&out, "manifest.json")), 2);
}

#[test]
fn presentation_2_has_pages_and_no_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = save(&folder.path().join("m.json"), &second());
    for image in [
        "36029.png",
        "https://iiif.example/36029",
        "https://museum.example/canvas/1",
    ] {
        let file = tag_file(folder.path(), &[image]);
        let out = folder.path().join("out");
        let manifests = [manifest.clone()];
        let context = Context::default();
        let done = write_annotations(&file, &manifests, &out, &context, true, |_| ()).unwrap();
        assert_eq!((done.pages, done.unmatched.len()), (1, 0), "{image}");
        assert!(out.join("0001.json").exists());
        assert!(!out.join("manifest.json").exists());
    }
}

#[test]
fn a_name_on_two_canvases_is_on_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = tag_file(folder.path(), &["36029.jpg"]);
    let one = save(&folder.path().join("1.json"), &third());
    let two = save(&folder.path().join("2.json"), &second());
    let out = folder.path().join("out");
    let context = Context::default();
    let done = write_annotations(&file, &[one, two], &out, &context, false, |_| ()).unwrap();
    assert_eq!(
        done.unmatched,
        [("36029.jpg".to_owned(), NoCanvas::Several(2))]
    );
}

#[test]
fn what_is_no_manifest_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = tag_file(folder.path(), &["a.jpg"]);
    let context = Context::default();
    let path = folder.path().join("m.json");
    for document in [
        json!([]),
        json!({"type": "Collection"}),
        json!({"type": "Manifest", "items": []}),
        json!({"type": "Manifest", "items": {"a": 1}}),
    ] {
        save(&path, &document);
        let manifests = [path.clone()];
        let error = write_annotations(&file, &manifests, folder.path(), &context, false, |_| ());
        assert!(matches!(error, Err(Error::Manifest { .. })), "{document}");
    }
    let error = write_annotations(&file, &[], folder.path(), &context, false, |_| ());
    assert!(matches!(error, Err(Error::NoManifest)));
}
