use std::fs::File;
use std::sync::Arc;

use artkg_records::{Error, Format};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::{column, file, open, refused};

const SCHEMA: &str = "message works {
    required binary id (UTF8);
    optional int32 year;
    optional int32 acquired (DATE);
    optional group makers (LIST) { repeated group list { optional binary element (UTF8); } }
    required binary picture;
}";

#[test]
fn columns_and_lists() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("works.parquet");
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let target = File::create(&path).unwrap();
    let mut writer =
        SerializedFileWriter::new(target, schema, Arc::new(properties.build())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts =
        |texts: &[&str]| -> Vec<ByteArray> { texts.iter().map(|text| (*text).into()).collect() };
    let mut next = group.next_column().unwrap().unwrap();
    let ids = texts(&["a", "b"]);
    next.typed::<ByteArrayType>()
        .write_batch(&ids, None, None)
        .unwrap();
    next.close().unwrap();
    for value in [1650, 20_000] {
        let mut next = group.next_column().unwrap().unwrap();
        next.typed::<Int32Type>()
            .write_batch(&[value], Some(&[1, 0]), None)
            .unwrap();
        next.close().unwrap();
    }
    let mut next = group.next_column().unwrap().unwrap();
    let makers = texts(&["Hals", "Goya"]);
    next.typed::<ByteArrayType>()
        .write_batch(&makers, Some(&[3, 3, 1]), Some(&[0, 1, 0]))
        .unwrap();
    next.close().unwrap();
    let mut next = group.next_column().unwrap().unwrap();
    let pictures = vec![
        ByteArray::from(vec![0xff, 0xd8]),
        ByteArray::from(vec![0xff, 0xd8]),
    ];
    next.typed::<ByteArrayType>()
        .write_batch(&pictures, None, None)
        .unwrap();
    next.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();

    assert_eq!(open(&path).reading().format, Format::Parquet);
    assert_eq!(column(&path, "id"), [["a"], ["b"]]);
    assert_eq!(column(&path, "year"), [vec!["1650"], vec![]]);
    assert_eq!(column(&path, "acquired"), [vec!["2024-10-04"], vec![]]);
    assert_eq!(column(&path, "makers[]"), [vec!["Hals", "Goya"], vec![]]);
    assert_eq!(column(&path, "picture"), [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn a_cut_file_is_refused() {
    let (_folder, path) = file("works.parquet", b"PAR1 and nothing more");
    assert!(matches!(refused(&path), Error::Parquet { row: 0, .. }));
}
