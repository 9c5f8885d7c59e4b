//! The records of JSON, one after another.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::root::Root;
use super::scanner::Scanner;
use super::survey::Survey;
use crate::error::{Error, Result};
use crate::fault::Fault;
use crate::flat::Flat;
use crate::format::Format;
use crate::place::{Place, Unit};
use crate::reading::Reading;
use crate::stream::Stream;
use crate::values::Values;

/// Files of JSON that were looked through, and the record read last.
pub(crate) struct Reader {
    files: Vec<PathBuf>,
    root: Root,
    lists: Vec<String>,
    record: Flat,
    fault: Option<Fault>,
    /// The file that is being read.
    file: usize,
    scanner: Option<Scanner>,
    place: Place,
    bytes: Vec<u8>,
}

impl Reader {
    /// Reads files of which `survey` tells; `wanted` says where the records may stand.
    pub(crate) fn new(files: &[PathBuf], survey: &Survey, wanted: &[String]) -> Self {
        let root = Root::of(survey, wanted);
        Self {
            files: files.to_vec(),
            record: Flat::new(root.fields(survey)),
            lists: survey.lists.iter().map(|(list, _)| list.clone()).collect(),
            fault: None,
            file: 0,
            scanner: None,
            place: start(&root),
            bytes: Vec::new(),
            root,
        }
    }

    /// The bytes of the next record in this file; `false` where there is none.
    fn take(&mut self, scanner: &mut Scanner) -> Result<bool> {
        match &self.root {
            Root::Lines => loop {
                self.place.number = scanner.line();
                if !scanner.take_line(&mut self.bytes)? {
                    return Ok(false);
                }
                if !self.bytes.trim_ascii().is_empty() {
                    return Ok(true);
                }
            },
            Root::Values => {
                self.place.number += 1;
                return scanner.take_next(&mut self.bytes);
            }
            Root::List(_) => {
                if !scanner.goes_on(self.place.number == 0, b']')? {
                    return Ok(false);
                }
            }
        }
        self.place.number += 1;
        scanner.take(&mut self.bytes)?;
        Ok(true)
    }

    /// Opens the next file, up to its first record; `None` where there is none.
    fn open(&mut self) -> Result<Option<Scanner>> {
        let Some(path) = self.files.get(self.file) else {
            return Ok(None);
        };
        let mut scanner = Scanner::open(path)?;
        self.place = start(&self.root);
        if let Root::List(names) = &self.root
            && !enter(&mut scanner, names, &mut self.bytes)?
        {
            return Err(Error::NoRecords {
                path: path.clone(),
                found: self.lists.clone(),
            });
        }
        Ok(Some(scanner))
    }

    fn parse(&mut self) {
        self.fault = None;
        match serde_json::from_slice::<Value>(&self.bytes) {
            Ok(value @ Value::Object(_)) => self.record.fill(&value),
            Ok(_) => self.refuse("it is no object with members".to_owned()),
            Err(error) => self.refuse(self.what_is_wrong(&error)),
        }
    }

    /// The parser's error, with its place within the record.
    fn what_is_wrong(&self, error: &serde_json::Error) -> String {
        let (line, column) = (error.line(), error.column());
        let said = error.to_string();
        let said = match said.strip_suffix(&format!(" at line {line} column {column}")) {
            Some(said) => said,
            None => &said,
        };
        match (&self.root, line) {
            (Root::Lines, _) => format!("{said}, at column {column} of the line"),
            (_, 1) => format!("{said}, at column {column} of the record"),
            _ => format!("{said}, at line {line} of the record, column {column}"),
        }
    }

    fn refuse(&mut self, reason: String) {
        self.record.clear();
        self.fault = Some(Fault::Malformed { reason });
    }
}

/// Where counting begins.
fn start(root: &Root) -> Place {
    let unit = match root {
        Root::Lines => Unit::Line,
        Root::Values | Root::List(_) => Unit::Record,
    };
    Place { unit, number: 0 }
}

/// Goes to the first element of a list within objects of these names; `false` where the
/// file has no such list.
fn enter(scanner: &mut Scanner, names: &[String], bytes: &mut Vec<u8>) -> Result<bool> {
    let Some((wanted, names)) = names.split_first() else {
        return scanner.takes(b'[');
    };
    if !scanner.takes(b'{')? {
        return Ok(false);
    }
    let mut is_first = true;
    while scanner.goes_on(is_first, b'}')? {
        is_first = false;
        if scanner.key(bytes)? == *wanted {
            return enter(scanner, names, bytes);
        }
        scanner.pass()?;
    }
    Ok(false)
}

impl Stream for Reader {
    fn reading(&self) -> Reading {
        let format = match self.root {
            Root::Lines => Format::JsonLines,
            Root::Values | Root::List(_) => Format::Json,
        };
        Reading {
            has_more_fields: self.record.is_cut(),
            ..Reading::of(format, self.root.path())
        }
    }

    fn fields(&self) -> &[String] {
        self.record.fields()
    }

    fn advance(&mut self) -> Result<bool> {
        loop {
            let mut scanner = match self.scanner.take() {
                Some(scanner) => scanner,
                None => match self.open()? {
                    Some(scanner) => scanner,
                    None => return Ok(false),
                },
            };
            if self.take(&mut scanner)? {
                self.scanner = Some(scanner);
                self.parse();
                return Ok(true);
            }
            self.file += 1;
        }
    }

    fn path(&self) -> &Path {
        let last = self.files.len().saturating_sub(1);
        self.files
            .get(self.file.min(last))
            .map_or(Path::new(""), PathBuf::as_path)
    }

    fn place(&self) -> Place {
        self.place
    }

    fn fault(&self) -> Option<Fault> {
        self.fault.clone()
    }

    fn values(&self, field: usize) -> Values<'_> {
        self.record.values(field)
    }
}
