use std::io::Write;

use artkg_records::{Error, Fault, Format, Input, TableFormat, Unit};

use crate::{column, file, folder, open, refused, values};

#[test]
fn records_are_found_wherever_they_stand() {
    let record = r#"{"id": 1, "makers": [{"name": "Hals"}]}, {"id": 2, "makers": []}"#;
    for (content, part) in [
        (format!("[{record}]"), Some("[]")),
        (
            format!("{{\"total\": 2, \"objects\": [{record}]}}"),
            Some("objects[]"),
        ),
        (
            format!("{{\"info\": {{\"next\": null}}, \"data\": {{\"objects\": [{record}]}}}}"),
            Some("data.objects[]"),
        ),
        // A list that is not called as usual has to be named.
        (format!("\u{feff}[{record}]"), Some("[]")),
    ] {
        let (_folder, path) = file("objects.json", &content);
        assert_eq!(column(&path, "id"), [["1"], ["2"]], "{content}");
        let stream = open(&path);
        assert_eq!(stream.reading().part.as_deref(), part, "{content}");
        assert_eq!(column(&path, "makers[].name"), [vec!["Hals"], vec![]]);
    }
}

#[test]
fn one_object_may_be_one_record() {
    let one = r#"{"id": 7, "makers": [{"name": "Hals"}], "size": {"height": 2.5}}"#;
    let (_folder, path) = file("7.json", one);
    assert_eq!(column(&path, "makers[].name"), [["Hals"]]);
    assert_eq!(column(&path, "size.height"), [["2.5"]]);

    // Unless somebody says where the records stand.
    let format = TableFormat {
        records: vec!["objects[]".into(), "makers[]".into()],
        ..TableFormat::default()
    };
    let mut stream = Input::open(&path).unwrap().records(&format).unwrap();
    assert!(stream.advance().unwrap());
    assert_eq!(values(&*stream, "name"), ["Hals"]);
}

