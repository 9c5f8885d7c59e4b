//! Tables and images as museums have them, with what usually goes wrong.

use std::fs;
use std::path::{Path, PathBuf};

use artkg_corpus::{
    Corpus, EncodingBasis, Error, ForeignFormat, ImageMatching, Import, ImportOptions, ProblemKind,
    SourceError, check, import, silent,
};

use crate::of_kind;
use crate::pictures::{picture, save};

/// Writes a table into a new folder.
fn table(name: &str, content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    (folder, path)
}

/// Imports a table without further words.
fn imported(path: &Path, options: &ImportOptions) -> Import {
    let folder = path.with_file_name("corpus");
    import(&[path.to_path_buf()], &folder, options, &silent).unwrap()
}

fn refused(path: &Path, options: &ImportOptions) -> Error {
    let folder = path.with_file_name("corpus");
    import(&[path.to_path_buf()], &folder, options, &silent).unwrap_err()
}

const MET: &str = "Object Number,Object ID,Department,Title,Culture,Artist Role,\
    Artist Display Name,Artist Nationality,Object Date,Object Begin Date,Object End Date,Medium,\
    Classification\n\
    14.76.6,36029,Asian Art,Water-moon Avalokiteshvara,Korea,Artist,Unidentified artist,,\
    first half of the 14th century,1300,1349,Hanging scroll,Paintings\n\
    1987.144,36131,European Paintings,A Pond,,Artist,Jean-Baptiste-Camille Corot,French,\
    undated,1868,1870,Oil on canvas,Paintings\n\
    07.123,37788,European Paintings,A Copy,,Artist,Anonymous,Dutch,1850,1600,1610,Oil,Paintings\n\
    07.124,37789,European Paintings,Old,,Artist,Anonymous,Dutch,ca. 1650,0,0,Oil,Paintings\n";

#[test]
fn the_header_of_the_met() {
    let (_folder, path) = table("MetObjects.csv", MET);
    let imported = imported(&path, &ImportOptions::default());
    let works = &imported.corpus.artworks;
    let column = |name| -> Vec<_> { works.iter().map(|work| work.cell(name)).collect() };
    assert_eq!(works[1].id, "36131");
    assert_eq!(works[1].cell("object_number"), Some("1987.144"));
    assert_eq!(works[1].cell("author"), Some("Jean-Baptiste-Camille Corot"));
    let schools = [Some("Korea"), Some("French"), Some("Dutch"), Some("Dutch")];
    assert_eq!(column("school"), schools);
    // The years of the database go before the text.
    let timeframes = [
        Some("1301-1350"),
        Some("1851-1900"),
        Some("1601-1650"),
        Some("1601-1650"),
    ];
    assert_eq!(column("timeframe"), timeframes);
    assert_eq!(works[0].cell("year_from"), Some("1300"));
    assert!(imported.lost.is_empty(), "{:?}", imported.lost);
    assert!(of_kind(&imported.problems, ProblemKind::UnreadableDate).is_empty());
    let doubtful = of_kind(&imported.problems, ProblemKind::DoubtfulDate);
    assert_eq!(doubtful.len(), 1);
    assert_eq!(doubtful[0].row, Some(4));
    assert!(doubtful[0].message.contains("1600 to 1610"), "{doubtful:?}");

    let author = imported.tables[0]
        .columns
        .iter()
        .find(|column| column.column == "author")
        .unwrap();
    assert_eq!(
        (author.from.as_slice(), author.filled),
        (&["Artist Display Name".to_owned()][..], 4)
    );
    let department = imported.tables[0]
        .unused
        .iter()
        .find(|unused| unused.column == "Department")
        .unwrap();
    assert_eq!(
        (department.filled, department.kept_as.as_deref()),
        (4, Some("department"))
    );
}

#[test]
fn columns_that_are_lost_are_named_with_what_may_be_meant() {
    let text =
        "id,Artist Preferred Name,Artist Role,Genre\n1,Hals,Artist,\n2,Goya,Artist,\n3,,Artist,\n";
    let (_folder, path) = table("works.csv", text);
    let lost = imported(&path, &ImportOptions::default()).lost;
    let columns: Vec<_> = lost.iter().map(|lost| lost.column.as_str()).collect();
    assert_eq!(columns, ["type", "author", "school", "date"]);
    assert_eq!(lost[0].from, ["Genre"]);
    let candidate = lost[1].candidate.as_ref().unwrap();
    assert_eq!(
        (candidate.column.as_str(), candidate.filled),
        ("Artist Preferred Name", 2)
    );
    assert_eq!(lost[2].candidate, None);

    let strict = ImportOptions {
        strict: true,
        ..ImportOptions::default()
    };
    let error = refused(&path, &strict);
    assert!(matches!(&error, Error::LostColumns { lost } if lost.len() == 4));
    assert!(
        error.to_string().contains("type, author, school, date"),
        "{error}"
    );
}

