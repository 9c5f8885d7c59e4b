//! The files of a source, whatever their format.

use std::path::{Path, PathBuf};

use crate::encoding;
use crate::error::{Error, Result};
use crate::foreign_format::Recognised;
use crate::format::Format;
use crate::iiif;
use crate::json;
use crate::lido;
use crate::parquet_rows;
use crate::rows::Rows;
use crate::stream::Stream;
use crate::table_format::TableFormat;
use crate::workbook::Workbook;

/// One or several files with the records of one source, recognised by their content and
/// looked through once.
pub struct Input {
    files: Vec<PathBuf>,
    content: Content,
}

/// What looking through the files has shown.
enum Content {
    Table(encoding::Survey),
    Json(json::Survey),
    Lido,
    /// The fields of the manifests.
    Iiif(Vec<String>),
    Workbook(Workbook),
    Parquet,
}

impl Content {
    fn of_json(files: &[PathBuf]) -> Result<Self> {
        let survey = json::Survey::of(files)?;
        Ok(match survey.has_context(iiif::CONTEXT) {
            true => Self::Iiif(iiif::fields(files)?),
            false => Self::Json(survey),
        })
    }
}

/// Whether several files of a format are one source.
fn together(format: Recognised) -> bool {
    matches!(format, Recognised::Json | Recognised::Lido)
}

impl Input {
    /// Looks through a file.
    ///
    /// # Errors
    /// A file that cannot be read, or whose format is not.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_all(vec![path.to_path_buf()])
    }

    /// Looks through files of one format that together are one source; a table is one by
    /// itself.
    ///
    /// # Errors
    /// A file that cannot be read, whose format is not, or that has another format than
    /// the first.
    pub fn open_all(files: Vec<PathBuf>) -> Result<Self> {
        let mut first: Option<Recognised> = None;
        for path in &files {
            let start = encoding::Survey::of_start(path)?.sample;
            let found = Recognised::of(&start);
            let path = path.clone();
            match (found, first) {
                (Recognised::Foreign(format), _) => return Err(Error::NotATable { path, format }),
                (found, Some(expected)) if found != expected || !together(found) => {
                    return Err(Error::MixedFormats { path });
                }
                _ => first = first.or(Some(found)),
            }
        }
        let content = match (first, files.as_slice()) {
            (None, _) | (_, []) => return Err(Error::NoFile),
            (Some(Recognised::Json), files) => Content::of_json(files)?,
            (Some(Recognised::Lido), _) => Content::Lido,
            (Some(Recognised::Workbook(format)), [path, ..]) => {
                Content::Workbook(Workbook::open(path, format)?)
            }
            (Some(Recognised::Parquet), _) => Content::Parquet,
            (Some(Recognised::Table | Recognised::Foreign(_)), [path, ..]) => {
                Content::Table(encoding::Survey::of(path)?)
            }
        };
        Ok(Self { files, content })
    }

    /// The files, in the order in which they are read.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The format of the files.
    pub fn format(&self) -> Format {
        match &self.content {
            Content::Table(_) => Format::Table,
            Content::Json(survey) => survey.format(),
            Content::Lido => Format::Lido,
            Content::Iiif(_) => Format::Iiif,
            Content::Workbook(workbook) => workbook.format(),
            Content::Parquet => Format::Parquet,
        }
    }

    /// The records, from the first on.
    ///
    /// # Errors
    /// A file that cannot be read, or that is not as `format` says.
    pub fn records(&self, format: &TableFormat) -> Result<Box<dyn Stream>> {
        Ok(match &self.content {
            Content::Table(survey) => Box::new(Rows::open(&self.files[0], survey, format)?),
            Content::Json(survey) => {
                Box::new(json::Reader::new(&self.files, survey, &format.records))
            }
            Content::Lido => Box::new(lido::Reader::new(&self.files)),
            Content::Iiif(fields) => Box::new(iiif::Reader::new(&self.files, fields)),
            Content::Workbook(workbook) => Box::new(workbook.reader(format.sheet.as_deref())?),
            Content::Parquet => Box::new(parquet_rows::Reader::open(&self.files[0])?),
        })
    }
}
