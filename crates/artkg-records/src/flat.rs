//! Nested values as fields with paths.

use std::collections::HashMap;

use serde_json::Value;

use crate::text::without_zeros;
use crate::values::Values;

/// What follows the name of a list in a path.
pub(crate) const LIST: &str = "[]";

/// The most fields that a source's records may have; what has more has data for names.
const MOST_FIELDS: usize = 4096;

/// The paths that a source's values stand at, in the order in which they were met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paths {
    names: Vec<String>,
    places: HashMap<String, usize>,
    /// Whether there were more than are kept.
    is_full: bool,
}

impl Paths {
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Notes a path.
    pub(crate) fn insert(&mut self, path: &str) {
        if self.places.contains_key(path) {
            return;
        }
        if self.names.len() == MOST_FIELDS {
            self.is_full = true;
            return;
        }
        self.places.insert(path.to_owned(), self.names.len());
        self.names.push(path.to_owned());
    }

    /// Notes the paths of all values in `value`, which stands at `path`.
    pub(crate) fn insert_all(&mut self, path: &mut String, value: &Value) {
        each(path, value, &mut |path, _| self.insert(path));
    }

    /// The paths below a list, without its own.
    pub(crate) fn below(&self, list: &str) -> Self {
        let mut below = Self {
            is_full: self.is_full,
            ..Self::default()
        };
        let list = format!("{list}.");
        for path in &self.names {
            if let Some(path) = path.strip_prefix(&list) {
                below.insert(path);
            }
        }
        below
    }
}

/// Calls `found` with each value that is no list or object.
fn each(path: &mut String, value: &Value, found: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let length = enter(path, name);
                each(path, value, found);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            let length = path.len();
            path.push_str(LIST);
            for item in items {
                each(path, item, found);
            }
            path.truncate(length);
        }
        _ => found(path, value),
    }
}

/// Adds a member's name to a path; the path's length before.
pub(crate) fn enter(path: &mut String, name: &str) -> usize {
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(&without_zeros(name));
    length
}

/// A record as fields: for each path its values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flat {
    paths: Paths,
    /// For each list the fields that its elements have once at most.
    lists: HashMap<String, Vec<usize>>,
    values: Vec<Vec<String>>,
}

impl Flat {
    pub(crate) fn new(paths: Paths) -> Self {
        let mut lists: HashMap<String, Vec<usize>> = HashMap::new();
        for (field, path) in paths.names.iter().enumerate() {
            if let Some(end) = path.rfind(LIST) {
                let list = &path[..end + LIST.len()];
                lists.entry(list.to_owned()).or_default().push(field);
            }
        }
        Self {
            values: vec![Vec::new(); paths.names.len()],
            paths,
            lists,
        }
    }

    pub(crate) fn fields(&self) -> &[String] {
        &self.paths.names
    }

    /// Whether there are more fields than are kept.
    pub(crate) fn is_cut(&self) -> bool {
        self.paths.is_full
    }

    pub(crate) fn values(&self, field: usize) -> Values<'_> {
        let values = self.values.get(field).map_or(&[][..], Vec::as_slice);
        Values::Several(values.iter())
    }

    pub(crate) fn clear(&mut self) {
        self.values.iter_mut().for_each(Vec::clear);
    }

    /// Takes a record in, instead of the one before.
    pub(crate) fn fill(&mut self, record: &Value) {
        self.clear();
        self.add(&mut String::new(), record);
    }

    fn add(&mut self, path: &mut String, value: &Value) {
        match value {
            Value::Null => {}
            Value::Object(members) => {
                for (name, value) in members {
                    let length = enter(path, name);
                    self.add(path, value);
                    path.truncate(length);
                }
            }
            Value::Array(items) => self.add_list(path, items),
            Value::String(text) => self.push(path, without_zeros(text).into_owned()),
            Value::Bool(_) | Value::Number(_) => self.push(path, value.to_string()),
        }
    }

    fn add_list(&mut self, path: &mut String, items: &[Value]) {
        let length = path.len();
        path.push_str(LIST);
        let own = self.lists.get(path.as_str()).cloned().unwrap_or_default();
        let before: Vec<usize> = own.iter().map(|field| self.values[*field].len()).collect();
        for (place, item) in items.iter().enumerate() {
            self.add(path, item);
            // What the element lacks is empty, so that its values stand side by side.
            for (field, before) in own.iter().zip(&before) {
                self.values[*field].resize_with(before + place + 1, String::new);
            }
        }
        path.truncate(length);
    }

    fn push(&mut self, path: &str, text: String) {
        if let Some(field) = self.paths.places.get(path) {
            self.values[*field].push(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_values_of_one_element_stand_side_by_side() {
        let record = json!({
            "id": 7, "open": true, "title": null, "size": {"height": 2.5},
            "makers": [
                {"name": "Hals", "role": "painter", "places": ["Haarlem", "Antwerp"]},
                {"role": "engraver"},
                {"name": "Goya"},
            ],
            "tags": ["a", null, "b"],
        });
        let mut paths = Paths::default();
        paths.insert_all(&mut String::new(), &record);
        let mut flat = Flat::new(paths);
        flat.fill(&record);
        let values = |path: &str| -> Vec<String> {
            let field = flat.fields().iter().position(|field| field == path);
            let values = flat.values(field.unwrap());
            values.map(|value| value.text.into_owned()).collect()
        };
        assert_eq!(values("id"), ["7"]);
        assert_eq!(values("open"), ["true"]);
        assert_eq!(values("size.height"), ["2.5"]);
        assert_eq!(values("makers[].name"), ["Hals", "", "Goya"]);
        assert_eq!(values("makers[].role"), ["painter", "engraver", ""]);
        assert_eq!(values("makers[].places[]"), ["Haarlem", "Antwerp"]);
        assert_eq!(values("tags[]"), ["a", "", "b"]);
        assert!(values("title").is_empty());
    }

    #[test]
    fn names_that_are_data_are_not_taken_without_end() {
        let mut paths = Paths::default();
        for number in 0..5000 {
            paths.insert(&number.to_string());
        }
        assert_eq!(paths.names().len(), MOST_FIELDS);
        assert!(paths.is_full);
    }
}
