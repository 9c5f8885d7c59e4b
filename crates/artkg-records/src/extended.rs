//! A source's records with further fields.

use std::path::Path;

use crate::error::Result;
use crate::fault::Fault;
use crate::place::Place;
use crate::reading::Reading;
use crate::stream::Stream;
use crate::values::Values;

/// What fills the further fields of a record.
pub trait Further {
    /// Fills them; they are empty.
    fn fill(&self, record: &mut Record);
}

/// A source's records with fields that another thing fills.
pub struct Extended<F> {
    pub(crate) record: Record,
    pub(crate) further: F,
}

/// A record of a source, and the further fields behind its own.
pub struct Record {
    base: Box<dyn Stream>,
    fields: Vec<String>,
    /// Of the further fields.
    values: Vec<Vec<String>>,
}

impl Record {
    pub(crate) fn new(base: Box<dyn Stream>) -> Self {
        Self {
            fields: base.fields().to_vec(),
            base,
            values: Vec::new(),
        }
    }

    /// The file of the source.
    pub(crate) fn path(&self) -> &Path {
        self.base.path()
    }

    /// The names of all fields.
    pub(crate) fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Adds a field; gives its place among all.
    pub(crate) fn add(&mut self, name: String) -> usize {
        self.fields.push(name);
        self.values.push(Vec::new());
        self.fields.len() - 1
    }

    /// What the record has in any field.
    pub(crate) fn values(&self, field: usize) -> Values<'_> {
        match self.further(field) {
            Some(further) => Values::Several(self.values[further].iter()),
            None => self.base.values(field),
        }
    }

    /// Adds a value of a further field.
    pub(crate) fn push(&mut self, field: usize, value: String) {
        if let Some(further) = self.further(field) {
            self.values[further].push(value);
        }
    }

    /// The place of a field among the further ones.
    fn further(&self, field: usize) -> Option<usize> {
        field.checked_sub(self.fields.len() - self.values.len())
    }
}

impl<F: Further> Stream for Extended<F> {
    fn reading(&self) -> Reading {
        self.record.base.reading()
    }

    fn fields(&self) -> &[String] {
        self.record.fields()
    }

    fn advance(&mut self) -> Result<bool> {
        let is_there = self.record.base.advance()?;
        if is_there {
            self.record.values.iter_mut().for_each(Vec::clear);
            self.further.fill(&mut self.record);
        }
        Ok(is_there)
    }

    fn path(&self) -> &Path {
        self.record.path()
    }

    fn place(&self) -> Place {
        self.record.base.place()
    }

    fn fault(&self) -> Option<Fault> {
        self.record.base.fault()
    }

    fn values(&self, field: usize) -> Values<'_> {
        self.record.values(field)
    }

    fn has(&self, field: usize) -> bool {
        match self.record.further(field) {
            Some(_) => self.values(field).any(|value| !value.text.is_empty()),
            None => self.record.base.has(field),
        }
    }
}
