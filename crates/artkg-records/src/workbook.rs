//! Workbooks of Excel (`.xlsx`, `.xlsb`, `.xls`) and OpenDocument (`.ods`).

mod cells;
mod guard;

use std::cell::OnceCell;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use calamine::{Ods, Reader as _, SheetType, SheetVisible, Sheets, Xls, Xlsb, Xlsx};

use crate::error::{Error, Result};
use crate::fault::Fault;
use crate::format::Format;
use crate::place::{Place, Unit};
use crate::reading::Reading;
use crate::sheet::Sheet;
use crate::stream::Stream;
use crate::values::Values;
use cells::Source;

/// A workbook and those of its sheets that were read.
pub(crate) struct Workbook {
    path: PathBuf,
    format: Format,
    sheets: Vec<(String, OnceCell<Rc<Sheet>>)>,
}

impl Workbook {
    /// Looks at which sheets there are; those that a person sees come first.
    pub(crate) fn open(path: &Path, format: Format) -> Result<Self> {
        let workbook = open(path, format)?;
        let mut sheets: Vec<_> = workbook
            .sheets_metadata()
            .iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .collect();
        sheets.sort_by_key(|sheet| sheet.visible != SheetVisible::Visible);
        let sheets = sheets
            .iter()
            .map(|sheet| (sheet.name.clone(), OnceCell::new()))
            .collect();
        Ok(Self {
            path: path.to_path_buf(),
            format,
            sheets,
        })
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// The rows of the sheet of a name, or else of the first that has rows.
    pub(crate) fn reader(&self, wanted: Option<&str>) -> Result<Reader> {
        if let Some(wanted) = wanted {
            let found = self.sheets.iter().find(|(name, _)| name == wanted);
            let Some((name, sheet)) = found else {
                return Err(Error::NoSheet {
                    path: self.path.clone(),
                    wanted: wanted.to_owned(),
                    found: self.sheets.iter().map(|(name, _)| name.clone()).collect(),
                });
            };
            return Ok(self.reader_of(name, self.load(name, sheet)?));
        }
        for (name, sheet) in &self.sheets {
            let sheet = self.load(name, sheet)?;
            if !sheet.rows.is_empty() {
                return Ok(self.reader_of(name, sheet));
            }
        }
        let path = self.path.clone();
        Err(Error::EmptyTable { path })
    }

    fn load(&self, name: &str, sheet: &OnceCell<Rc<Sheet>>) -> Result<Rc<Sheet>> {
        if let Some(sheet) = sheet.get() {
            return Ok(Rc::clone(sheet));
        }
        let rows = cells::rows(&self.path, &mut open(&self.path, self.format)?, name)?;
        let loaded = Rc::new(Sheet::new(rows));
        Ok(Rc::clone(sheet.get_or_init(|| loaded)))
    }

    fn reader_of(&self, name: &str, sheet: Rc<Sheet>) -> Reader {
        Reader {
            path: self.path.clone(),
            format: self.format,
            name: name.to_owned(),
            sheet,
            row: None,
        }
    }
}

/// Opens a workbook, unless it is one that grows without end.
fn open(path: &Path, format: Format) -> Result<Source> {
    guard::check(path)?;
    let file = || artkg_files::open(path).map(BufReader::new);
    match format {
        Format::OldExcel => Xls::new(file()?)
            .map(Sheets::Xls)
            .map_err(|error| broken(path, &error)),
        Format::OpenDocument => Ods::new(file()?)
            .map(Sheets::Ods)
            .map_err(|error| broken(path, &error)),
        _ => match Xlsx::new(file()?) {
            Ok(workbook) => Ok(Sheets::Xlsx(workbook)),
            // Of the binary kind the first error says nothing.
            Err(error) => match Xlsb::new(file()?) {
                Ok(workbook) => Ok(Sheets::Xlsb(workbook)),
                Err(_) => Err(broken(path, &error)),
            },
        },
    }
}

/// Says that a workbook cannot be read.
fn broken(path: &Path, error: &impl ToString) -> Error {
    Error::Workbook {
        path: path.to_path_buf(),
        reason: error.to_string(),
    }
}

/// The rows of a sheet, and the one read last.
pub(crate) struct Reader {
    path: PathBuf,
    format: Format,
    name: String,
    sheet: Rc<Sheet>,
    row: Option<usize>,
}

impl Reader {
    fn current(&self) -> Option<&(u64, Vec<String>)> {
        self.sheet.rows.get(self.row?)
    }
}

impl Stream for Reader {
    fn reading(&self) -> Reading {
        Reading::of(self.format, Some(self.name.clone()))
    }

    fn fields(&self) -> &[String] {
        &self.sheet.header
    }

    fn advance(&mut self) -> Result<bool> {
        self.row = Some(self.row.map_or(0, |row| row + 1));
        Ok(self.current().is_some())
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn place(&self) -> Place {
        Place {
            unit: Unit::Row,
            number: self.current().map_or(0, |(number, _)| *number),
        }
    }

    fn fault(&self) -> Option<Fault> {
        None
    }

    fn values(&self, field: usize) -> Values<'_> {
        match self.current().and_then(|(_, cells)| cells.get(field)) {
            Some(cell) => Values::one(cell),
            None => Values::One(None),
        }
    }
}
