use artkg_records::Format;
use serde_json::json;

use crate::{column, file, open, values};

#[test]
fn manifests_of_version_3() {
    let manifest = json!({
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": "https://x.org/1/manifest", "type": "Manifest",
        "label": {"en": ["A Pond"], "fr": ["Un étang"]},
        "summary": {"none": ["Water."]},
        "metadata": [
            {"label": {"en": ["Artist:"]}, "value": {"en": ["<span>Corot &amp; Co</span>"]}},
            {"label": {"en": ["Subject"]}, "value": {"en": ["water", "trees"]}},
        ],
        "rights": "http://creativecommons.org/publicdomain/zero/1.0/",
        "thumbnail": [{"id": "https://x.org/t.jpg", "type": "Image"}],
        "items": [{
            "id": "https://x.org/1/canvas/1", "type": "Canvas",
            "items": [{"type": "AnnotationPage", "items": [{"type": "Annotation", "body": {
                "id": "https://x.org/iiif/1/full/max/0/default.jpg", "type": "Image",
                "service": [{"id": "https://x.org/iiif/1", "type": "ImageService3"}],
            }}]}],
        }, {
            "id": "https://x.org/1/canvas/2", "type": "Canvas",
            "items": [{"type": "AnnotationPage", "items": [{"type": "Annotation", "body": {
                "type": "Choice", "items": [{"id": "https://x.org/2.jpg", "type": "Image"}],
            }}]}],
        }],
    });
    let (_folder, path) = file("manifest.json", manifest.to_string());
    let mut stream = open(&path);
    assert_eq!(stream.reading().format, Format::Iiif);
    assert!(stream.advance().unwrap());
    for (field, expected) in [
        ("id", &["https://x.org/1/manifest"][..]),
        ("label[]", &["A Pond"]),
        ("summary[]", &["Water."]),
        ("metadata.Artist[]", &["Corot & Co"]),
        ("metadata.Subject[]", &["water", "trees"]),
        ("thumbnail", &["https://x.org/t.jpg"]),
        (
            "image[]",
            &[
                "https://x.org/iiif/1/full/max/0/default.jpg",
                "https://x.org/2.jpg",
            ],
        ),
        ("service[]", &["https://x.org/iiif/1", ""]),
        (
            "canvas[]",
            &["https://x.org/1/canvas/1", "https://x.org/1/canvas/2"],
        ),
    ] {
        assert_eq!(values(&*stream, field), expected, "{field}");
    }
    assert!(!stream.advance().unwrap());
}

#[test]
fn collections_of_version_2() {
    let manifest = |number: u32| {
        json!({
            "@id": format!("https://x.org/{number}"), "@type": "sc:Manifest",
            "label": [{"@value": "Bild", "@language": "de"}, {"@value": "Picture", "@language": "en"}],
            "metadata": [{"label": "Date", "value": "1650"}],
            "sequences": [{"canvases": [{"@id": "c", "images": [{"resource": {
                "@id": format!("https://x.org/{number}.jpg"),
                "service": {"@id": "https://x.org/iiif"},
            }}]}]}],
        })
    };
    let inner = json!({"@type": "sc:Collection", "manifests": [manifest(2)]});
    let collection = json!({
        "@context": "http://iiif.io/api/presentation/2/context.json",
        "@type": "sc:Collection", "label": "All",
        "manifests": [manifest(1)], "collections": [inner],
    });
    let (_folder, path) = file("collection.json", collection.to_string());
    assert_eq!(
        column(&path, "id"),
        [["https://x.org/1"], ["https://x.org/2"]]
    );
    assert_eq!(column(&path, "label[]"), [["Picture"], ["Picture"]]);
    assert_eq!(column(&path, "metadata.Date[]"), [["1650"], ["1650"]]);
    assert_eq!(column(&path, "image[]")[1], ["https://x.org/2.jpg"]);
}
