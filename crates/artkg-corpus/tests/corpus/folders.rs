//! Faults planted in a corpus folder, and what the check says of each.

use std::fs;
use std::path::Path;

use artkg_corpus::{
    CheckOptions, Corpus, CorpusDescription, ProblemKind, Severity, Stats, check, silent,
};

use crate::faults::assert_found;
use crate::pictures::{picture, save, scaled};

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

/// Movements: three of `Nabis`, two of which are written with a small letter; three of
/// `Fauves` in the test split alone; one of each work's own.
#[test]
fn further_columns_with_classes_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = "id,type,split,movement,note\n".to_owned();
    for work in 0..12 {
        let (split, movement) = match work {
            0..3 => ("train", "Nabis"),
            3..5 => ("train", "nabis"),
            5..8 => ("test", "Fauves"),
            _ => ("val", ""),
        };
        let kind = ["portrait", "landscape"][work % 2];
        table += &format!("{work},{kind},{split},{movement},note {work}\n");
    }
    fs::write(folder.path().join("artworks.csv"), table).unwrap();
    let mut description = CorpusDescription::new("further", "images");
    description.counts.artworks = 12;
    description
        .write(&folder.path().join("corpus.toml"))
        .unwrap();
    let corpus = Corpus::open(folder.path()).unwrap();
    let names: Vec<&str> = corpus.attributes(2).iter().map(|one| one.name()).collect();
    assert_eq!(names, ["type", "school", "timeframe", "author", "movement"]);
    // With three training works `nabis` is none, and a class alone teaches nothing.
    assert_eq!(corpus.attributes(3).len(), 4);

    let of_movement = |tasks: &[&str]| {
        let options = CheckOptions {
            tasks: tasks.iter().map(|task| task.parse().unwrap()).collect(),
            minimum_count: 2,
            ..CheckOptions::default()
        };
        let problems = check(folder.path(), &options, &silent).unwrap().problems;
        let problems = problems.into_iter();
        let of_column = problems.filter(|one| one.column.as_deref() == Some("movement"));
        of_column
            .map(|problem| (problem.kind, problem.severity))
            .collect::<Vec<_>>()
    };
    let (untrained, similar) = (
        ProblemKind::ClassWithoutTraining,
        ProblemKind::SimilarValues,
    );
    // Nobody said that it is to be learnt; then somebody does.
    assert_eq!(
        of_movement(&[]),
        [(similar, Severity::Warning), (untrained, Severity::Warning)]
    );
    assert_eq!(
        of_movement(&["movement"]),
        [(untrained, Severity::Error), (similar, Severity::Warning)]
    );
    assert_eq!(of_movement(&["type"]), []);

    let stats = Stats::of(&corpus, &corpus.attributes(2), 2);
    assert_eq!(stats.attributes.len(), 5);
    let text = stats.text(3);
    assert!(text.contains("movement: 3 values; 3 classes"), "{text}");
    assert!(!text.contains("note: "), "{text}");
}
