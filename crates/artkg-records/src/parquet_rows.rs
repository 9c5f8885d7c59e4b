//! Parquet: columns, read row by row.

use std::path::{Path, PathBuf};

use parquet::basic::{ConvertedType, LogicalType};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::fault::Fault;
use crate::flat::{self, Flat, LIST, Paths};
use crate::format::Format;
use crate::place::Place;
use crate::reading::Reading;
use crate::stream::Stream;
use crate::values::Values;

/// Longer bytes are no text; pictures may lie in columns too.
const LONGEST_BYTES: usize = 1 << 16;

/// A Parquet file, and the row read last.
pub(crate) struct Reader {
    path: PathBuf,
    rows: RowIter<'static>,
    record: Flat,
    number: u64,
}

impl Reader {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let reader = SerializedFileReader::new(artkg_files::open(path)?)
            .map_err(|error| broken(path, 0, &error))?;
        let mut paths = Paths::default();
        let schema = reader.metadata().file_metadata().schema();
        for field in schema.get_fields() {
            note(field, &mut String::new(), &mut paths);
        }
        Ok(Self {
            path: path.to_path_buf(),
            rows: RowIter::from_file_into(Box::new(reader)),
            record: Flat::new(paths),
            number: 0,
        })
    }
}

fn broken(path: &Path, row: u64, error: &impl ToString) -> Error {
    Error::Parquet {
        path: path.to_path_buf(),
        row,
        reason: error.to_string(),
    }
}

/// Notes the paths of a column and those in it.
fn note(field: &Type, path: &mut String, paths: &mut Paths) {
    let length = flat::enter(path, field.name());
    note_content(field, path, paths);
    path.truncate(length);
}

fn note_content(field: &Type, path: &mut String, paths: &mut Paths) {
    if field.is_primitive() {
        paths.insert(path);
        return;
    }
    let info = field.get_basic_info();
    let is_list = matches!(info.logical_type_ref(), Some(LogicalType::List))
        || info.converted_type() == ConvertedType::LIST;
    // A list is a group of one repeated group of one element.
    let element = match field.get_fields() {
        [repeated] if is_list && repeated.is_group() => repeated.get_fields().first(),
        [repeated] if is_list => Some(repeated),
        _ => None,
    };
    let length = path.len();
    match element {
        Some(element) => {
            path.push_str(LIST);
            note_content(element, path, paths);
            path.truncate(length);
        }
        None => {
            for field in field.get_fields() {
                note(field, path, paths);
            }
        }
    }
}

fn object(row: &Row) -> Value {
    let members = row.get_column_iter();
    Value::Object(
        members
            .map(|(name, field)| (name.clone(), value(field)))
            .collect::<Map<_, _>>(),
    )
}

fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => Value::Bool(*value),
        Field::Str(text) => Value::String(text.clone()),
        Field::Bytes(bytes) => {
            let bytes = bytes.data();
            match std::str::from_utf8(bytes) {
                Ok(text) if bytes.len() <= LONGEST_BYTES => Value::String(text.to_owned()),
                _ => Value::Null,
            }
        }
        Field::Group(row) => object(row),
        Field::ListInternal(list) => Value::Array(list.elements().iter().map(value).collect()),
        Field::MapInternal(map) => {
            let entries = map.entries().iter();
            let members = entries.map(|(name, field)| (text(name), value(field)));
            Value::Object(members.collect())
        }
        Field::Double(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            // Years and numbers with gaps are stored as fractions by pandas.
            Value::from(*number as i64)
        }
        Field::Date(_) | Field::TimestampMillis(_) | Field::TimestampMicros(_) => {
            let moment = field.to_string();
            let date = moment.split(' ').next().unwrap_or_default();
            Value::String(
                match moment.contains(" 00:00:00") || !moment.contains(' ') {
                    true => date.to_owned(),
                    false => moment,
                },
            )
        }
        other => Value::String(text(other)),
    }
}

/// A single value as parquet writes it, without the quotes around texts.
fn text(field: &Field) -> String {
    match field {
        Field::Str(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Stream for Reader {
    fn reading(&self) -> Reading {
        Reading::of(Format::Parquet, None)
    }

    fn fields(&self) -> &[String] {
        self.record.fields()
    }

    fn advance(&mut self) -> Result<bool> {
        self.number += 1;
        match self.rows.next() {
            Some(Ok(row)) => {
                self.record.fill(&object(&row));
                Ok(true)
            }
            Some(Err(error)) => Err(broken(&self.path, self.number, &error)),
            None => Ok(false),
        }
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn place(&self) -> Place {
        Place::of_record(self.number)
    }

    fn fault(&self) -> Option<Fault> {
        None
    }

    fn values(&self, field: usize) -> Values<'_> {
        self.record.values(field)
    }
}
