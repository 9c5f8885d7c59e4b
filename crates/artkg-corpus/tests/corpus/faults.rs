//! Planted faults and what is said of each.

use std::fs;
use std::path::Path;

use artkg_corpus::{
    CheckOptions, Corpus, CorpusDescription, Error, ImportOptions, Mapping, Problem, ProblemKind,
    Severity, check, import, silent,
};

use crate::imported;
use crate::pictures::{picture, save, scaled};

/// A planted fault: kind, severity, file name, row, column, part of the message.
type Fault = (
    ProblemKind,
    Severity,
    &'static str,
    Option<u64>,
    Option<&'static str>,
    &'static str,
);

/// Checks that every fault was found, and nothing else.
fn assert_found(problems: &[Problem], faults: &[Fault]) {
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
    assert!(matches!(error, Error::Invalid { .. }));
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

/// Writes a corpus folder with faults of every kind in it.
fn plant(folder: &Path) {
    let images = folder.join("images");
    fs::create_dir(&images).unwrap();
    for seed in 0..4 {
        save(&picture(seed, 160), &images.join(format!("good{seed}.png")));
    }
    save(&scaled(&picture(1, 160)), &images.join("smaller.jpg"));
    fs::copy(images.join("good0.png"), images.join("copy.png")).unwrap();
    fs::copy(images.join("good2.png"), images.join("twin.png")).unwrap();
    save(&picture(9, 160), &images.join("whole.jpg"));
    let whole = fs::read(images.join("whole.jpg")).unwrap();
    fs::write(images.join("cut.jpg"), &whole[..whole.len() / 2]).unwrap();
    fs::write(images.join("empty.png"), "").unwrap();
    fs::write(images.join("page.jpg"), "<html>404 Not Found</html>").unwrap();

    let rows: &[&[u8]] = &[
        b"id,image,author,school,timeframe,type,date,split",
        b"1,good0.png,HALS,Dutch,1601-1650,portrait,1630,train",
        b"2,good1.png,HALS,Dutch,1601-1650,portrait,1630,train",
        b"3,good2.png,GOYA,Spanish,1801-1850,history,1814,train",
        b"4,good3.png,GOYA,Spanish,1801-1850,history,1814,train",
        b"5,copy.png,HALS,Dutch,1601-1650,portrait,1630,test",
        b"6,smaller.jpg,HALS,Dutch,1601-1650,portrait,1630,test",
        b"7,twin.png,GOYA,Spanish,1801-1850,history,1814,train",
        b"8,good3.png,GOYA,Spanish,1801-1850,history,1814,test",
        b"9,cut.jpg,HALS,Dutch,1601-1650,portrait,1630,train",
        b"10,empty.png,HALS,Dutch,1601-1650,portrait,1630,train",
        b"11,page.jpg,HALS,Dutch,1601-1650,portrait,1630,train",
        b"12,gone.png,HALS,Dutch,1601-1650,portrait,1630,train",
        b"13,,HALS,dutch,1601-1650,portrait,1630,train",
        b"13,good0.png,HALS,Dutch,1601-1650,portrait,1630,train",
        b",good0.png,HALS,Dutch,1601-1650,portrait,1630,train",
        b"14,good0.png,HALS",
        b"15,good0.png,D\xdcRER,German,1501-1550,portrait,1510,train",
        b"16,,GOYA,Spanish,1801-1850,history,1814,holdout",
        b"17,,EL GRECO,Greek,1551-1600,icon,1570,test",
        b"18,,EL GRECO,Greek,1551-1600,icon,some day,test",
        b"19,,GOYA,Spanish,19th century,history,1814,train",
    ];
    let mut description = CorpusDescription::new("planted", "images");
    description.counts.artworks = 100;
    description.write(&folder.join("corpus.toml")).unwrap();
    fs::write(folder.join("artworks.csv"), rows.join(&b'\n')).unwrap();
}

#[test]
fn faults_of_a_corpus() {
    let folder = tempfile::tempdir().unwrap();
    plant(folder.path());
    let options = CheckOptions {
        minimum_count: 2,
        ..CheckOptions::default()
    };
    let report = check(folder.path(), &options, &silent).unwrap();
    let file = "artworks.csv";
    let (image, split) = (Some("image"), Some("split"));
    use ProblemKind as Kind;
    use Severity::{Error, Warning};
    assert_found(
        &report.problems,
        &[
            (
                Kind::DuplicateId,
                Error,
                file,
                Some(15),
                Some("id"),
                "`13` was used in row 14",
            ),
            (
                Kind::MissingId,
                Error,
                file,
                Some(16),
                Some("id"),
                "the id is empty",
            ),
            (
                Kind::WrongCellCount,
                Error,
                file,
                Some(17),
                None,
                "3 cells where the header has 8",
            ),
            (
                Kind::BadEncoding,
                Error,
                file,
                Some(18),
                Some("author"),
                "is not UTF-8",
            ),
            (
                Kind::UnknownSplit,
                Error,
                file,
                Some(19),
                split,
                "`holdout`",
            ),
            (
                Kind::NoSplit,
                Warning,
                file,
                Some(19),
                split,
                "1 artworks are in no split",
            ),
            (Kind::EmptySplit, Error, file, None, None, "the split `val`"),
            (
                Kind::WrongCount,
                Warning,
                "corpus.toml",
                None,
                None,
                "100 artworks were written",
            ),
            (
                Kind::UndecodableImage,
                Error,
                file,
                Some(10),
                image,
                "cut.jpg is cut short",
            ),
            (
                Kind::UndecodableImage,
                Error,
                file,
                Some(11),
                image,
                "empty.png is empty",
            ),
            (
                Kind::UndecodableImage,
                Error,
                file,
                Some(12),
                image,
                "page.jpg is",
            ),
            (Kind::MissingImage, Error, file, Some(13), image, "gone.png"),
            (
                Kind::NoImage,
                Warning,
                file,
                Some(14),
                image,
                "`13` has no image",
            ),
            (
                Kind::NoImage,
                Warning,
                file,
                Some(19),
                image,
                "`16` has no image",
            ),
            (
                Kind::NoImage,
                Warning,
                file,
                Some(20),
                image,
                "`17` has no image",
            ),
            (
                Kind::NoImage,
                Warning,
                file,
                Some(21),
                image,
                "`18` has no image",
            ),
            (
                Kind::NoImage,
                Warning,
                file,
                Some(22),
                image,
                "`19` has no image",
            ),
            (
                Kind::UnusedImage,
                Warning,
                "whole.jpg",
                None,
                None,
                "no row names this image",
            ),
            (
                Kind::SharedImage,
                Error,
                file,
                Some(9),
                image,
                "of `4` in row 5, in another split",
            ),
            (
                Kind::ExactDuplicateAcrossSplits,
                Error,
                file,
                Some(6),
                image,
                "`good0.png` (train) in row 2",
            ),
            (
                Kind::NearDuplicateAcrossSplits,
                Error,
                file,
                Some(7),
                image,
                "`good1.png` (train) in row 3",
            ),
            (
                Kind::ExactDuplicate,
                Warning,
                file,
                Some(8),
                image,
                "`good2.png` (train) in row 4",
            ),
            (
                Kind::UnreadableDate,
                Warning,
                file,
                Some(21),
                Some("date"),
                "`some day`",
            ),
            (
                Kind::BadTimeframe,
                Warning,
                file,
                Some(22),
                Some("timeframe"),
                "`19th century`",
            ),
            (
                Kind::ClassWithoutTraining,
                Error,
                file,
                Some(20),
                Some("type"),
                "`icon` has 2",
            ),
            (
                Kind::ClassWithoutTraining,
                Error,
                file,
                Some(20),
                Some("school"),
                "`Greek` has 2",
            ),
            (
                Kind::ClassWithoutTraining,
                Error,
                file,
                Some(20),
                Some("timeframe"),
                "`1551-1600` has 2",
            ),
            (
                Kind::ClassWithoutTraining,
                Error,
                file,
                Some(20),
                Some("author"),
                "`EL GRECO` has 2",
            ),
            (
                Kind::SimilarValues,
                Warning,
                file,
                Some(14),
                Some("school"),
                "`dutch` (1)",
            ),
        ],
    );
    assert_eq!(report.decoded, 7);
    assert!(report.errors() > 0);
    let message = Corpus::open(folder.path()).unwrap_err().to_string();
    assert!(message.contains("row 15, column id"), "{message}");
}

#[test]
fn a_sound_corpus_has_no_errors() {
    let folder = tempfile::tempdir().unwrap();
    let images = folder.path().join("images");
    fs::create_dir(&images).unwrap();
    let mut table = "id,image,author,type,split\n".to_owned();
    for seed in 0..30 {
        save(&picture(seed, 96), &images.join(format!("{seed}.jpg")));
        let kind = ["portrait", "landscape"][seed as usize % 2];
        let split = ["train", "val", "test"][seed as usize / 2 % 3];
        table += &format!("{seed},{seed}.jpg,HALS,{kind},{split}\n");
    }
    fs::write(folder.path().join("artworks.csv"), table).unwrap();
    let mut description = CorpusDescription::new("sound", "images");
    description.counts.artworks = 30;
    description
        .write(&folder.path().join("corpus.toml"))
        .unwrap();
    let options = CheckOptions {
        minimum_count: 2,
        ..CheckOptions::default()
    };
    let report = check(folder.path(), &options, &silent).unwrap();
    assert_eq!(report.errors(), 0, "{:#?}", report.problems);
    // School and timeframe are not given, and there is one author only.
    assert_eq!(report.warnings(), 3, "{:#?}", report.problems);
}
