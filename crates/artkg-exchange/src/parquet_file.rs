//! Parquet: one row an image, the classes of each task in a list, the origin in the
//! file's own metadata under [`ORIGIN`].

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use artkg_files::Writer;
use artkg_tag::{Origin, Review, Tag, TagWriter, Tags, TaskTags};
use artkg_vocabulary::Attribute;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, FloatType};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::record::{Field, Row};
use parquet::schema::types::{Type, TypePtr};

use crate::error::{Error, Result, RowFault};
use crate::tags_of::TagsOf;

/// The key of the origin, which is JSON.
const ORIGIN: &str = "artkg.origin";

/// Images of a row group, which is what memory holds.
const GROUP: usize = 20_000;

/// The writer of the format.
///
/// The columns are `image`, `id`, and for each task `author` (null where no tag is
/// given), `author_confidence` (of the most probable class), `author_withheld` (whether
/// that class was not sure enough), `author_classes` and `author_confidences` (lists,
/// the most probable first); then `review`, `model_fingerprint`, `artkg_version` and
/// `tagged`.
pub(crate) struct ParquetFile;

impl TagWriter for ParquetFile {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn write(
        &self,
        target: &Path,
        origin: &Origin,
        tags: &mut dyn Iterator<Item = artkg_tag::Result<Tags>>,
        writer: &mut Writer,
    ) -> artkg_tag::Result<()> {
        let failed = |error: ParquetError| {
            artkg_files::Error::new("write", target, std::io::Error::other(error))
        };
        let io_failed = |source| artkg_files::Error::new("write", target, source);
        let json = serde_json::to_string(origin).map_err(|error| io_failed(error.into()))?;
        let tasks: Vec<&str> = origin
            .options
            .tasks
            .iter()
            .map(|task| task.task.as_str())
            .collect();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("artkg {}", origin.artkg_version))
            .set_key_value_metadata(Some(vec![KeyValue::new(ORIGIN.to_owned(), json)]))
            .build();
        let schema = schema(&tasks).map_err(failed)?;
        let mut file = SerializedFileWriter::new(&mut *writer, schema, Arc::new(properties))
            .map_err(failed)?;
        loop {
            let group = (&mut *tags)
                .take(GROUP)
                .collect::<artkg_tag::Result<Vec<Tags>>>()?;
            if group.is_empty() {
                break;
            }
            let mut rows = file.next_row_group().map_err(failed)?;
            write_group(&mut rows, &group, &tasks, origin).map_err(failed)?;
            rows.close().map_err(failed)?;
        }
        file.close().map_err(failed)?;
        writer.flush().map_err(io_failed)?;
        Ok(())
    }
}

/// The columns.
fn schema(tasks: &[&str]) -> std::result::Result<TypePtr, ParquetError> {
    let plain = |name: &str, physical: Physical, repetition: Repetition| {
        let is_text = physical == Physical::BYTE_ARRAY;
        Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_logical_type(is_text.then_some(LogicalType::String))
            .build()
            .map(Arc::new)
    };
    let list = |name: &str, physical: Physical| {
        let element = plain("element", physical, Repetition::REQUIRED)?;
        let items = Type::group_type_builder("list")
            .with_repetition(Repetition::REPEATED)
            .with_fields(vec![element])
            .build()?;
        Type::group_type_builder(name)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::List))
            .with_fields(vec![Arc::new(items)])
            .build()
            .map(Arc::new)
    };
    let (text, optional) = (Physical::BYTE_ARRAY, Repetition::OPTIONAL);
    let mut fields = vec![
        plain("image", text, Repetition::REQUIRED)?,
        plain("id", text, optional)?,
    ];
    for task in tasks {
        fields.push(plain(task, text, optional)?);
        fields.push(plain(
            &format!("{task}_confidence"),
            Physical::FLOAT,
            optional,
        )?);
        fields.push(plain(
            &format!("{task}_withheld"),
            Physical::BOOLEAN,
            Repetition::REQUIRED,
        )?);
        fields.push(list(&format!("{task}_classes"), text)?);
        fields.push(list(&format!("{task}_confidences"), Physical::FLOAT)?);
    }
    for name in ["review", "model_fingerprint", "artkg_version", "tagged"] {
        fields.push(plain(name, text, Repetition::REQUIRED)?);
    }
    let schema = Type::group_type_builder("tags")
        .with_fields(fields)
        .build()?;
    Ok(Arc::new(schema))
}

