use std::path::Path;

use artkg_records::{Error, Format, Input, TableFormat};

use crate::archives::{archive, excel, open_document};
use crate::{column, file, open, refused, values};

/// A row of texts.
fn row(number: u32, cells: &[&str]) -> String {
    let cells = cells.iter().zip('A'..).map(|(text, column)| {
        format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    });
    format!("<row r=\"{number}\">{}</row>", cells.collect::<String>())
}

#[test]
fn a_sheet_of_excel() {
    let works = format!(
        "{}{}<row r=\"5\"><c r=\"A5\"><v>1889</v></c><c r=\"C5\" s=\"1\"><v>32660</v></c></row>{}",
        row(1, &["Our collection"]),
        row(3, &["Inv. No", "Artist  name", "Acquired"]),
        row(6, &["A 2", "Hals", ""]),
    );
    let (_folder, path) = file("works.xlsx", excel(&[("Notes", ""), ("Works", &works)]));
    let mut stream = open(&path);
    assert_eq!(stream.reading().format, Format::Excel);
    assert_eq!(stream.reading().part.as_deref(), Some("Works"));
    assert_eq!(stream.fields(), ["Inv. No", "Artist name", "Acquired"]);
    assert!(stream.advance().unwrap());
    assert_eq!(stream.place().to_string(), "row 5");
    assert_eq!(values(&*stream, "Inv. No"), ["1889"]);
    assert_eq!(values(&*stream, "Artist name"), [""]);
    assert_eq!(values(&*stream, "Acquired"), ["1989-06-01"]);
    assert_eq!(column(&path, "Artist name")[1], ["Hals"]);
}

#[test]
fn sheets_are_chosen_by_name() {
    let sheet = |id: &str| format!("{}{}", row(1, &["id", "title"]), row(2, &[id, "x"]));
    let content = excel(&[("One", &sheet("1")), ("Two", &sheet("2"))]);
    let (_folder, path) = file("works.xlsx", content);
    assert_eq!(column(&path, "id"), [["1"]]);
    let input = Input::open(&path).unwrap();
    let format = |name: &str| TableFormat {
        sheet: Some(name.to_owned()),
        ..TableFormat::default()
    };
    let mut stream = input.records(&format("Two")).unwrap();
    assert!(stream.advance().unwrap());
    assert_eq!(values(&*stream, "id"), ["2"]);
    let error = input.records(&format("Three")).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("no sheet `Three`, only One, Two"),
        "{error}"
    );
}

#[test]
fn a_cell_in_the_last_corner_is_not_a_large_sheet() {
    let works = format!(
        "{}{}<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>",
        row(1, &["id", "title"]),
        row(2, &["1", "One"]),
    );
    let (_folder, path) = file("works.xlsx", excel(&[("Works", &works)]));
    assert_eq!(
        column(&path, "title"),
        [vec!["One".to_owned()], vec![String::new()]]
    );
}

#[test]
fn a_sheet_of_open_document() {
    let cell = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p>\
             </table:table-cell>"
        )
    };
    let rows = format!(
        "<table:table-row>{}{}{}</table:table-row><table:table-row>\
         <table:table-cell office:value-type=\"float\" office:value=\"7\"><text:p>7</text:p>\
         </table:table-cell>{}<table:table-cell office:value-type=\"date\" \
         office:date-value=\"1889-06-01\"><text:p>01.06.89</text:p></table:table-cell>\
         </table:table-row>",
        cell("id"),
        cell("author"),
        cell("date"),
        cell("Dürer")
    );
    let (_folder, path) = file("works.ods", open_document(&rows));
    assert_eq!(open(&path).reading().format, Format::OpenDocument);
    assert_eq!(column(&path, "id"), [["7"]]);
    assert_eq!(column(&path, "author"), [["Dürer"]]);
    assert_eq!(column(&path, "date"), [["1889-06-01"]]);
}

#[test]
fn a_workbook_of_an_old_excel() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/works.xls");
    assert_eq!(open(&path).reading().format, Format::OldExcel);
    assert_eq!(column(&path, "title"), [["Öl auf Holz"], ["Two"]]);
    assert_eq!(column(&path, "year"), [["1889"], ["1900.5"]]);
    assert_eq!(column(&path, "acquired"), [["2001-02-03"], ["2001-02-03"]]);
}

#[test]
fn what_is_no_sound_workbook_is_refused() {
    let (_folder, path) = file("works.xlsx", archive(&[("xl/workbook.xml", "<workbook>")]));
    assert!(matches!(refused(&path), Error::Workbook { .. }));
    let (_folder, path) = file("works.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0");
    assert!(matches!(refused(&path), Error::Workbook { .. }));
    let (_folder, path) = file("works.xlsx", excel(&[("Empty", "")]));
    assert!(matches!(refused(&path), Error::EmptyTable { .. }));
}
