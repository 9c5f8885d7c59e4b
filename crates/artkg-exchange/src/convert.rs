use std::path::{Path, PathBuf};

use artkg_tag::{TagWriter, Tags};

use crate::claims::LeftOut;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::reading::TagFile;

/// What a conversion did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// Images whose tags were written.
    pub images: usize,
    /// What the format had no place for.
    pub left_out: LeftOut,
}

impl Converted {
    /// Counts an image.
    pub fn add(&mut self, tags: &Tags, format: Format) {
        self.images += 1;
        self.left_out += LeftOut::of(tags, format.holds());
    }
}

/// Writes the tags of a file in another format.
///
/// # Errors
/// When `target`, or a file that is to lie beside it, is there and `overwrite` is not
/// given, when it is the tag file itself, or when something cannot be read or written.
pub fn convert(
    tags: &TagFile,
    target: &Path,
    format: Format,
    writer: &dyn TagWriter,
    overwrite: bool,
) -> Result<Converted> {
    let companions = writer.companions(target);
    let reads = [
        tags.path().to_path_buf(),
        artkg_tag::csv_meta_path(tags.path()),
    ];
    for path in companions.iter().map(PathBuf::as_path).chain([target]) {
        artkg_files::refuse_inputs(path, reads.iter().map(PathBuf::as_path))?;
        if path.exists() && !overwrite {
            return Err(artkg_files::Error::Exists(path.to_path_buf()).into());
        }
    }
    let mut converted = Converted::default();
    // The writer knows errors of tagging only; one of reading waits here.
    let mut fault = None;
    let mut records = tags.tags()?;
    let written = artkg_files::write_atomically(target, |file| {
        let mut next = std::iter::from_fn(|| match records.next()? {
            Ok(tags) => {
                converted.add(&tags, format);
                Some(Ok(tags))
            }
            Err(error) => {
                fault = Some(error);
                None
            }
        });
        writer.write(target, tags.origin(), &mut next, file)?;
        match &fault {
            // What is half there does not take the target's name.
            Some(_) => Err(artkg_tag::Error::from(artkg_files::Error::new(
                "write",
                target,
                std::io::Error::other("the tags end early"),
            ))),
            None => Ok(()),
        }
    });
    match (fault, written) {
        (Some(fault), _) => Err(fault),
        (None, written) => {
            written.map_err(Error::from)?;
            Ok(converted)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::examples::{origin, tags};
    use crate::layout::Layout;
    use crate::writer::writer;

    #[test]
    fn formats_become_each_other_and_losses_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let of = |format: Format| writer(format, &Arc::default(), Layout::default(), &[]);
        let first = of(Format::JsonLines).unwrap().unwrap();
        artkg_files::write_atomically(&path("tags.jsonl"), |file| {
            let mut tags = std::iter::once(Ok(tags()));
            first.write(&path("tags.jsonl"), &origin(), &mut tags, file)
        })
        .unwrap();
        let file = TagFile::open(&path("tags.jsonl")).unwrap();
        let csv = of(Format::Csv).unwrap().unwrap();
        let to =
            |target: &str, overwrite| convert(&file, &path(target), Format::Csv, &*csv, overwrite);
        assert_eq!(
            to("tags.csv", false).unwrap(),
            Converted {
                images: 1,
                left_out: LeftOut::default()
            }
        );
        assert!(matches!(
            to("tags.csv", false),
            Err(Error::File(artkg_files::Error::Exists(_)))
        ));
        assert!(to("tags.csv", true).is_ok());
        assert!(matches!(
            to("tags.jsonl", true),
            Err(Error::File(artkg_files::Error::IsInput(_)))
        ));
        let lido = of(Format::Lido).unwrap().unwrap();
        let table = TagFile::open(&path("tags.csv")).unwrap();
        let done = convert(&table, &path("lido.xml"), Format::Lido, &*lido, false).unwrap();
        assert_eq!(done.left_out.alternatives, 4);
        assert_eq!(done.left_out.withheld, 1);
        assert!(of(Format::Xmp).unwrap().is_none());

        // A file that ends in a faulty row leaves nothing.
        let text = artkg_files::read_text(&path("tags.jsonl")).unwrap();
        artkg_files::write_bytes(&path("bad.jsonl"), (text + "{\n").as_bytes()).unwrap();
        let bad = TagFile::open(&path("bad.jsonl")).unwrap();
        assert!(matches!(
            convert(&bad, &path("bad.csv"), Format::Csv, &*csv, false),
            Err(Error::Row { row: 3, .. })
        ));
        assert!(!path("bad.csv").exists());
    }
}
