use std::io::Write;
use std::path::{Path, PathBuf};

use artkg_files::table::{Cells, TableWriter};
use artkg_files::{Writer, meta_path};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::origin::{Given, Origin};
use crate::tag_writer::TagWriter;
use crate::tags::{Tag, Tags};

/// A header, then one row an image; the origin is in a file beside it.
///
/// The columns are `image`, `id` where the artworks are known, and for each task
/// `author`, `author_confidence`, `author_withheld` where tags may be withheld,
/// `author_2`, `author_2_confidence` and so on. `author` is empty where the model was
/// not sure enough; `author_withheld` then names the most probable class, whose
/// confidence is in `author_confidence`. The last column, `review`, says whether a
/// person has seen the tags.
pub(crate) struct CsvFile {
    pub(crate) cells: Cells,
}

/// What the file beside it says.
#[derive(Serialize, Deserialize)]
struct Meta<Origin> {
    /// The name of the tag file.
    tags: String,
    /// Its rows.
    images: usize,
    origin: Origin,
}

impl TagWriter for CsvFile {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn companions(&self, target: &Path) -> Vec<PathBuf> {
        vec![meta_path(target)]
    }

    fn write(
        &self,
        target: &Path,
        origin: &Origin,
        tags: &mut dyn Iterator<Item = Result<Tags>>,
        writer: &mut Writer,
    ) -> Result<()> {
        let failed = |source| artkg_files::Error::new("write", target, source);
        let mut table = TableWriter::with(&mut *writer, self.cells);
        table.row(header(origin)).map_err(failed)?;
        let mut images = 0;
        for tags in tags {
            let row = row(&tags?, origin);
            table.row(row).map_err(failed)?;
            images += 1;
        }
        table.flush().map_err(failed)?;
        drop(table);
        writer.flush().map_err(failed)?;
        let name = target.file_name().unwrap_or_default();
        let meta = Meta {
            tags: artkg_files::exact_name(Path::new(name)),
            images,
            origin,
        };
        let mut json = serde_json::to_vec_pretty(&meta).map_err(|error| failed(error.into()))?;
        json.push(b'\n');
        // The tag file takes its name right after this, and where that fails the
        // journal stays, so that the same command repairs it.
        Ok(artkg_files::write_bytes(&meta_path(target), &json)?)
    }
}

fn header(origin: &Origin) -> Vec<String> {
    let mut header = vec!["image".to_owned()];
    if origin.corpus.is_some() {
        header.push("id".to_owned());
    }
    for task in &origin.options.tasks {
        let name = &task.task;
        header.extend([name.clone(), format!("{name}_confidence")]);
        if task.given != Given::Always {
            header.push(format!("{name}_withheld"));
        }
        for rank in 2..=origin.options.top {
            header.push(format!("{name}_{rank}"));
            header.push(format!("{name}_{rank}_confidence"));
        }
    }
    header.push("review".to_owned());
    header
}

fn row(tags: &Tags, origin: &Origin) -> Vec<String> {
    let class = |tag: Option<&Tag>| tag.map(|tag| tag.class.clone()).unwrap_or_default();
    let confidence = |tag: Option<&Tag>| match tag {
        Some(tag) => format!("{:.4}", tag.confidence),
        None => String::new(),
    };
    let mut row = vec![tags.image.clone()];
    if origin.corpus.is_some() {
        row.push(tags.id.clone().unwrap_or_default());
    }
    for (task, settings) in tags.tags.iter().zip(&origin.options.tasks) {
        row.extend([class(task.given()), confidence(task.best())]);
        if settings.given != Given::Always {
            row.push(class(task.withheld()));
        }
        for place in 1..origin.options.top {
            let tag = task.alternatives().get(place - 1);
            row.extend([class(tag), confidence(tag)]);
        }
    }
    row.push(tags.review.name().to_owned());
    row
}

#[cfg(test)]
mod tests {
    use artkg_vocabulary::Attribute;

    use super::*;
    use crate::origin::tests::origin;
    use crate::tags::{Review, TaskTags};

    fn tags(confidence: f32, abstained: bool) -> Tags {
        let classes = [("Dutch", confidence), ("German", 0.125)];
        Tags {
            image: "a.jpg".into(),
            id: Some("17".into()),
            review: Review::None,
            tags: vec![TaskTags {
                task: Attribute::SCHOOL,
                abstained,
                classes: classes
                    .map(|(class, confidence)| Tag {
                        class: class.into(),
                        confidence,
                    })
                    .to_vec(),
            }],
        }
    }

    #[test]
    fn abstentions_are_marked_and_suggestions_kept() {
        let mut origin = origin("m", 3, Given::From(0.9));
        origin.corpus = Some("demo".into());
        assert_eq!(
            header(&origin).join(","),
            "image,id,school,school_confidence,school_withheld,school_2,school_2_confidence,\
             school_3,school_3_confidence,review"
        );
        assert_eq!(
            row(&tags(0.75, true), &origin).join(","),
            "a.jpg,17,,0.7500,Dutch,German,0.1250,,,none"
        );
        assert_eq!(
            row(&tags(0.95, false), &origin).join(","),
            "a.jpg,17,Dutch,0.9500,,German,0.1250,,,none"
        );
    }

    #[test]
    fn columns_that_say_nothing_are_not_there() {
        let origin = origin("m", 1, Given::Always);
        assert_eq!(
            header(&origin).join(","),
            "image,school,school_confidence,review"
        );
        assert_eq!(
            row(&tags(0.75, false), &origin).join(","),
            "a.jpg,Dutch,0.7500,none"
        );
    }
}