#[test]
fn images_are_found_by_number_path_and_address() {
    let (folder, path) = table(
        "works.csv",
        "Object ID,Object Number,Image\n\
         36029,14.76.6,\n\
         36131,1987.144,\n\
         1,x1,C:\\photos\\One.PNG\n\
         2,x2,https://example.org/media/two.png?width=9\n\
         3,x3,three.png\n\
         4,x4,gone.png\n\
         5,x5,\n\
         6,x6,\n\
         700,x7,https://example.org/DP-15580.jpg\n",
    );
    let images = folder.path().join("images");
    fs::create_dir(&images).unwrap();
    for (seed, name) in [
        "36029.jpg",
        "36029_2.jpg",
        "36029_10.jpg",
        "1987-144.jpg",
        "One.PNG",
        "two.png",
        "stray.png",
        "700.png",
    ]
    .iter()
    .enumerate()
    {
        save(&picture(seed as u32, 32), &images.join(name));
    }
    for name in ["three.psd", "5.avif"] {
        fs::write(images.join(name), "a picture").unwrap();
    }
    let imported = imported(&path, &ImportOptions::default());
    let found: Vec<_> = imported
        .corpus
        .artworks
        .iter()
        .map(|work| work.cell("image"))
        .collect();
    assert_eq!(
        found,
        [
            Some("36029.jpg"),
            Some("1987-144.jpg"),
            Some("One.PNG"),
            Some("two.png"),
            Some("three.png"),
            Some("gone.png"),
            None,
            None,
            Some("700.png"),
        ]
    );
    let matching = imported.image_matching.unwrap();
    assert_eq!(
        matching,
        ImageMatching {
            by_address: 0,
            by_name: 0,
            by_end: 2,
            nearly: 0,
            by_number: 3,
            views: 2,
            unread: 1,
            missing: 2,
            unnamed: 1,
            unused: 1,
        }
    );
    assert_eq!(matching.found(), 5);
    let nearly = of_kind(&imported.problems, ProblemKind::ImageName);
    assert!(
        nearly[0]
            .message
            .contains("`700.png`, which has the work's number")
    );
    let unread = of_kind(&imported.problems, ProblemKind::UnreadImage);
    assert!(
        unread[0].message.contains("`5.avif` is there"),
        "{unread:?}"
    );
    let unused = of_kind(&imported.problems, ProblemKind::UnusedImage);
    assert_eq!(unused.len(), 1);
    assert!(unused[0].file.ends_with("stray.png"));
}

#[test]
fn a_picture_in_another_format_is_there() {
    let (folder, path) = table("works.csv", "id,image\n1,one.avif\n");
    let images = folder.path().join("images");
    fs::create_dir(&images).unwrap();
    fs::write(images.join("one.avif"), "a picture").unwrap();
    let imported = imported(&path, &ImportOptions::default());
    let problems = of_kind(&imported.problems, ProblemKind::UnreadImage);
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].message.contains("save it as JPEG"),
        "{problems:?}"
    );
    assert_eq!(imported.image_matching.unwrap().unread, 1);
}

#[test]
fn what_is_no_table_is_recognised() {
    use ForeignFormat as Format;
    let cases: [(&str, &[u8], Format, &str); 4] = [
        (
            "objects.csv",
            b"PK\x03\x04....picture.jpg",
            Format::Zip,
            "unpack it",
        ),
        (
            "objects.xml",
            b"<?xml version='1.0'?><mets/>",
            Format::Xml,
            "not LIDO",
        ),
        (
            "objects.pdf",
            b"%PDF-1.7\n%\xe2\xe3",
            Format::Pdf,
            "this is a PDF",
        ),
        (
            "objects.tsv",
            b"<!DOCTYPE html><html>404",
            Format::Html,
            "web page",
        ),
    ];
    for (name, content, expected, says) in cases {
        let (_folder, path) = table(name, content);
        let error = refused(&path, &ImportOptions::default());
        let found = matches!(error, Error::Source(SourceError::NotATable { format, .. }) if format == expected);
        assert!(found, "{name}: {error}");
        let message = error.to_string();
        assert!(
            message.contains(says) && message.contains(name),
            "{message}"
        );
    }
    let (folder, _) = table("objects.xlsx", b"PK\x03\x04");
    let message = refused(folder.path(), &ImportOptions::default()).to_string();
    assert!(message.contains("objects.xlsx"), "{message}");
}

#[test]
fn a_quote_that_is_never_closed_is_reported_where_it_began() {
    for (text, row, lines) in [
        ("id,artist\n1,\"A\n2,B\n", 2, "the 2 lines after it"),
        (
            "id,artist\n1,A\n2,\"B",
            3,
            "a quote in this cell is not closed; ",
        ),
        // Closed by the next quote, in the middle of a later row.
        (
            "id,artist\n1,A\n2,\"B\n3,C\n4,\"D\"\n5,E\n",
            3,
            "the 2 lines after it",
        ),
    ] {
        let (_folder, path) = table("works.csv", text);
        let imported = imported(&path, &ImportOptions::default());
        let problems = of_kind(&imported.problems, ProblemKind::UnclosedQuote);
        assert_eq!(problems.len(), 1, "{text}: {:?}", imported.problems);
        assert_eq!(problems[0].row, Some(row), "{text}");
        assert_eq!(problems[0].column.as_deref(), Some("artist"));
        assert!(problems[0].message.contains(lines), "{problems:?}");
    }
    let (_folder, path) = table("works.csv", "id,artist\n1,\"A\nB, C\"\n2,D\n");
    let imported = imported(&path, &ImportOptions::default());
    assert_eq!(imported.corpus.artworks.len(), 2);
    assert!(imported.problems.is_empty(), "{:?}", imported.problems);
}

