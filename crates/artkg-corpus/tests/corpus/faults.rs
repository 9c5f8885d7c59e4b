//! Faults planted in a table, and what the import says of each.

use std::fs;

use artkg_corpus::{Error, ImportOptions, Mapping, Problem, ProblemKind, Severity, import, silent};

use crate::imported;
use crate::pictures::{picture, save};

/// A planted fault: kind, severity, file name, row, column, part of the message.
pub(crate) type Fault = (
    ProblemKind,
    Severity,
    &'static str,
    Option<u64>,
    Option<&'static str>,
    &'static str,
);

/// Checks that every fault was found, and nothing else.
pub(crate) fn assert_found(problems: &[Problem], faults: &[Fault]) {
    for &(kind, severity, file, row, column, says) in faults {
        let found = problems.iter().any(|problem| {
            problem.kind == kind
                && problem.severity == severity
                && problem.file.file_name().is_some_and(|name| name == file)
                && problem.row == row
                && problem.column.as_deref() == column
                && problem.message.contains(says)
        });
        assert!(
            found,
            "no {kind:?} in {file}, row {row:?}, column {column:?}, saying {says:?} among {problems:#?}"
        );
    }
    assert_eq!(problems.len(), faults.len(), "{problems:#?}");
}

const HEADER: &str =
    "IMAGE_FILE\tDESCRIPTION\tAUTHOR\tTITLE\tTECHNIQUE\tDATE\tTYPE\tSCHOOL\tTIMEFRAME";

#[test]
fn faults_of_a_table() {
    let source = tempfile::tempdir().unwrap();
    let images = source.path().join("Images");
    fs::create_dir(&images).unwrap();
    for (seed, name) in ["a.jpg", "b.jpg", "Du\u{308}rer.jpg", "c.jpg", "spare.jpg"]
        .iter()
        .enumerate()
    {
        save(&picture(seed as u32, 96), &images.join(name));
    }
    let rows = [
        HEADER,
        "a.jpg\t\tDÜRER, Albrecht\tThe hare\t\t1502\tstudy\tGerman\t1501-1550",
        "a.jpg\t\tDÜRER, Albrecht\tAnother hare\t\t1502\tstudy\tGerman\t1501-1550",
        "a.jpg\t\tDÜRER, Albrecht\tThe hare\t\t1502\tstudy\tGerman\t1501-1550",
        "nowhere.jpg\t\tDÜRER, Albrecht\tThe owl\t\tc. 1508\tstudy\tGerman\t-",
        "\t\tDÜRER, Albrecht\tThe mouse\t\t1502\tstudy\tGerman\t1501-1550",
        "short.jpg\tDÜRER, Albrecht\tThe cat",
        "B.JPG\t\tDÜRER, Albrecht\tThe dog\t\t1502\tstudy\tGerman\t1501-1550",
        "Dürer.jpg\t\tDÜRER, Albrecht\tThe crab\t\tjún.04\tstudy\tGerman\t1501-1550",
        "c.jpg\t\tDÜRER, Albrecht\tThe heron\t\t1502\tstudy\tGerman\tRenaissance",
        "d.jpg\t\"The quote is not closed\tDÜRER, Albrecht\tThe ass\t\t1502\tstudy\tGerman\t1501-1550",
        "e.jpg\t\tDÜRER, Albrecht\tLost\t\t1502\tstudy\tGerman\t1501-1550",
    ];
    let table = source.path().join("semart_train.csv");
    let text = rows.join("\r\n");
    let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(&text);
    assert!(!lost);
    fs::write(&table, &bytes).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let imported = imported("semart", &[table], folder.path());
    let file = "semart_train.csv";
    use ProblemKind as Kind;
    use Severity::{Error, Warning};
    assert_found(
        &imported.problems,
        &[
            (
                Kind::DuplicateId,
                Error,
                file,
                Some(3),
                Some("IMAGE_FILE"),
                "another row with this id is row 2",
            ),
            (
                Kind::DuplicateId,
                Warning,
                file,
                Some(4),
                Some("IMAGE_FILE"),
                "the same row is row 2",
            ),
            (
                Kind::MissingImage,
                Error,
                file,
                Some(5),
                Some("IMAGE_FILE"),
                "no image `nowhere.jpg`",
            ),
            (
                Kind::MissingId,
                Error,
                file,
                Some(6),
                Some("IMAGE_FILE"),
                "no id",
            ),
            (
                Kind::WrongCellCount,
                Error,
                file,
                Some(7),
                None,
                "3 cells where the header has 9",
            ),
            (
                Kind::ImageName,
                Warning,
                file,
                Some(8),
                Some("IMAGE_FILE"),
                "`b.jpg` is taken for it",
            ),
            (
                Kind::ImageName,
                Warning,
                file,
                Some(9),
                Some("IMAGE_FILE"),
                "is taken for it",
            ),
            (
                Kind::UnreadableDate,
                Warning,
                file,
                Some(9),
                Some("DATE"),
                "`jún.04`",
            ),
            (
                Kind::BadTimeframe,
                Warning,
                file,
                Some(10),
                Some("TIMEFRAME"),
                "`Renaissance`",
            ),
            (
                Kind::WrongCellCount,
                Error,
                file,
                Some(11),
                None,
                "is a quote not closed?",
            ),
            (
                Kind::UnusedImage,
                Warning,
                "spare.jpg",
                None,
                None,
                "no row names this image",
            ),
        ],
    );
    let artworks = &imported.corpus.artworks;
    let kept: Vec<_> = artworks.iter().map(|artwork| artwork.id.as_str()).collect();
    assert_eq!(
        kept,
        ["a.jpg", "nowhere.jpg", "B.JPG", "Dürer.jpg", "c.jpg"]
    );
    assert_eq!(artworks[0].cell("title"), Some("The hare"));
    assert_eq!(artworks[0].cell("author"), Some("DÜRER, Albrecht"));
    assert_eq!(artworks[1].cell("timeframe"), Some("1501-1550"));
    assert_eq!(artworks[2].cell("image"), Some("b.jpg"));
    assert_eq!(artworks[3].cell("image"), Some("Du\u{308}rer.jpg"));
}

