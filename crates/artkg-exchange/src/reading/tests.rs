use artkg_tag::{Tags, writer_for};

use super::*;
use crate::error::RowFault;
use crate::examples::{origin, tags};

/// A file with the tags of two images.
fn written(path: &Path) -> Vec<Tags> {
    let mut second = tags();
    second.image = "photos/=1+1.jpg".into();
    second.id = None;
    second.tags[3].abstained = true;
    let both = vec![tags(), second];
    let writer = writer_for(path).unwrap();
    artkg_files::write_atomically(path, |file| {
        let mut tags = both.iter().cloned().map(Ok);
        writer.write(path, &origin(), &mut tags, file)
    })
    .unwrap();
    both
}

#[test]
fn what_was_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["tags.csv", "tags.jsonl"] {
        let path = folder.path().join(name);
        let both = written(&path);
        let file = TagFile::open(&path).unwrap();
        assert_eq!(*file.origin(), origin());
        for _ in 0..2 {
            let read: Vec<Tags> = file.tags().unwrap().map(Result::unwrap).collect();
            // A table has four digits, which these confidences are rounded to.
            let rounded = |all: &[Tags]| -> Vec<Tags> {
                let mut all = all.to_vec();
                for tag in all.iter_mut().flat_map(|tags| &mut tags.tags) {
                    for class in &mut tag.classes {
                        class.confidence = (class.confidence * 1e3).round() / 1e3;
                    }
                }
                all
            };
            assert_eq!(rounded(&read), rounded(&both), "{name}");
        }
    }
}

#[test]
fn faults_are_named_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tags.csv");
    written(&path);
    let text = artkg_files::read_text(&path).unwrap();
    artkg_files::write_bytes(&path, text.replace("0.6250", "very").as_bytes()).unwrap();
    let file = TagFile::open(&path).unwrap();
    let Err(Error::Row { row: 2, fault, .. }) = file.tags().unwrap().next().unwrap() else {
        panic!("a word is no confidence");
    };
    assert!(matches!(
        fault,
        RowFault::Confidence { column, cell } if column == "author_confidence" && cell == "very"
    ));
    std::fs::remove_file(folder.path().join("tags.csv.meta.json")).unwrap();
    assert!(matches!(TagFile::open(&path), Err(Error::NoOrigin { .. })));
    for name in ["tags.lido", "tags"] {
        let path = folder.path().join(name);
        artkg_files::write_bytes(&path, b"").unwrap();
        assert!(matches!(TagFile::open(&path), Err(Error::NotRead(_))));
    }
}
