use std::path::Path;

use artkg_files::table::read_cell;
use artkg_tag::{Given, Origin, Review, Tag, Tags, TaskTags, csv_meta_path};
use artkg_vocabulary::Attribute;
use serde::Deserialize;

use crate::error::{Error, Result, RowFault};
use crate::tags_of::TagsOf;

/// The file beside the table.
#[derive(Deserialize)]
struct Meta {
    origin: Origin,
}

pub(super) fn origin(path: &Path) -> Result<Origin> {
    let meta = csv_meta_path(path);
    let said = artkg_files::read_bytes(&meta).ok();
    let said = said.and_then(|bytes| serde_json::from_slice::<Meta>(&bytes).ok());
    said.map(|meta| meta.origin).ok_or_else(|| Error::NoOrigin {
        path: path.to_path_buf(),
        origin: meta,
    })
}

pub(super) fn tags<'a>(path: &Path, origin: &'a Origin) -> Result<TagsOf<'a>> {
    let path = path.to_path_buf();
    let mut table = csv::Reader::from_reader(artkg_files::open_regular(&path)?.0);
    let header = table.headers().map_err(|error| Error::Row {
        path: path.clone(),
        row: 1,
        fault: error.into(),
    })?;
    let columns = Columns::new(header, origin);
    let rows = table.into_records().enumerate().map(move |(place, row)| {
        let tags = row
            .map_err(RowFault::from)
            .and_then(|row| columns.tags(&row));
        tags.map_err(|fault| Error::Row {
            path: path.clone(),
            row: place + 2,
            fault,
        })
    });
    Ok(Box::new(rows))
}

/// Where the cells of a row are.
struct Columns<'a> {
    header: csv::StringRecord,
    origin: &'a Origin,
}

impl<'a> Columns<'a> {
    fn new(header: &csv::StringRecord, origin: &'a Origin) -> Self {
        Self {
            header: header.clone(),
            origin,
        }
    }

    fn cell<'r>(&self, row: &'r csv::StringRecord, column: &str) -> &'r str {
        let place = self.header.iter().position(|name| name == column);
        let cell = place.and_then(|place| row.get(place)).unwrap_or_default();
        read_cell(cell)
    }

    fn tag(
        &self,
        row: &csv::StringRecord,
        class: &str,
        column: &str,
    ) -> std::result::Result<Option<Tag>, RowFault> {
        if class.is_empty() {
            return Ok(None);
        }
        let cell = self.cell(row, column);
        match cell.parse::<f32>() {
            Ok(confidence) if (0.0..=1.0).contains(&confidence) => Ok(Some(Tag {
                class: class.to_owned(),
                confidence,
            })),
            _ => Err(RowFault::Confidence {
                column: column.to_owned(),
                cell: cell.to_owned(),
            }),
        }
    }

    fn tags(&self, row: &csv::StringRecord) -> std::result::Result<Tags, RowFault> {
        let mut tags = Vec::new();
        for settings in &self.origin.options.tasks {
            let name = &settings.task;
            let given = self.cell(row, name);
            let withheld = match settings.given {
                Given::Always => "",
                _ => self.cell(row, &format!("{name}_withheld")),
            };
            let abstained = given.is_empty();
            let first = if abstained { withheld } else { given };
            let mut classes = Vec::new();
            classes.extend(self.tag(row, first, &format!("{name}_confidence"))?);
            for rank in 2..=self.origin.options.top {
                let class = self.cell(row, &format!("{name}_{rank}"));
                classes.extend(self.tag(row, class, &format!("{name}_{rank}_confidence"))?);
            }
            let task = name.parse::<Attribute>();
            tags.push(TaskTags {
                task: task.map_err(|error| RowFault::Unreadable(error.to_string()))?,
                abstained,
                classes,
            });
        }
        let review = self.cell(row, "review");
        let review = match review {
            "" => Review::None,
            word => Review::named(word).ok_or_else(|| RowFault::Review(word.to_owned()))?,
        };
        Ok(Tags {
            image: self.cell(row, "image").to_owned(),
            id: Some(self.cell(row, "id"))
                .filter(|id| !id.is_empty())
                .map(str::to_owned),
            review,
            tags,
        })
    }
}
