//! Tables of facts about people.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::graph::FactsTable;
use crate::identities::Life;
use crate::people::table::reader;
use crate::people::{People, Person, PersonColumns, plain};
use crate::schema::{Fact, FactsOf, Schema};

/// What tables say about people.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    people: People,
    /// Of each person: the number of a fact in the schema, and what it says.
    said: Vec<Vec<(usize, String)>>,
    /// The person of each key.
    keys: HashMap<String, usize>,
    tables: Vec<FactsTable>,
    /// The rows that were passed over.
    pub skipped: Vec<SkippedFact>,
    /// The columns of each table that nothing is read from.
    pub unused: Vec<(PathBuf, Vec<String>)>,
}

/// A row of a table of facts that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SkippedFact {
    /// The table.
    pub path: PathBuf,
    /// The row; the header is row 1.
    pub row: u64,
    /// Why.
    pub reason: String,
}

/// A table with what its columns are.
struct Table {
    path: PathBuf,
    text: String,
    header: csv::StringRecord,
    columns: PersonColumns,
    key: Option<usize>,
    /// Columns with the number of their fact.
    facts: Vec<(usize, usize)>,
}

impl Facts {
    /// Reads CSV tables in UTF-8, whose columns the schema names. Rows of several tables
    /// with one key are about one person; who has no key is known by name.
    ///
    /// # Errors
    /// A file that cannot be read, a schema without `[facts]`, a table without names or
    /// keys, or without any fact.
    pub fn read(paths: &[PathBuf], schema: &Schema) -> Result<Self> {
        let about = schema.facts_of().ok_or(Error::NoFacts)?;
        let tables = paths.iter().map(|path| Table::open(path, about, schema));
        let mut tables: Vec<Table> = tables.collect::<Result<_>>()?;
        // Who has a name comes before what is said of keys.
        tables.sort_by_key(|table| table.columns.name.is_none());
        let mut facts = Self::default();
        for table in &tables {
            facts.add(table)?;
        }
        for said in &mut facts.said {
            let people = |fact: &Fact| fact.to == about.kind;
            let split = said.iter().flat_map(|(fact, cell)| {
                let values = match people(&schema.facts()[*fact]) {
                    true => people_in(cell, &facts.keys, &facts.people),
                    false => things_in(cell),
                };
                values.into_iter().map(move |value| (*fact, value))
            });
            *said = split.collect();
        }
        Ok(facts)
    }

    fn add(&mut self, table: &Table) -> Result<()> {
        let csv = |source| Error::Csv {
            path: table.path.clone(),
            source,
        };
        let known = self.people.len();
        let mut rows = reader(&table.text);
        for (record, row) in rows.records().zip(2..) {
            let record = record.map_err(csv)?;
            match self.person_of(table, &record, known) {
                Ok(person) => {
                    let cells = table.facts.iter().filter_map(|(column, fact)| {
                        let cell = record.get(*column).unwrap_or_default().trim();
                        (!cell.is_empty()).then(|| (*fact, cell.to_owned()))
                    });
                    self.said[person].extend(cells);
                }
                Err(reason) => self.skipped.push(SkippedFact {
                    path: table.path.clone(),
                    row,
                    reason,
                }),
            }
        }
        self.tables.push(table.record());
        self.unused.push((table.path.clone(), table.unused()));
        Ok(())
    }

    /// The person whom a row is about, who may be new; `known` people are of the tables
    /// before.
    fn person_of(
        &mut self,
        table: &Table,
        record: &csv::StringRecord,
        known: usize,
    ) -> std::result::Result<usize, String> {
        let key = table.key.and_then(|column| record.get(column));
        let key = key.map(str::trim).filter(|key| !key.is_empty());
        if let Some(person) = key.and_then(|key| self.keys.get(key)) {
            return Ok(*person);
        }
        if table.columns.name.is_none() {
            return Err(match key {
                Some(key) => format!("no table has a name for `{key}`"),
                None => "there is no key".to_owned(),
            });
        }
        let identities = table.columns.identities(record, None)?;
        let person = table.columns.person(record)?;
        let before = self.people.named([person.name.as_str()]);
        let place = match before[..] {
            [place] if place < known && key.is_none() => place,
            _ => {
                self.said.push(Vec::new());
                self.people.add(Person {
                    identities,
                    ..person
                })
            }
        };
        if let Some(key) = key {
            self.keys.insert(key.to_owned(), place);
        }
        Ok(place)
    }

