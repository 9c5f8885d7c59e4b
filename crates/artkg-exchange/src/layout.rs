//! Layouts of columns, as data: which column has what.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};

/// The columns of a table for a collection system.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Its columns, in order.
    #[serde(rename = "column")]
    pub columns: Vec<Column>,
    /// What it is called.
    #[serde(skip)]
    pub name: String,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in the header. Where it has `{task}` in it, there is a column for each
    /// task of the model, next to those of the same task.
    pub name: String,
    /// What its cells say, with words in braces for what differs.
    pub value: String,
    /// The task without whose tag the cell is empty.
    #[serde(default)]
    pub with: Option<String>,
}

/// The layouts that are built in, which also lie in the crate's `layouts/`.
const BUILT_IN: [(&str, &str); 4] = [
    ("openrefine", include_str!("../layouts/openrefine.toml")),
    ("tms", include_str!("../layouts/tms.toml")),
    ("emu", include_str!("../layouts/emu.toml")),
    ("axiell", include_str!("../layouts/axiell.toml")),
];

impl Default for Layout {
    fn default() -> Self {
        let [(name, text), ..] = BUILT_IN;
        // A test reads all of them.
        Self::parsed(name, text).unwrap_or_else(|_| unreachable!("the layout is built in"))
    }
}

impl Layout {
    /// A layout by its name, or from a file.
    ///
    /// # Errors
    /// When there is none of the name and no such file, or it is no layout.
    pub fn find(name: &str) -> Result<Self> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Self::parsed(name, text);
        }
        let path = Path::new(name);
        if !path.exists() {
            return Err(Error::NoLayout {
                name: name.to_owned(),
                known: BUILT_IN.map(|(name, _)| name.to_owned()).to_vec(),
            });
        }
        Self::parsed(name, &artkg_files::read_text(path)?)
    }

    fn parsed(name: &str, text: &str) -> Result<Self> {
        let mut layout: Self = toml::from_str(text).map_err(|source| Error::Layout {
            path: PathBuf::from(name),
            source,
        })?;
        layout.name = name.to_owned();
        Ok(layout)
    }

    /// The columns for a model with these tasks: those with `{task}` in their name once
    /// for each, with what `{class}` and its kin stand for.
    pub(crate) fn columns_for<'a>(&'a self, tasks: &'a [String]) -> Vec<(&'a Column, &'a str)> {
        let is_of_tasks = |column: &Column| column.name.contains("{task}");
        let mut columns = Vec::new();
        for (place, column) in self.columns.iter().enumerate() {
            if !is_of_tasks(column) {
                columns.push((column, ""));
                continue;
            }
            // A run of such columns is repeated as a whole.
            if place > 0 && is_of_tasks(&self.columns[place - 1]) {
                continue;
            }
            let run = self.columns[place..].iter();
            let run: Vec<&Column> = run.take_while(|column| is_of_tasks(column)).collect();
            for task in tasks {
                columns.extend(run.iter().map(|column| (*column, task.as_str())));
            }
        }
        columns
    }

    /// # Errors
    /// When a cell asks for a word that no row has.
    pub(crate) fn check(&self, known: &[String]) -> Result<()> {
        for column in &self.columns {
            for word in words(&column.value) {
                if !known.iter().any(|known| known == word) {
                    return Err(Error::LayoutWord {
                        layout: self.name.clone(),
                        word: word.to_owned(),
                        known: known.to_vec(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The words in braces.
fn words(template: &str) -> impl Iterator<Item = &str> {
    let parts = template.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}').map(|(word, _)| word))
}

/// A template with its words replaced, once each and from left to right, so that what
/// stands in their place is never taken for a word.
pub(crate) fn filled(template: &str, words: &HashMap<String, String>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        match after.split_once('}') {
            Some((word, after)) => {
                text.push_str(words.get(word).map_or("", String::as_str));
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_layouts_are_layouts() {
        for (name, _) in BUILT_IN {
            let layout = Layout::find(name).unwrap();
            assert!(layout.columns.len() > 5, "{name}");
        }
        assert_eq!(Layout::default().name, "openrefine");
        let message = Layout::find("mimsy").unwrap_err().to_string();
        assert!(message.contains("mimsy") && message.contains("axiell"));
    }

    #[test]
    fn columns_of_tasks_are_repeated_task_by_task() {
        let tasks = ["type".to_owned(), "author".to_owned()];
        let layout = Layout::default();
        let columns = layout.columns_for(&tasks);
        let names: Vec<String> = columns
            .iter()
            .map(|(column, task)| column.name.replace("{task}", task))
            .collect();
        assert_eq!(
            names[2..9],
            [
                "title",
                "type",
                "type_confidence",
                "type_address",
                "author",
                "author_confidence",
                "author_address"
            ]
        );
    }

    #[test]
    fn a_layout_of_ones_own_is_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.toml");
        let text = "[[column]]\nname = \"a\"\nvalue = \"{painter}\"\n";
        artkg_files::write_bytes(&path, text.as_bytes()).unwrap();
        let layout = Layout::find(path.to_str().unwrap()).unwrap();
        let fault = layout.check(&["author".to_owned()]).unwrap_err();
        assert!(matches!(fault, Error::LayoutWord { word, .. } if word == "painter"));
        artkg_files::write_bytes(&path, b"[[column]]\nnom = \"a\"\n").unwrap();
        assert!(matches!(
            Layout::find(path.to_str().unwrap()),
            Err(Error::Layout { .. })
        ));
    }

    #[test]
    fn words_are_replaced_once() {
        let words = HashMap::from([("a".into(), "{b}".into()), ("b".into(), "x".into())]);
        assert_eq!(filled("{a} and {b}, {c}{", &words), "{b} and x, {");
    }
}