#[test]
fn files_of_one_record_are_one_source() {
    let folder = folder(&[
        ("1.json", br#"{"id": 1, "title": "One"}"#),
        ("2.json", br#"{"id": 2, "date": "1650"}"#),
        ("3.csv", b"id,title\n3,Three\n"),
    ]);
    let path = |name: &str| folder.path().join(name);
    let input = Input::open_all(vec![path("1.json"), path("2.json")]).unwrap();
    let mut stream = input.records(&TableFormat::default()).unwrap();
    let mut read = Vec::new();
    while stream.advance().unwrap() {
        let number = stream.place().number;
        read.push((
            stream.path().to_path_buf(),
            number,
            values(&*stream, "id"),
            values(&*stream, "date"),
        ));
    }
    let one = |text: &str| vec![text.to_owned()];
    assert_eq!(
        read,
        [
            (path("1.json"), 1, one("1"), vec![]),
            (path("2.json"), 1, one("2"), one("1650")),
        ]
    );
    let mixed = Input::open_all(vec![path("1.json"), path("3.csv")]);
    assert!(matches!(mixed.err(), Some(Error::MixedFormats { path }) if path.ends_with("3.csv")));
}

#[test]
fn a_bad_line_is_one_record_lost() {
    let (_folder, path) = file(
        "works.jsonl",
        "{\"id\": 1}\n{\"id\": 2, \"title\": }\n\n{\"id\": 3}\n[4]\n{\"id\": 5}",
    );
    let mut stream = open(&path);
    assert_eq!(stream.reading().format, Format::JsonLines);
    let (mut sound, mut faults) = (Vec::new(), Vec::new());
    while stream.advance().unwrap() {
        let place = stream.place();
        assert_eq!(place.unit, Unit::Line);
        match stream.fault() {
            None => sound.push((place.number, values(&*stream, "id"))),
            Some(Fault::Malformed { reason }) => faults.push((place.number, reason)),
            Some(other) => panic!("{other:?}"),
        }
    }
    let ids: Vec<_> = sound
        .iter()
        .map(|(line, id)| (*line, id[0].as_str()))
        .collect();
    assert_eq!(ids, [(1, "1"), (4, "3"), (6, "5")]);
    assert_eq!(faults[0].0, 2);
    assert!(faults[0].1.contains("expected value"), "{faults:?}");
    assert_eq!(faults[1].0, 5);
}

#[test]
fn what_is_packed_is_unpacked() {
    let lines = "{\"id\": 1}\n{\"id\": 2}\n".repeat(500);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(lines.as_bytes()).unwrap();
    let zstd = ruzstd::encoding::compress_to_vec(
        lines.as_bytes(),
        ruzstd::encoding::CompressionLevel::Fastest,
    );
    let wide: Vec<u8> = format!("\u{feff}{lines}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    // The name says nothing.
    for content in [gzip.finish().unwrap(), zstd, wide] {
        let (_folder, path) = file("works.csv", content);
        let ids = column(&path, "id");
        assert_eq!(ids.len(), 1000);
        assert_eq!(ids[999], ["2"]);
    }
    let table = ruzstd::encoding::compress_to_vec(
        "id,title\n1,Dürer\n".as_bytes(),
        ruzstd::encoding::CompressionLevel::Fastest,
    );
    let (_folder, path) = file("works.csv.zst", table);
    assert_eq!(column(&path, "title"), [["Dürer"]]);
}

#[test]
fn broken_files_are_named_with_the_line() {
    for (content, line, says) in [
        (
            "{\"objects\": [\n{\"id\": 1},\n{\"id\": 2",
            3,
            "ends within a value",
        ),
        ("[{\"id\": 1}\n{\"id\": 2}]", 2, "`,`"),
        ("{\"id\": 1,\n2}", 2, "a member's name"),
        ("{\"id\"\n1}", 2, "`:`"),
    ] {
        let (_folder, path) = file("objects.json", content);
        match refused(&path) {
            Error::Json {
                line: at, reason, ..
            } => {
                assert_eq!(at, line, "{content}: {reason}");
                assert!(reason.contains(says), "{content}: {reason}");
            }
            other => panic!("{content}: {other}"),
        }
    }
    // Within one record only that record is lost.
    let (_folder, path) = file("objects.json", "[{\"id\": nul}, {\"id\": 2}]");
    let mut stream = open(&path);
    assert!(stream.advance().unwrap());
    let Some(Fault::Malformed { reason }) = stream.fault() else {
        panic!("{:?}", stream.fault())
    };
    assert_eq!(reason, "expected ident, at column 11 of the record");
    assert!(stream.advance().unwrap());
    assert_eq!(values(&*stream, "id"), ["2"]);
}

#[test]
fn depth_is_bounded() {
    let deep = format!(
        "[{{\"a\": {}1{}}}]",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let (_folder, path) = file("objects.json", deep);
    assert!(matches!(refused(&path), Error::Depth { line: 1, .. }));
}

#[test]
fn what_stands_between_values_is_no_value() {
    // None of these may be read for ever, whichever way of reading finds the fault.
    for text in ["[{\"id\": 1}]}", "[]]", "[\"a\"]]", "{},{}", "{\"id\": 1},"] {
        let (_folder, path) = file("objects.json", text);
        match refused(&path) {
            Error::Json { reason, .. } => assert!(reason.contains("a value"), "{text}: {reason}"),
            other => panic!("{text}: {other}"),
        }
    }
}

#[test]
fn zero_bytes_in_texts_are_replaced() {
    let (_folder, path) = file("objects.json", r#"[{"id": "a\u0000b", "n\u0000": "c"}]"#);
    let mut stream = open(&path);
    assert!(stream.advance().unwrap());
    assert_eq!(values(&*stream, "id"), ["a\u{fffd}b"]);
    assert_eq!(values(&*stream, "n\u{fffd}"), ["c"]);
}
