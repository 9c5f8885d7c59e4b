use std::collections::HashMap;
use std::path::Path;

use crate::error::{Error, Result};

/// Addresses of classes in authority files such as AAT, ULAN and Wikidata.
#[derive(Clone, Debug, Default)]
pub struct Addresses(HashMap<(String, String), Vec<String>>);

impl Addresses {
    /// Reads a table with the columns `task`, `class` and `address`, a row an address.
    ///
    /// # Errors
    /// When it cannot be read or lacks a column.
    pub fn read(path: &Path) -> Result<Self> {
        let text = artkg_files::read_text(path)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut table = csv::Reader::from_reader(text.as_bytes());
        let row_failed = |row: usize| {
            move |error: csv::Error| Error::Row {
                path: path.to_path_buf(),
                row,
                fault: error.into(),
            }
        };
        let header = table.headers().map_err(row_failed(1))?.clone();
        let place = |column: &'static str| {
            let found = header.iter().position(|name| name.trim() == column);
            found.ok_or_else(|| Error::NoColumn {
                path: path.to_path_buf(),
                column,
            })
        };
        let places = [place("task")?, place("class")?, place("address")?];
        let mut addresses = Self::default();
        for (row, record) in table.records().enumerate() {
            let record = record.map_err(row_failed(row + 2))?;
            let [task, class, address] = places.map(|place| record[place].trim());
            if !address.is_empty() {
                addresses.add(task, class, address);
            }
        }
        Ok(addresses)
    }

    /// Adds an address of a class.
    pub fn add(&mut self, task: &str, class: &str, address: &str) {
        let known = self.0.entry((task.into(), class.into())).or_default();
        if !known.iter().any(|known| known == address) {
            known.push(address.into());
        }
    }

    /// Adds all of `others`, behind those that are here.
    pub fn extend(&mut self, others: Self) {
        for ((task, class), addresses) in others.0 {
            for address in addresses {
                self.add(&task, &class, &address);
            }
        }
    }

    /// The addresses of a class, in the order in which they were added.
    pub fn of(&self, task: &str, class: &str) -> &[String] {
        let addresses = self.0.get(&(task.to_owned(), class.to_owned()));
        addresses.map_or(&[], Vec::as_slice)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The authority file that an address leads into.
pub(crate) fn authority(address: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 6] = [
        ("vocab.getty.edu/aat/", "AAT"),
        ("vocab.getty.edu/ulan/", "ULAN"),
        ("vocab.getty.edu/page/ulan/", "ULAN"),
        ("wikidata.org/", "Wikidata"),
        ("viaf.org/", "VIAF"),
        ("d-nb.info/gnd/", "GND"),
    ];
    let found = KNOWN.iter().find(|(part, _)| address.contains(part));
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_classes_their_addresses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("addresses.csv");
        let text = "\u{feff}class,task,address\n\
                    Johannes Vermeer,author,http://vocab.getty.edu/ulan/500032927\n\
                    Johannes Vermeer,author,http://www.wikidata.org/entity/Q41264\n\
                    Johannes Vermeer,author,http://www.wikidata.org/entity/Q41264\n\
                    portrait,type,\n";
        artkg_files::write_bytes(&path, text.as_bytes()).unwrap();
        let addresses = Addresses::read(&path).unwrap();
        let found = addresses.of("author", "Johannes Vermeer");
        let names: Vec<_> = found.iter().map(|address| authority(address)).collect();
        assert_eq!(names, [Some("ULAN"), Some("Wikidata")]);
        assert!(addresses.of("type", "portrait").is_empty());
        artkg_files::write_bytes(&path, b"class,address\n").unwrap();
        assert!(matches!(
            Addresses::read(&path),
            Err(Error::NoColumn { column: "task", .. })
        ));
    }
}
