//! A record of a format whose fields are known beforehand.

use std::collections::HashMap;

use crate::text::without_zeros;
use crate::values::Values;

/// Fields and the values of a record in them.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    names: Vec<String>,
    places: HashMap<String, usize>,
    values: Vec<Vec<String>>,
}

impl Fields {
    pub(crate) fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let places = names.iter().cloned().zip(0..).collect();
        Self {
            values: vec![Vec::new(); names.len()],
            places,
            names,
        }
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn clear(&mut self) {
        self.values.iter_mut().for_each(Vec::clear);
    }

    /// Adds a value; what the fields do not name is passed over.
    pub(crate) fn push(&mut self, name: &str, value: impl Into<String>) {
        if let Some(place) = self.places.get(name) {
            self.values[*place].push(without_zeros(&value.into()).into_owned());
        }
    }

    pub(crate) fn values(&self, field: usize) -> Values<'_> {
        let values = self.values.get(field).map_or(&[][..], Vec::as_slice);
        Values::Several(values.iter())
    }
}
