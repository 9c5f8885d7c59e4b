//! Tables as museums export them.

use std::fs;
use std::io::Write;

use artkg_corpus::{ImportOptions, Mapping, ProblemKind, Split, import, silent};

use crate::pictures::{picture, save, scaled};
use crate::{imported, of_kind};

#[test]
fn a_museums_export() {
    let source = tempfile::tempdir().unwrap();
    let table = source.path().join("objects.csv");
    let text = "\u{feff}Inventory No.;Artist;Title;Date;Material;Split\r\n\
        7;Albrecht Dürer;\"Two lines,\r\none title\";c. 1502;oil;train\r\n\
        ;;;;;\r\n\
        8;unknown;\"He said \"\"no\"\"; so\";second half of 16th century;-;validation\r\n\
        9;Albrecht Du\u{308}rer;Third;17th century;ink;elsewhere\r\n";
    fs::write(&table, text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // No mapping named: the header tells.
    let imported = import(&[table], folder.path(), &ImportOptions::default(), &silent).unwrap();
    assert_eq!(imported.mapping, "table");
    assert_eq!(imported.tables[0].reading.delimiter, Some(';'));
    let artworks = &imported.corpus.artworks;
    assert_eq!(artworks.len(), 3);
    assert_eq!(artworks[0].cell("title"), Some("Two lines, one title"));
    assert_eq!(artworks[0].cell("timeframe"), Some("1501-1550"));
    assert_eq!(artworks[0].cell("technique"), Some("oil"));
    assert_eq!(artworks[0].split, Some(Split::Train));
    assert_eq!(artworks[1].cell("author"), None);
    assert_eq!(artworks[1].cell("technique"), None);
    assert_eq!(artworks[1].cell("title"), Some("He said \"no\"; so"));
    assert_eq!(artworks[1].cell("timeframe"), Some("1551-1600"));
    assert_eq!(artworks[1].split, Some(Split::Validation));
    assert_eq!(artworks[2].cell("author"), artworks[0].cell("author"));
    assert_eq!(artworks[2].cell("timeframe"), None);
    let unknown = of_kind(&imported.problems, ProblemKind::UnknownSplit);
    assert_eq!(unknown.len(), 1);
    // The blank row counts: it is row 3 of the spreadsheet.
    assert_eq!(
        (unknown[0].row, unknown[0].column.as_deref()),
        (Some(5), Some("Split"))
    );
}

#[test]
fn splits_are_drawn_anew_where_that_is_asked_for() {
    let source = tempfile::tempdir().unwrap();
    let table = source.path().join("objects.csv");
    let rows: Vec<String> = (0..20)
        .map(|id| format!("{id},Author {id},train"))
        .collect();
    fs::write(&table, format!("id,author,split\n{}\n", rows.join("\n"))).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let counts = |shares| {
        let options = ImportOptions {
            shares,
            ..ImportOptions::default()
        };
        let imported = import(
            std::slice::from_ref(&table),
            folder.path(),
            &options,
            &silent,
        )
        .unwrap();
        let given = imported.corpus.description.split.given;
        (
            Split::ALL.map(|split| imported.corpus.split(split).count()),
            given,
        )
    };
    assert_eq!(counts(None), ([20, 0, 0], true));
    assert_eq!(counts(Some([0.5, 0.25, 0.25])), ([10, 5, 5], false));
}

#[test]
fn a_mapping_of_ones_own() {
    let source = tempfile::tempdir().unwrap();
    let mapping = source.path().join("ours.toml");
    fs::write(
        &mapping,
        "name = 'ours'\ntitle = 'Our museum'\n\
         [table]\ndelimiter = '|'\nencoding = 'windows-1252'\n\
         [columns]\nid = 'NR'\nauthor = 'KUENSTLER'\nschool = 'LAND'\nmaterial = 'MAT'\n\
         [defaults]\ntype = 'painting'\n\
         [options]\nmissing = ['ohne']\n\
         [values.school]\nseparator = '/'\ncase = 'title'\nreplace = { NL = 'Dutch' }\n",
    )
    .unwrap();
    let table = source.path().join("export.txt.gz");
    let mut packed = flate2::write::GzEncoder::new(
        fs::File::create(&table).unwrap(),
        flate2::Compression::fast(),
    );
    packed
        .write_all(b"NR|KUENSTLER|LAND|MAT\n1|D\xfcrer|german / nl|\xd6l\n2|ohne||\n")
        .unwrap();
    packed.finish().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let options = ImportOptions {
        mapping: Some(Mapping::read(&mapping).unwrap()),
        columns: vec![("inventory".into(), "NR".into())],
        ..ImportOptions::default()
    };
    let imported = import(&[table], folder.path(), &options, &silent).unwrap();
    assert!(imported.problems.is_empty(), "{:?}", imported.problems);
    assert_eq!(imported.tables[0].reading.encoding, "windows-1252");
    let artworks = &imported.corpus.artworks;
    assert_eq!(artworks[0].cell("author"), Some("Dürer"));
    assert_eq!(
        artworks[0].values("school").collect::<Vec<_>>(),
        ["German", "Dutch"]
    );
    assert_eq!(artworks[0].cell("material"), Some("Öl"));
    assert_eq!(artworks[0].cell("inventory"), Some("1"));
    assert_eq!(artworks[0].cell("type"), Some("painting"));
    assert_eq!(artworks[1].cell("author"), None);
}

#[test]
fn copies_come_into_one_split() {
    let source = tempfile::tempdir().unwrap();
    let images = source.path().join("images");
    fs::create_dir(&images).unwrap();
    let mut table = "id,image,author,title\n".to_owned();
    for seed in 0..40 {
        let original = picture(seed, 160);
        save(&original, &images.join(format!("{seed}.png")));
        save(&scaled(&original), &images.join(format!("{seed}s.jpg")));
        table += &format!("{seed},{seed}.png,Author {seed},One\n");
        table += &format!("{seed}s,{seed}s.jpg,Another {seed},Two\n");
    }
    let path = source.path().join("works.csv");
    fs::write(&path, table).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let imported = imported("table", &[path], folder.path());
    let artworks = &imported.corpus.artworks;
    for pair in artworks.chunks(2) {
        assert_eq!(pair[0].split, pair[1].split, "{}", pair[0].id);
    }
    for split in Split::ALL {
        assert!(imported.corpus.split(split).count() >= 6, "{split}");
    }
}

#[test]
fn nothing_to_import() {
    let folder = tempfile::tempdir().unwrap();
    let message = |inputs: &[std::path::PathBuf]| {
        import(inputs, folder.path(), &ImportOptions::default(), &silent)
            .unwrap_err()
            .to_string()
    };
    assert!(message(&[folder.path().join("none.csv")]).contains("none.csv"));
    fs::write(folder.path().join("works.csv"), "").unwrap();
    assert!(message(&[folder.path().join("works.csv")]).contains("empty"));
    assert!(message(&[folder.path().to_path_buf()]).contains("works.csv"));
}

#[test]
fn a_column_that_was_asked_for_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("works.csv");
    fs::write(&table, "id,Makers\n1,Hals\n").unwrap();
    let options = ImportOptions {
        columns: vec![("author".into(), "Maker".into())],
        ..ImportOptions::default()
    };
    let message = import(&[table], folder.path(), &options, &silent)
        .unwrap_err()
        .to_string();
    assert!(message.contains("did you mean `Makers`?"), "{message}");
}
