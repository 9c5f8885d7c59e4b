//! A table of an authority file.

use std::path::Path;

use crate::error::{Error, Result};
use crate::people::table::reader;
use crate::people::{People, Person, PersonColumns, SkippedRow};

/// Who an authority file knows.
#[derive(Clone, Debug)]
pub struct Authority {
    people: People,
    /// The rows that were passed over.
    pub skipped: Vec<SkippedRow>,
}

impl Authority {
    /// Reads a CSV table in UTF-8 with a name and an identity in each row: in a column
    /// `id` an address, `ulan:500115588` or a bare number of `default`, or numbers in
    /// columns called `ulan`, `wikidata`, `viaf` and so on. Columns for birth, death,
    /// nationality and other names may be there.
    ///
    /// # Errors
    /// A file that cannot be read, or one without these columns.
    pub fn read(path: &Path, default: Option<&str>) -> Result<Self> {
        let text = artkg_files::read_text(path)?;
        let csv = |source| Error::Csv {
            path: path.to_path_buf(),
            source,
        };
        let mut table = reader(&text);
        let header = table.headers().map_err(csv)?.clone();
        let columns = PersonColumns::of(&header);
        if columns.name.is_none() || !columns.has_identities() {
            return Err(Error::AuthorityColumns {
                path: path.to_path_buf(),
                found: header.iter().map(str::to_owned).collect(),
            });
        }
        let (mut people, mut skipped) = (People::default(), Vec::new());
        for (record, row) in table.records().zip(2..) {
            let record = record.map_err(csv)?;
            match person(&columns, &record, default) {
                Ok(person) => {
                    people.add(person);
                }
                Err(reason) => skipped.push(SkippedRow { row, reason }),
            }
        }
        Ok(Self { people, skipped })
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entries that have one of the names, however they are written.
    pub(super) fn named<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Vec<&Person> {
        let places = self.people.named(names).into_iter();
        places.map(|place| self.people.get(place)).collect()
    }
}

/// Somebody with at least one identity, or why there is nobody.
fn person(
    columns: &PersonColumns,
    record: &csv::StringRecord,
    default: Option<&str>,
) -> std::result::Result<Person, String> {
    let identities = columns.identities(record, default)?;
    let person = columns.person(record)?;
    match identities.is_empty() {
        true => Err("there is no identity".to_owned()),
        false => Ok(Person {
            identities,
            ..person
        }),
    }
}
