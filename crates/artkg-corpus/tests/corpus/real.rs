//! Real collections: SemArt, the shared paintings, WGA, Tate, Carnegie.

use artkg_corpus::{CheckOptions, Corpus, ProblemKind, Split, Stats, YearRange, check, silent};
use artkg_vocabulary::Attribute;

use crate::{imported, of_kind, shared};

#[test]
#[ignore = "needs real collections in ARTKG_SHARED"]
fn the_shared_paintings() {
    let source = shared("paintings");
    let folder = tempfile::tempdir().unwrap();
    let imported = imported("semart", &[source], folder.path());
    let tables: Vec<_> = imported
        .tables
        .iter()
        .map(|table| (table.rows, table.artworks, table.split.unwrap()))
        .collect();
    assert_eq!(
        tables,
        [
            (6578, 6578, Split::Train),
            (548, 548, Split::Validation),
            (794, 794, Split::Test),
        ]
    );
    assert_eq!(imported.images, Some(7920));
    assert!(imported.problems.is_empty(), "{:?}", imported.problems);
    imported.corpus.save().unwrap();

    let corpus = Corpus::open(folder.path()).unwrap();
    assert_eq!(corpus.artworks, imported.corpus.artworks);
    assert_eq!(corpus.description.counts.artworks, 7920);
    assert!(corpus.description.split.given);
    let sizes = Attribute::PAPER.map(|attribute| corpus.vocabulary(attribute, 10).len());
    assert_eq!(sizes, [15, 25, 9, 199]);
    let stats = Stats::of(&corpus, &corpus.attributes(10), 10);
    assert_eq!(stats.attributes[0].classes, 15);
    assert!(stats.text(5).contains("7,920 artworks"));
    assert!(stats.svg().unwrap().starts_with("<svg"));
    assert!(stats.page().unwrap().contains("Artworks by school"));

    let report = check(folder.path(), &CheckOptions::default(), &silent).unwrap();
    assert_eq!(report.decoded, 7920);
    let near = of_kind(&report.problems, ProblemKind::NearDuplicateAcrossSplits);
    assert_eq!(report.errors(), near.len(), "{:?}", report.problems);
    assert!(near.len() <= 3, "{near:?}");
}

#[test]
#[ignore = "needs real collections in ARTKG_SHARED"]
fn timeframes_from_dates_agree_with_semarts_own() {
    let source = shared("metadata/semart");
    let folder = tempfile::tempdir().unwrap();
    let tables = ["semart_val.csv", "semart_test.csv"].map(|name| source.join(name));
    let imported = imported("semart", &tables, folder.path());
    assert_eq!(imported.corpus.artworks.len(), 2 * 1069);
    let (mut compared, mut agreeing, mut consistent) = (0, 0, 0);
    let mut unreadable = Vec::new();
    for artwork in &imported.corpus.artworks {
        let (Some(date), Some(timeframe)) = (artwork.cell("date"), artwork.cell("timeframe"))
        else {
            continue;
        };
        let Some(range) = YearRange::parse(date) else {
            unreadable.push(date);
            continue;
        };
        let Some(derived) = range.timeframe() else {
            continue;
        };
        compared += 1;
        agreeing += usize::from(derived == timeframe);
        // SemArt's timeframe is that of the artist's activity; where it lies
        // wholly outside the work's date, no reading of the date can agree.
        let first: i32 = timeframe[..4].parse().unwrap();
        consistent += usize::from(range.from <= first + 49 && range.to >= first);
    }
    unreadable.sort_unstable();
    assert_eq!(unreadable, ["jan.00", "jún.02", "jún.04", "jún.04"]);
    let of_all = agreeing as f64 / compared as f64;
    let of_consistent = agreeing as f64 / consistent as f64;
    eprintln!(
        "timeframes: {agreeing} of {compared} agree ({of_all:.4}); \
         {of_consistent:.4} of the {consistent} that the date allows"
    );
    assert!(compared > 1850 && of_all > 0.85, "{agreeing} of {compared}");
    assert!(of_consistent > 0.96, "{agreeing} of {consistent}");
}

#[test]
#[ignore = "needs real collections in ARTKG_SHARED"]
fn the_semart_sample() {
    let source = shared("semart-sample");
    let folder = tempfile::tempdir().unwrap();
    let table = source.join("semart-sample.csv");
    let imported = imported("table", &[table], folder.path());
    assert_eq!(imported.corpus.artworks.len(), 113);
    assert_eq!(imported.images, Some(113));
    assert!(!imported.corpus.description.split.given);
    let horse = &imported.corpus.artworks[0];
    assert_eq!(horse.cell("title"), Some("Portrait of a Horse"));
    assert_eq!(horse.cell("author"), Some("AGASSE, Jacques-Laurent"));
    assert_eq!(horse.cell("image"), Some("00134-horse.jpg"));
    assert_eq!(horse.cell("width"), Some("292"));
    let unexpected: Vec<_> = imported
        .problems
        .iter()
        .filter(|problem| problem.kind != ProblemKind::UnreadableDate)
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    imported.corpus.save().unwrap();
    let report = check(folder.path(), &CheckOptions::default(), &silent).unwrap();
    assert_eq!(report.decoded, 113);
    // The split was drawn so that no copy lies across it.
    assert_eq!(report.errors(), 0, "{:?}", report.problems);
}

#[test]
#[ignore = "needs real collections in ARTKG_SHARED"]
fn the_web_gallery_of_art() {
    let source = shared("metadata/omniart_wga.csv.gz");
    let folder = tempfile::tempdir().unwrap();
    let imported = imported("wga", &[source], folder.path());
    assert_eq!(imported.tables[0].rows, 38_611);
    // 259 English works are listed twice, once in Yorkshire, once in Richmondshire.
    let repeated = of_kind(&imported.problems, ProblemKind::DuplicateId);
    assert_eq!(repeated.len(), 259);
    assert_eq!(imported.problems.len(), 259);
    assert!(repeated[0].message.contains("the same row"));
    let corpus = imported.corpus;
    assert_eq!(corpus.artworks.len(), 38_352);
    let caritas = &corpus.artworks[0];
    assert_eq!(caritas.cell("school"), Some("German"));
    assert_eq!(caritas.cell("timeframe"), Some("1501-1550"));
    assert_eq!(caritas.cell("type"), Some("painting"));
    assert_eq!(caritas.cell("century"), Some("16"));
    assert!(
        corpus
            .artworks
            .iter()
            .all(|artwork| artwork.timeframe.is_some())
    );
    let train = corpus.split(Split::Train).count();
    assert!((30_600..=30_760).contains(&train), "{train}");
    corpus.save().unwrap();
    assert_eq!(
        Corpus::open(folder.path()).unwrap().artworks,
        corpus.artworks
    );
}

#[test]
#[ignore = "needs real collections in ARTKG_SHARED"]
fn tate_and_carnegie() {
    for (source, file, rows, most_unreadable) in [
        ("tate", "tate_artworks.csv.gz", 69_202, 5),
        ("carnegie", "cmoa_artworks.csv.gz", 28_258, 20),
    ] {
        let table = shared(&format!("metadata/{file}"));
        let folder = tempfile::tempdir().unwrap();
        let imported = imported(source, &[table], folder.path());
        assert_eq!(imported.corpus.artworks.len(), rows, "{source}");
        let unreadable = of_kind(&imported.problems, ProblemKind::UnreadableDate);
        assert_eq!(imported.problems.len(), unreadable.len());
        assert!(unreadable.len() <= most_unreadable, "{unreadable:?}");
    }
}