    /// The number of people.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nothing is said of anybody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn people(&self) -> &People {
        &self.people
    }

    pub(super) fn tables(&self) -> &[FactsTable] {
        &self.tables
    }

    /// What is said of somebody: the number of a fact, and what it names.
    pub(super) fn said_of(&self, person: usize) -> &[(usize, String)] {
        &self.said[person]
    }

    /// When somebody lived, as far as it is known.
    pub(super) fn life(&self, person: usize) -> Option<Life> {
        let Person { birth, death, .. } = *self.people.get(person);
        (birth.is_some() || death.is_some()).then_some(Life { birth, death })
    }

    /// The one whom a key or a name stands for.
    pub(super) fn person(&self, value: &str) -> Option<usize> {
        one_of(value, &self.keys, &self.people)
    }
}

impl Table {
    fn open(path: &Path, about: &FactsOf, schema: &Schema) -> Result<Self> {
        let text = artkg_files::read_text(path)?;
        let header = reader(&text).headers().cloned();
        let header = header.map_err(|source| Error::Csv {
            path: path.to_path_buf(),
            source,
        })?;
        let names: Vec<String> = header.iter().map(plain).collect();
        let place = |wanted: &String| names.iter().position(|name| *name == plain(wanted));
        let columns = PersonColumns::of(&header);
        // Keys that only some tables have join nothing: the last of the usual ones is
        // the most telling.
        let key = about.keys.iter().rev().find_map(place);
        let facts = schema.facts().iter().zip(0..);
        let facts = facts.flat_map(|(fact, number)| {
            let columns = fact.columns.iter().filter_map(place);
            columns.map(move |column| (column, number))
        });
        let facts: Vec<(usize, usize)> = facts.collect();
        if columns.name.is_none() && key.is_none() {
            return Err(Error::FactsColumns {
                path: path.to_path_buf(),
                keys: about.keys.clone(),
                found: header.iter().map(str::to_owned).collect(),
            });
        }
        Ok(Self {
            path: path.to_path_buf(),
            columns: columns.without_ids(),
            header,
            key,
            facts,
            text,
        })
    }

    fn record(&self) -> FactsTable {
        let name = self.path.file_name().unwrap_or_default();
        FactsTable {
            file: name.to_string_lossy().into_owned(),
            checksum: format!("{:08x}", crc32fast::hash(self.text.as_bytes())),
        }
    }

    fn unused(&self) -> Vec<String> {
        let used: Vec<usize> = self
            .columns
            .used()
            .chain(self.key)
            .chain(self.facts.iter().map(|(column, _)| *column))
            .collect();
        let columns = self.header.iter().enumerate();
        columns
            .filter(|(column, _)| !used.contains(column))
            .map(|(_, name)| name.to_owned())
            .collect()
    }
}

/// Whether a value is an address within a site or the web rather than a name.
pub(super) fn is_key(value: &str) -> bool {
    value.starts_with('/') || value.contains("://")
}

fn one_of(value: &str, keys: &HashMap<String, usize>, people: &People) -> Option<usize> {
    if let Some(person) = keys.get(value) {
        return Some(*person);
    }
    match people.named([value])[..] {
        [person] => Some(person),
        _ => None,
    }
}

/// The keys or names in a cell. A comma separates, unless it is within a name that
/// somebody has.
fn people_in(cell: &str, keys: &HashMap<String, usize>, people: &People) -> Vec<String> {
    let parts = cell.split(['|', ';']).map(str::trim);
    let split = parts.flat_map(|part| match one_of(part, keys, people) {
        Some(_) => vec![part],
        None => part.split(',').map(str::trim).collect(),
    });
    let split = split.filter(|part| !part.is_empty());
    split.map(str::to_owned).collect()
}

/// The things in a cell; of an address its last part is the name.
fn things_in(cell: &str) -> Vec<String> {
    let parts = cell.split(['|', ';', ',']).map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    let named = parts.map(|part| match is_key(part) {
        true => {
            let last = part.trim_end_matches('/').rsplit('/').next();
            last.unwrap_or(part).replace('-', " ")
        }
        false => part.to_owned(),
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_hold_several_people_or_things() {
        let mut people = People::default();
        people.add(Person {
            name: "Gogh, Vincent van".into(),
            ..Person::default()
        });
        let keys = HashMap::from([("/en/paul-gauguin".to_owned(), 0)]);
        let names = |cell| people_in(cell, &keys, &people);
        assert_eq!(names("Gogh, Vincent van"), ["Gogh, Vincent van"]);
        assert_eq!(names("/en/a,/en/b"), ["/en/a", "/en/b"]);
        assert_eq!(
            names("A|Gogh, Vincent van; B"),
            ["A", "Gogh, Vincent van", "B"]
        );
        assert_eq!(
            things_in("Tang (618–907),/en/schools/school-of-paris"),
            ["Tang (618–907)", "school of paris"]
        );
    }
}
