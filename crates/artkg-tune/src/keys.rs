//! Settings by dotted key: `training.optimiser.learning_rate`.

use std::collections::BTreeMap;

use artkg_files::Difference;
use toml::{Table, Value};

use crate::error::{Error, Result};
use crate::fault::KeyFault;

/// Sets the value at a dotted key; tables on the way are made where they are
/// missing, and a number stands for a place in a list.
///
/// # Errors
/// [`Error::Key`] where the way leads through something else.
pub fn set_key(table: &mut Table, key: &str, value: impl Into<Value>) -> Result<()> {
    let refuse = |fault| Error::Key {
        key: key.to_owned(),
        fault,
    };
    let mut parts: Vec<&str> = key.split('.').collect();
    let last = match parts.pop() {
        Some(last) if !last.is_empty() && parts.iter().all(|part| !part.is_empty()) => last,
        _ => return Err(refuse(KeyFault::Form)),
    };
    let Some((first, rest)) = parts.split_first() else {
        table.insert(last.to_owned(), value.into());
        return Ok(());
    };
    let empty = || Value::Table(Table::new());
    let mut place = table.entry(*first).or_insert_with(empty);
    for part in rest {
        place = match place {
            Value::Table(table) => table.entry(*part).or_insert_with(empty),
            Value::Array(list) => entry(list, part).map_err(refuse)?,
            _ => return Err(refuse(KeyFault::BelowValue((*part).to_owned()))),
        };
    }
    match place {
        Value::Table(table) => {
            table.insert(last.to_owned(), value.into());
        }
        Value::Array(list) => *entry(list, last).map_err(refuse)? = value.into(),
        _ => return Err(refuse(KeyFault::BelowValue(last.to_owned()))),
    }
    Ok(())
}

fn entry<'a>(list: &'a mut [Value], part: &str) -> Result<&'a mut Value, KeyFault> {
    let length = list.len();
    let entry = part
        .parse()
        .ok()
        .and_then(|place: usize| list.get_mut(place));
    entry.ok_or_else(|| KeyFault::Place {
        part: part.to_owned(),
        length,
    })
}

/// The dotted keys of all values, and the values as text.
pub fn flat_keys(table: &Table) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(inner) => keys.extend(
                flat_keys(inner)
                    .into_iter()
                    .map(|(rest, value)| (format!("{key}.{rest}"), value)),
            ),
            value => keys.push((key.clone(), value.to_string())),
        }
    }
    keys
}

/// Every setting that differs, by key.
pub fn differences(stored: &Table, new: &Table) -> Vec<Difference> {
    let flat = |table| flat_keys(table).into_iter().collect::<BTreeMap<_, _>>();
    let (stored, new) = (flat(stored), flat(new));
    let mut keys: Vec<&String> = stored.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .filter(|key| stored.get(*key) != new.get(*key))
        .map(|key| Difference {
            name: key.clone(),
            was: stored.get(key).cloned(),
            is: new.get(key).cloned(),
        })
        .collect()
}

/// The one key of `known` that `name` is the end of, or `name` itself where it
/// is none's end.
///
/// # Errors
/// [`Error::Key`] where several keys end like this.
pub fn full_key<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Result<String> {
    let end = format!(".{name}");
    let mut matching = Vec::new();
    for key in known {
        if key == name {
            return Ok(name.to_owned());
        }
        if key.ends_with(&end) {
            matching.push(key);
        }
    }
    match matching[..] {
        [] => Ok(name.to_owned()),
        [only] => Ok(only.to_owned()),
        _ => Err(Error::Key {
            key: name.to_owned(),
            fault: KeyFault::Ambiguous(matching.into_iter().map(str::to_owned).collect()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_reach_into_tables_and_lists() {
        let mut table: Table = "top = 1\nlist = [1, 2]\n[a.b]\nc = 1".parse().unwrap();
        for (key, value) in [("top", 2), ("a.b.c", 3), ("a.b.d", 4), ("new.deep.key", 5)] {
            set_key(&mut table, key, value).unwrap();
        }
        set_key(&mut table, "list.1", 6).unwrap();
        let text = "top = 2\nlist = [1, 6]\n[a.b]\nc = 3\nd = 4\n[new.deep]\nkey = 5";
        assert_eq!(table, text.parse().unwrap());
        for (key, expected) in [
            ("top.below", "below"),
            ("list.2", "no place in a list of 2"),
            ("list.1.a", "a is below"),
            ("a..b", "no key"),
            ("", "no key"),
        ] {
            let message = set_key(&mut table, key, 1).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn short_names_stand_for_the_only_key_that_ends_so() {
        let table: Table = "[a]\nrate = 1\nsize = 1\n[b]\nrate = 2".parse().unwrap();
        let keys = flat_keys(&table);
        let full = |name: &str| full_key(name, keys.iter().map(|(key, _)| key.as_str()));
        assert_eq!(full("size").unwrap(), "a.size");
        assert_eq!(full("a.rate").unwrap(), "a.rate");
        assert_eq!(full("ize").unwrap(), "ize");
        let message = full("rate").unwrap_err().to_string();
        assert!(message.contains("a.rate or b.rate"), "{message}");
    }
}