/// Writes the columns of a group, in the order of [`schema`].
fn write_group<W: Write + Send>(
    rows: &mut SerializedRowGroupWriter<'_, W>,
    group: &[Tags],
    tasks: &[&str],
    origin: &Origin,
) -> std::result::Result<(), ParquetError> {
    let mut columns = Columns(rows);
    columns.texts(group.iter().map(|tags| Some(tags.image.as_str())), false)?;
    columns.texts(group.iter().map(|tags| tags.id.as_deref()), true)?;
    for place in 0..tasks.len() {
        let of_task: Vec<&TaskTags> = group.iter().map(|tags| &tags.tags[place]).collect();
        let task = || of_task.iter();
        columns.texts(
            task().map(|task| task.given().map(|tag| tag.class.as_str())),
            true,
        )?;
        columns.numbers(task().map(|task| task.best().map(|tag| tag.confidence)))?;
        columns.flags(task().map(|task| task.withheld().is_some()).collect())?;
        let classes = |tag: &Tag| ByteArray::from(tag.class.as_str());
        columns.lists::<ByteArrayType>(task().map(|task| &*task.classes), classes)?;
        columns.lists::<FloatType>(task().map(|task| &*task.classes), |tag| tag.confidence)?;
    }
    columns.texts(group.iter().map(|tags| Some(tags.review.name())), false)?;
    for value in [
        &origin.model.fingerprint,
        &origin.artkg_version,
        &origin.created,
    ] {
        columns.texts(group.iter().map(|_| Some(value.as_str())), false)?;
    }
    Ok(())
}

/// The columns of a row group that are still to be written.
struct Columns<'a, 'w, W: Write>(&'a mut SerializedRowGroupWriter<'w, W>);

impl<W: Write + Send> Columns<'_, '_, W> {
    fn write<T: parquet::data_type::DataType>(
        &mut self,
        values: &[T::T],
        definition: Option<&[i16]>,
        repetition: Option<&[i16]>,
    ) -> std::result::Result<(), ParquetError> {
        let column = self.0.next_column()?;
        let mut column =
            column.ok_or_else(|| ParquetError::General("more columns than the schema".into()))?;
        column
            .typed::<T>()
            .write_batch(values, definition, repetition)?;
        column.close()
    }

    fn texts<'t>(
        &mut self,
        texts: impl Iterator<Item = Option<&'t str>>,
        may_be_null: bool,
    ) -> std::result::Result<(), ParquetError> {
        let texts: Vec<Option<&str>> = texts.collect();
        let there: Vec<i16> = texts.iter().map(|text| i16::from(text.is_some())).collect();
        let values: Vec<ByteArray> = texts.into_iter().flatten().map(ByteArray::from).collect();
        self.write::<ByteArrayType>(&values, may_be_null.then_some(&there), None)
    }

    fn numbers(
        &mut self,
        numbers: impl Iterator<Item = Option<f32>>,
    ) -> std::result::Result<(), ParquetError> {
        let numbers: Vec<Option<f32>> = numbers.collect();
        let there: Vec<i16> = numbers
            .iter()
            .map(|number| i16::from(number.is_some()))
            .collect();
        let values: Vec<f32> = numbers.into_iter().flatten().collect();
        self.write::<FloatType>(&values, Some(&there), None)
    }

    fn flags(&mut self, flags: Vec<bool>) -> std::result::Result<(), ParquetError> {
        self.write::<BoolType>(&flags, None, None)
    }

    fn lists<'t, T: parquet::data_type::DataType>(
        &mut self,
        lists: impl Iterator<Item = &'t [Tag]>,
        value: impl Fn(&Tag) -> T::T,
    ) -> std::result::Result<(), ParquetError> {
        let (mut values, mut definition, mut repetition) = (Vec::new(), Vec::new(), Vec::new());
        for list in lists {
            if list.is_empty() {
                definition.push(0);
                repetition.push(0);
            }
            for (place, tag) in list.iter().enumerate() {
                values.push(value(tag));
                definition.push(1);
                repetition.push(i16::from(place > 0));
            }
        }
        self.write::<T>(&values, Some(&definition), Some(&repetition))
    }
}

