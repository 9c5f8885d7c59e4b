//! LIDO: an element a record, streamed, so that files of gigabytes need little memory.

mod identity;
mod record;

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::format::Format;
use crate::place::{Place, Unit};
use crate::reading::Reading;
use crate::stream::Stream;
use crate::values::Values;
use crate::xml::Elements;

/// The element that is a record.
const RECORD: &str = "lido";

/// Files of LIDO, and the record read last.
pub(crate) struct Reader {
    files: Vec<PathBuf>,
    /// The file that is being read.
    file: usize,
    elements: Option<Elements>,
    number: u64,
    record: Fields,
}

impl Reader {
    pub(crate) fn new(files: &[PathBuf]) -> Self {
        Self {
            files: files.to_vec(),
            file: 0,
            elements: None,
            number: 0,
            record: Fields::new(record::FIELDS),
        }
    }
}

impl Stream for Reader {
    fn reading(&self) -> Reading {
        Reading::of(Format::Lido, None)
    }

    fn fields(&self) -> &[String] {
        self.record.names()
    }

    fn advance(&mut self) -> Result<bool> {
        loop {
            let elements = match &mut self.elements {
                Some(elements) => elements,
                None => match self.files.get(self.file) {
                    Some(path) => self.elements.insert(Elements::open(path, RECORD)?),
                    None => return Ok(false),
                },
            };
            if let Some(element) = elements.next()? {
                self.number = elements.number();
                self.record.clear();
                record::read(&element, &mut self.record);
                return Ok(true);
            }
            self.elements = None;
            self.file += 1;
        }
    }

    fn path(&self) -> &Path {
        let last = self.files.len().saturating_sub(1);
        let file = self.files.get(self.file.min(last));
        file.map_or(Path::new(""), PathBuf::as_path)
    }

    fn place(&self) -> Place {
        Place {
            unit: Unit::Element,
            number: self.number,
        }
    }

    fn fault(&self) -> Option<Fault> {
        None
    }

    fn values(&self, field: usize) -> Values<'_> {
        self.record.values(field)
    }
}
