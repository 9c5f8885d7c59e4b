//! Fields that are made of others: an address of a number.

use std::path::Path;

use crate::error::Result;
use crate::fault::Fault;
use crate::place::Place;
use crate::reading::Reading;
use crate::stream::Stream;
use crate::values::Values;

/// A source's records with further fields, made by templates such as `ulan:{ulanid}`: the
/// values of the field in braces, with what stands around it. A field is called as its
/// template is written.
pub struct Derived {
    base: Box<dyn Stream>,
    fields: Vec<String>,
    made: Vec<Made>,
    values: Vec<Vec<String>>,
}

struct Made {
    before: String,
    field: usize,
    after: String,
}

impl Derived {
    /// Adds the templates whose field the source has.
    pub fn new<'a>(base: Box<dyn Stream>, templates: impl IntoIterator<Item = &'a str>) -> Self {
        let mut fields = base.fields().to_vec();
        let mut made = Vec::new();
        for template in templates {
            let Some((before, field, after)) = parts(template) else {
                continue;
            };
            let Some(field) = base.fields().iter().position(|known| known == field) else {
                continue;
            };
            if fields.iter().any(|known| known == template) {
                continue;
            }
            fields.push(template.to_owned());
            made.push(Made {
                before: before.to_owned(),
                field,
                after: after.to_owned(),
            });
        }
        Self {
            base,
            fields,
            values: vec![Vec::new(); made.len()],
            made,
        }
    }

    /// Whether a name is a template.
    pub fn is_template(name: &str) -> bool {
        parts(name).is_some()
    }
}

/// What stands before the field, the field, and what stands after it.
fn parts(template: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = template.split_once('{')?;
    let (field, after) = rest.split_once('}')?;
    Some((before, field, after))
}

impl Stream for Derived {
    fn reading(&self) -> Reading {
        self.base.reading()
    }

    fn fields(&self) -> &[String] {
        &self.fields
    }

    fn advance(&mut self) -> Result<bool> {
        if !self.base.advance()? {
            return Ok(false);
        }
        for (made, values) in self.made.iter().zip(&mut self.values) {
            values.clear();
            for value in self.base.values(made.field) {
                let text = value.text.trim();
                // What is missing stays so.
                values.push(match text.is_empty() {
                    true => String::new(),
                    false => format!("{}{text}{}", made.before, made.after),
                });
            }
        }
        Ok(true)
    }

    fn path(&self) -> &Path {
        self.base.path()
    }

    fn place(&self) -> Place {
        self.base.place()
    }

    fn fault(&self) -> Option<Fault> {
        self.base.fault()
    }

    fn values(&self, field: usize) -> Values<'_> {
        match field.checked_sub(self.base.fields().len()) {
            Some(made) => Values::Several(self.values[made].iter()),
            None => self.base.values(field),
        }
    }

    fn has(&self, field: usize) -> bool {
        match field < self.base.fields().len() {
            true => self.base.has(field),
            false => self.values(field).any(|value| !value.text.is_empty()),
        }
    }
}