#[test]
fn encodings_are_found_out_and_said() {
    let russian = [
        "Репин Илья Ефимович",
        "Шишкин Иван Иванович",
        "Левитан Исаак Ильич",
    ];
    let japanese = ["葛飾北斎", "歌川広重", "東洲斎写楽", "喜多川歌麿"];
    for (encoding, names) in [
        (encoding_rs::WINDOWS_1251, &russian[..]),
        (encoding_rs::SHIFT_JIS, &japanese[..]),
    ] {
        let rows = names.iter().cycle().take(30).enumerate();
        let rows: Vec<String> = rows.map(|(id, name)| format!("{id};{name}")).collect();
        let text = format!("id;artist\r\n{}\r\n", rows.join("\r\n"));
        let (_folder, path) = table("works.csv", encoding.encode(&text).0);
        let imported = imported(&path, &ImportOptions::default());
        assert_eq!(imported.corpus.artworks[1].cell("author"), Some(names[1]));
        let summary = &imported.tables[0];
        assert_eq!(summary.reading.encoding, encoding.name());
        assert_eq!(summary.reading.encoding_basis, EncodingBasis::Detected);
        assert_eq!(summary.reading.encoding_example.as_deref(), Some(names[0]));
    }
    let (_folder, path) = table("works.csv", b"id,artist\n1,D\xfcrer\n");
    let imported = imported(&path, &ImportOptions::default());
    assert_eq!(imported.corpus.artworks[0].cell("author"), Some("Dürer"));
    let guessed = of_kind(&imported.problems, ProblemKind::GuessedEncoding);
    assert_eq!(guessed.len(), 1);
    assert!(guessed[0].message.contains("`Dürer`"), "{guessed:?}");
}

#[test]
fn a_corpus_that_excel_saved_again_is_read() {
    let rows: Vec<String> = (0..174)
        .map(|id| format!("{id},Dürer {id},Öl; Holz"))
        .collect();
    let (folder, path) = table(
        "works.csv",
        format!("id,author,technique\n{}\n", rows.join("\n")),
    );
    let made = imported(&path, &ImportOptions::default());
    made.corpus.save().unwrap();
    let corpus = folder.path().join("corpus");
    let artworks = corpus.join("artworks.csv");
    let own = fs::read_to_string(&artworks).unwrap();
    let lines: Vec<Vec<String>> = csv_rows(&own);
    let saved = |delimiter: &str| -> String {
        let quoted = |cell: &String| match cell.contains(delimiter) {
            true => format!("\"{cell}\""),
            false => cell.clone(),
        };
        let line = |cells: &Vec<String>| {
            let cells: Vec<String> = cells.iter().map(quoted).collect();
            format!("{}\r\n", cells.join(delimiter))
        };
        lines.iter().map(line).collect()
    };
    let wide: Vec<u8> = format!("\u{feff}{}", saved("\t"))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (what, bytes) in [
        ("semicolons", format!("\u{feff}{}", saved(";")).into_bytes()),
        ("UTF-16", wide),
        (
            "Windows-1252",
            encoding_rs::WINDOWS_1252.encode(&saved(";")).0.into_owned(),
        ),
        (
            "Windows-1252, commas",
            encoding_rs::WINDOWS_1252.encode(&saved(",")).0.into_owned(),
        ),
    ] {
        fs::write(&artworks, bytes).unwrap();
        let opened = Corpus::open(&corpus).unwrap();
        assert_eq!(opened.artworks, made.corpus.artworks, "{what}");
        let report = check(&corpus, &Default::default(), &silent).unwrap();
        let foreign = of_kind(&report.problems, ProblemKind::ForeignTable);
        assert_eq!(foreign.len(), 1, "{what}");
    }
}

fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader.records().map(|record| record.unwrap());
    rows.map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn a_quote_open_in_a_corpus_is_an_error() {
    let (_folder, path) = table("works.csv", "id,author\n1,A\n2,B\n3,C\n");
    let made = imported(&path, &ImportOptions::default());
    made.corpus.save().unwrap();
    let corpus = path.with_file_name("corpus");
    let artworks = corpus.join("artworks.csv");
    let text = fs::read_to_string(&artworks).unwrap();
    fs::write(&artworks, text.replacen(",B,", ",\"B,", 1)).unwrap();
    let message = Corpus::open(&corpus).unwrap_err().to_string();
    assert!(
        message.contains("row 3") && message.contains("not closed"),
        "{message}"
    );
}