#[test]
fn a_table_without_its_columns_is_refused() {
    let source = tempfile::tempdir().unwrap();
    let table = source.path().join("semart_train.csv");
    fs::write(
        &table,
        HEADER.replace("AUTHOR", "AUTOR").replace("SCHOOL\t", ""),
    )
    .unwrap();
    let options = ImportOptions {
        mapping: Some(Mapping::built_in("semart").unwrap()),
        ..ImportOptions::default()
    };
    let error = import(&[table], source.path(), &options, &silent).unwrap_err();
    assert!(matches!(error, Error::LackingColumns { .. }));
    let message = error.to_string();
    for part in [
        "semart_train.csv: no column",
        "`AUTHOR` (did you mean `AUTOR`?)",
        "`SCHOOL`",
        "IMAGE_FILE, DESCRIPTION, AUTOR, TITLE",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_table_of_nothing_but_faults_does_not_fill_the_memory() {
    let source = tempfile::tempdir().unwrap();
    let table = source.path().join("works.csv");
    fs::write(&table, format!("id,title\n{}", "1,A\n".repeat(1_000_005))).unwrap();
    let error = import(&[table], source.path(), &ImportOptions::default(), &silent).unwrap_err();
    assert!(matches!(error, Error::TooManyProblems { .. }), "{error}");
    let message = error.to_string();
    for part in [
        "works.csv: more than 1000000 things are wrong in its first 1000003 rows",
        "the first of them: the id `1` was used before: the same row is row 2; the first is kept",
    ] {
        assert!(message.contains(part), "{message}");
    }
}
