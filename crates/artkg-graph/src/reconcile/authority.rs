//! A table of an authority file.

use std::collections::HashMap;
use std::path::Path;

use artkg_corpus::{Identity, YearRange};

use super::name::{folded, forms};
use super::table::reader;
use crate::error::{Error, Result};

/// The usual names of columns, without case, spaces and punctuation.
const NAME: &[&str] = &["name", "preferredname", "displayname", "label", "preflabel"];
const OTHER_NAMES: &[&str] = &[
    "othernames",
    "aliases",
    "altlabel",
    "alternatenames",
    "variants",
];
const ID: &[&str] = &["id", "identity", "address", "url", "uri", "iri", "number"];
const BIRTH: &[&str] = &[
    "birth",
    "birthdate",
    "birthyear",
    "born",
    "begin",
    "begindate",
];
const DEATH: &[&str] = &["death", "deathdate", "deathyear", "died", "end", "enddate"];
const NATIONALITY: &[&str] = &["nationality", "nationalities", "school", "culture"];

/// What separates several names or nationalities in a cell.
const SEPARATORS: [char; 2] = ['|', ';'];

/// Who an authority file knows.
#[derive(Clone, Debug)]
pub struct Authority {
    entries: Vec<Entry>,
    /// The entries of each form of a name.
    names: HashMap<String, Vec<usize>>,
    /// The rows that were passed over.
    pub skipped: Vec<SkippedRow>,
}

/// A row of an authority file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SkippedRow {
    /// Its number; the header is row 1.
    pub row: u64,
    /// Why.
    pub reason: String,
}

/// Somebody or something in an authority file.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) row: u64,
    pub(super) name: String,
    pub(super) identities: Vec<Identity>,
    pub(super) birth: Option<i32>,
    pub(super) death: Option<i32>,
    pub(super) nationalities: Vec<String>,
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
        let columns = Columns::of(&header);
        if columns.name.is_none() || columns.id.is_none() && columns.numbers.is_empty() {
            return Err(Error::AuthorityColumns {
                path: path.to_path_buf(),
                found: header.iter().map(str::to_owned).collect(),
            });
        }
        let mut authority = Self {
            entries: Vec::new(),
            names: HashMap::new(),
            skipped: Vec::new(),
        };
        for (record, row) in table.records().zip(2..) {
            match columns.entry(&record.map_err(csv)?, row, default) {
                Ok((entry, others)) => authority.add(entry, &others),
                Err(reason) => authority.skipped.push(SkippedRow { row, reason }),
            }
        }
        Ok(authority)
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn add(&mut self, entry: Entry, others: &[String]) {
        let place = self.entries.len();
        let names = std::iter::once(&entry.name).chain(others);
        for form in names.flat_map(|name| forms(name)) {
            let places = self.names.entry(form).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
        self.entries.push(entry);
    }

    /// The entries of a name, however it is written.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Entry> {
        let places = forms(name)
            .into_iter()
            .filter_map(|form| self.names.get(&form));
        places.flatten().map(|place| &self.entries[*place])
    }
}

/// Where the table has what.
struct Columns {
    name: Option<usize>,
    other_names: Option<usize>,
    id: Option<usize>,
    birth: Option<usize>,
    death: Option<usize>,
    nationality: Option<usize>,
    /// Columns of numbers, with the authority that gave them.
    numbers: Vec<(usize, String)>,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Self {
        let names: Vec<String> = header
            .iter()
            .map(|name| folded(name).replace(' ', ""))
            .collect();
        let find = |usual: &[&str]| {
            let mut usual = usual.iter();
            usual.find_map(|wanted| names.iter().position(|name| name == wanted))
        };
        let numbers = names.iter().enumerate().filter_map(|(place, name)| {
            let name = ["id", "url", "uri"]
                .iter()
                .find_map(|end| name.strip_suffix(end))
                .unwrap_or(name);
            Identity::is_authority(name).then(|| (place, name.to_owned()))
        });
        Self {
            name: find(NAME),
            other_names: find(OTHER_NAMES),
            id: find(ID),
            birth: find(BIRTH),
            death: find(DEATH),
            nationality: find(NATIONALITY),
            numbers: numbers.collect(),
        }
    }

    /// The entry of a row and its other names, or why there is none.
    fn entry(
        &self,
        record: &csv::StringRecord,
        row: u64,
        default: Option<&str>,
    ) -> std::result::Result<(Entry, Vec<String>), String> {
        let cell = |column: Option<usize>| {
            let cell = column
                .and_then(|column| record.get(column))
                .unwrap_or_default();
            cell.trim().to_owned()
        };
        let list = |column| {
            let cell = cell(column);
            let parts = cell.split(SEPARATORS).map(str::trim);
            parts
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let name = cell(self.name);
        if name.is_empty() {
            return Err("there is no name".to_owned());
        }
        let mut identities = Vec::new();
        let id = cell(self.id);
        if !id.is_empty() {
            let known = Identity::parse(&id)
                .or_else(|| Identity::of_authority(default?, &id))
                .ok_or_else(|| {
                    format!("`{id}` is no address and no number of a known authority")
                })?;
            identities.push(known);
        }
        for (column, authority) in &self.numbers {
            let number = cell(Some(*column));
            if number.is_empty() {
                continue;
            }
            let known = Identity::of_authority(authority, &number)
                .or_else(|| Identity::parse(&number))
                .ok_or_else(|| format!("`{number}` is no number of {authority}"))?;
            identities.push(known);
        }
        if identities.is_empty() {
            return Err("there is no identity".to_owned());
        }
        identities.sort_unstable();
        identities.dedup();
        let year = |column| YearRange::parse(&cell(column)).map(|years| (years.from, years.to));
        let entry = Entry {
            row,
            name,
            identities,
            birth: year(self.birth).map(|(from, _)| from),
            death: year(self.death).map(|(_, to)| to),
            nationalities: list(self.nationality),
        };
        Ok((entry, list(self.other_names)))
    }
}