fn open(path: &Path) -> Result<SerializedFileReader<std::fs::File>> {
    let (file, _) = artkg_files::open_regular(path)?;
    SerializedFileReader::new(file)
        .map_err(|error| artkg_files::Error::new("read", path, std::io::Error::other(error)).into())
}

/// The origin of a file's tags.
pub(crate) fn read_origin(path: &Path) -> Result<Origin> {
    let file = open(path)?;
    let metadata = file.metadata().file_metadata().key_value_metadata();
    let said = metadata
        .into_iter()
        .flatten()
        .find(|entry| entry.key == ORIGIN)
        .and_then(|entry| serde_json::from_str(entry.value.as_deref()?).ok());
    said.ok_or_else(|| Error::NoOrigin {
        path: path.to_path_buf(),
        origin: PathBuf::from(format!("the metadata {ORIGIN}")),
    })
}

/// The tags of a file.
pub(crate) fn read_tags<'a>(path: &Path, origin: &'a Origin) -> Result<TagsOf<'a>> {
    let rows = parquet::record::reader::RowIter::from_file_into(Box::new(open(path)?));
    let path = path.to_path_buf();
    let tags = rows.enumerate().map(move |(place, row)| {
        let row = row.map_err(|error| RowFault::Unreadable(error.to_string()));
        row.and_then(|row| read_row(row, origin))
            .map_err(|fault| Error::Row {
                path: path.clone(),
                row: place + 1,
                fault,
            })
    });
    Ok(Box::new(tags))
}

fn read_row(row: Row, origin: &Origin) -> std::result::Result<Tags, RowFault> {
    let columns = row.into_columns();
    let field = |name: &str| {
        let found = columns.iter().find(|(column, _)| column == name);
        found.map_or(&Field::Null, |(_, field)| field)
    };
    let text = |name: &str| match field(name) {
        Field::Str(text) => Ok(Some(text.clone())),
        Field::Null => Ok(None),
        _ => Err(RowFault::Type(name.to_owned())),
    };
    let list = |name: String| match field(&name) {
        Field::ListInternal(list) => Ok(list.elements()),
        _ => Err(RowFault::Type(name)),
    };
    let mut tags = Vec::new();
    for settings in &origin.options.tasks {
        let name = &settings.task;
        let classes = list(format!("{name}_classes"))?;
        let confidences = list(format!("{name}_confidences"))?;
        let classes = classes.iter().zip(confidences).map(|pair| match pair {
            (Field::Str(class), Field::Float(confidence)) => Ok(Tag {
                class: class.clone(),
                confidence: *confidence,
            }),
            _ => Err(RowFault::Type(format!("{name}_classes"))),
        });
        let task = name.parse::<Attribute>();
        tags.push(TaskTags {
            task: task.map_err(|error| RowFault::Unreadable(error.to_string()))?,
            abstained: text(name)?.is_none(),
            classes: classes.collect::<std::result::Result<_, _>>()?,
        });
    }
    let review = text("review")?.unwrap_or_default();
    Ok(Tags {
        image: text("image")?.ok_or_else(|| RowFault::Type("image".into()))?,
        id: text("id")?,
        review: Review::named(&review).ok_or(RowFault::Review(review))?,
        tags,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{origin, tags};
    use crate::reading::TagFile;

    #[test]
    fn tags_are_read_back_as_they_were() {
        let mut second = tags();
        second.id = None;
        second.review = Review::Seen;
        second.tags[0].classes.clear();
        second.tags[0].abstained = true;
        let both = [tags(), second];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.parquet");
        artkg_files::write_atomically(&path, |file| {
            let mut tags = both.iter().cloned().map(Ok);
            ParquetFile.write(&path, &origin(), &mut tags, file)
        })
        .unwrap();
        let file = TagFile::open(&path).unwrap();
        assert_eq!(*file.origin(), origin());
        let read: Vec<Tags> = file.tags().unwrap().map(Result::unwrap).collect();
        assert_eq!(read, both);
    }

    #[test]
    fn what_is_no_parquet_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.parquet");
        artkg_files::write_bytes(&path, b"PAR1 or not").unwrap();
        let message = TagFile::open(&path).unwrap_err().to_string();
        assert!(message.contains("tags.parquet"), "{message}");
    }
}
