//! Tables that say more of a source's records.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::extended::{Extended, Further, Record};
use crate::fault::Fault;
use crate::flat::LIST;
use crate::place::Place;
use crate::stream::Stream;

/// Opens the table of a file's name; `None` where there is no such file.
pub(crate) type Opener<'a> = dyn Fn(&str) -> Result<Option<Box<dyn Stream>>> + 'a;

/// How a table is joined to a source's records.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The table's file, beside the source's first one.
    pub file: String,
    /// What its rows are called: their columns become the fields `NAME[].COLUMN`. A table
    /// may add columns to the rows of one before it, and then has the same name.
    pub name: String,
    /// The column that says which record, or which row of the one before, a row belongs to.
    pub key: String,
    /// The field that has the same value: one of the source's, or `NAME[].COLUMN`.
    pub on: String,
    /// The columns that are wanted.
    pub columns: Vec<String>,
    /// Rows that count: columns and the values that they may have there, in any case.
    #[serde(default, rename = "where")]
    pub filter: BTreeMap<String, Vec<String>>,
    /// The column by which the rows of a record are put in order, numbers as numbers.
    #[serde(default)]
    pub order: Option<String>,
    /// Whether a source may do without the table.
    #[serde(default)]
    pub optional: bool,
}

/// A record of a joined table that cannot be used.
#[derive(Clone, Debug)]
pub struct JoinFault {
    /// The table.
    pub path: PathBuf,
    /// Where it stands there.
    pub place: Place,
    /// What is wrong with it.
    pub fault: Fault,
}

/// A source's records with what joined tables say of them.
pub type Joined = Extended<Tables>;

/// The joined tables.
#[derive(Default)]
pub struct Tables {
    tables: Vec<Table>,
    faults: Vec<JoinFault>,
}

/// A table in memory: of each key the rows, of each row the wanted columns.
struct Table {
    on: usize,
    /// Whether it adds to the rows of a table before it.
    adds: bool,
    /// The fields that its wanted columns are.
    fields: Range<usize>,
    rows: HashMap<String, Vec<Vec<String>>>,
}

impl Joined {
    /// Reads the tables of `joins`, which `open` opens by their names; `None` where a table
    /// is not there.
    ///
    /// # Errors
    /// A table that is needed and is not there, one that cannot be read, or one without
    /// the columns that join it.
    pub fn open(base: Box<dyn Stream>, joins: &[Join], open: &Opener<'_>) -> Result<Self> {
        let mut record = Record::new(base);
        let mut tables = Tables::default();
        for join in joins {
            match open(&join.file)? {
                Some(stream) => tables.add(join, stream, &mut record)?,
                None if join.optional => {}
                None => {
                    return Err(Error::NoJoinedTable {
                        path: record.path().to_path_buf(),
                        file: join.file.clone(),
                    });
                }
            }
        }
        Ok(Self {
            record,
            further: tables,
        })
    }

    /// What could not be used of the joined tables.
    pub fn faults(&self) -> &[JoinFault] {
        &self.further.faults
    }
}

impl Tables {
    fn add(&mut self, join: &Join, mut stream: Box<dyn Stream>, record: &mut Record) -> Result<()> {
        let lacking = |column: &str, path: &Path| Error::NoJoinColumn {
            path: path.to_path_buf(),
            column: column.to_owned(),
        };
        let on = record.fields().iter().position(|field| *field == join.on);
        let on = on.ok_or_else(|| lacking(&join.on, record.path()))?;
        let place = |column: &str| stream.fields().iter().position(|field| field == column);
        let needed = |column: &String| place(column).ok_or_else(|| lacking(column, stream.path()));
        let key = needed(&join.key)?;
        let order = join.order.as_ref().map(needed).transpose()?;
        let columns: Vec<(usize, &String)> = join
            .columns
            .iter()
            .filter_map(|column| Some((place(column)?, column)))
            .collect();
        let mut filter = Vec::new();
        for (column, values) in &join.filter {
            filter.push((needed(column)?, values));
        }
        let first = record.fields().len();
        for (_, column) in &columns {
            record.add(format!("{}{LIST}.{column}", join.name));
        }
        let mut rows: HashMap<String, Vec<(Order, Vec<String>)>> = HashMap::new();
        while stream.advance()? {
            if let Some(fault) = stream.fault() {
                self.faults.push(JoinFault {
                    path: stream.path().to_path_buf(),
                    place: stream.place(),
                    fault,
                });
                continue;
            }
            let cell = |field: usize| -> String {
                let value = stream.values(field).next();
                value.map_or_else(String::new, |value| value.text.trim().to_owned())
            };
            let counts = filter.iter().all(|(field, values)| {
                let cell = cell(*field).to_lowercase();
                values.iter().any(|value| value.to_lowercase() == cell)
            });
            if !counts {
                continue;
            }
            let order = order.map_or_else(Order::default, |field| Order::of(&cell(field)));
            let row = columns.iter().map(|(field, _)| cell(*field)).collect();
            rows.entry(cell(key)).or_default().push((order, row));
        }
        let sorted = rows.into_iter().map(|(key, mut rows)| {
            // Stable: rows of one order stay as they stand in the table.
            rows.sort_by(|(left, _), (right, _)| left.cmp(right));
            (key, rows.into_iter().map(|(_, row)| row).collect())
        });
        self.tables.push(Table {
            on,
            adds: join.on.starts_with(&format!("{}{LIST}.", join.name)),
            fields: first..record.fields().len(),
            rows: sorted.collect(),
        });
        Ok(())
    }
}

impl Further for Tables {
    fn fill(&self, record: &mut Record) {
        for table in &self.tables {
            let keys: Vec<String> = record
                .values(table.on)
                .map(|value| value.text.trim().to_owned())
                .collect();
            for key in keys {
                let found = table.rows.get(&key).map_or(&[][..], Vec::as_slice);
                let rows = match (table.adds, found) {
                    // One row for each of the rows before, be it empty.
                    (true, []) => &[Vec::new()][..],
                    (true, [first, ..]) => std::slice::from_ref(first),
                    (false, rows) => rows,
                };
                for row in rows {
                    for (column, field) in table.fields.clone().enumerate() {
                        record.push(field, row.get(column).cloned().unwrap_or_default());
                    }
                }
            }
        }
    }
}

/// What rows are put in order by: numbers, then texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    is_text: bool,
    number: i64,
    text: String,
}

impl Order {
    fn of(cell: &str) -> Self {
        match cell.parse() {
            Ok(number) => Self {
                number,
                ..Self::default()
            },
            Err(_) => Self {
                is_text: true,
                number: 0,
                text: cell.to_owned(),
            },
        }
    }
}
