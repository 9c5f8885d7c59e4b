//! People in tables: authority files and tables of facts.

mod columns;
pub(crate) mod evidence;
pub(crate) mod name;
pub(crate) mod table;

use std::collections::HashMap;

use artkg_corpus::Identity;
use hashbrown::HashSet;

use name::forms;

pub(crate) use columns::{PersonColumns, plain};

/// Somebody or something in a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) other_names: Vec<String>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) birth: Option<i32>,
    pub(crate) death: Option<i32>,
    pub(crate) nationalities: Vec<String>,
}

/// A row of a table that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SkippedRow {
    /// Its number; the header is row 1.
    pub row: u64,
    /// Why.
    pub reason: String,
}

/// The people of a table, found by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    people: Vec<Person>,
    /// The people of each form of a name.
    names: HashMap<String, Vec<usize>>,
}

impl People {
    /// The number of people.
    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    /// Adds somebody; returns their place.
    pub(crate) fn add(&mut self, person: Person) -> usize {
        let place = self.people.len();
        let names = std::iter::once(&person.name).chain(&person.other_names);
        for form in names.flat_map(|name| forms(name)) {
            let places = self.names.entry(form).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
        self.people.push(person);
        place
    }

    /// Somebody by their place.
    pub(crate) fn get(&self, place: usize) -> &Person {
        &self.people[place]
    }

    /// The places of those who have one of the names, however they are written; each
    /// once.
    pub(crate) fn named<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Vec<usize> {
        let mut seen = HashSet::new();
        names
            .into_iter()
            .flat_map(forms)
            .filter_map(|form| self.names.get(&form))
            .flatten()
            .copied()
            .filter(|place| seen.insert(*place))
            .collect()
    }
}
