use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{ClassNamesFault, Error, Result};

/// The names of a classifier's classes, such as ImageNet's 1,000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassNames {
    /// For each class its names, joined by `, `.
    names: Vec<String>,
}

/// The usual layouts of a JSON file of labels.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a list of names, or an object of names by class number"
)]
enum Layout {
    /// `["tench", …]`
    List(Vec<Names>),
    /// `{"0": "tench", …}`
    Numbered(BTreeMap<String, Names>),
}

/// The names of one class.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a name or a list of names")]
enum Names {
    /// `"tench"`, `"great_white_shark"` or `"tench, Tinca tinca"`
    One(String),
    /// Several, or as Keras has it `["n01440764", "tench"]`
    Several(Vec<String>),
}

impl ClassNames {
    /// Reads a file of labels: JSON, a list or an object by class number; or text,
    /// one class per line. Underscores become spaces; a class may have several names,
    /// separated by commas or in a list; WordNet's numbers are left out.
    ///
    /// # Errors
    /// A file that cannot be read or has another layout, no class, a class
    /// without a name, or numbers with a gap.
    pub fn read(path: &Path) -> Result<Self> {
        let text = artkg_files::read_text(path)?;
        let invalid = |fault| Error::ClassNames {
            path: path.to_path_buf(),
            fault,
        };
        let is_json = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let classes = match is_json {
            true => json_classes(&text).map_err(invalid)?,
            false => text.lines().map(|line| vec![line.to_owned()]).collect(),
        };
        let names: Vec<String> = classes.iter().map(|names| clean(names)).collect();
        if let Some(class) = names.iter().position(String::is_empty) {
            return Err(invalid(ClassNamesFault::Unnamed(class)));
        }
        if names.is_empty() {
            return Err(invalid(ClassNamesFault::Empty));
        }
        Ok(Self { names })
    }

    /// The number of classes.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no class.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names of the `top` classes with the highest scores, the highest first,
    /// joined by `, `; `scores` has one for each class.
    pub fn caption(&self, scores: &[f32], top: usize) -> String {
        let mut classes: Vec<(f32, usize)> = scores.iter().copied().zip(0..).collect();
        classes.sort_unstable_by(|a, b| match b.0.total_cmp(&a.0) {
            Ordering::Equal => a.1.cmp(&b.1),
            order => order,
        });
        let names: Vec<&str> = classes
            .iter()
            .take(top)
            .map(|&(_, class)| self.names[class].as_str())
            .collect();
        names.join(", ")
    }
}

fn json_classes(text: &str) -> std::result::Result<Vec<Vec<String>>, ClassNamesFault> {
    let layout: Layout = serde_json::from_str(text).map_err(ClassNamesFault::Layout)?;
    let classes = match layout {
        Layout::List(classes) => classes,
        Layout::Numbered(classes) => {
            let mut numbered = classes
                .into_iter()
                .map(|(key, names)| match key.parse::<usize>() {
                    Ok(number) => Ok((number, names)),
                    Err(_) => Err(ClassNamesFault::Number(key)),
                })
                .collect::<std::result::Result<Vec<_>, _>>()?;
            numbered.sort_unstable_by_key(|(number, _)| *number);
            for (expected, (number, _)) in numbered.iter().enumerate() {
                if *number != expected {
                    return Err(ClassNamesFault::Missing(expected));
                }
            }
            numbered.into_iter().map(|(_, names)| names).collect()
        }
    };
    Ok(classes
        .into_iter()
        .map(|names| match names {
            Names::One(name) => vec![name],
            Names::Several(names) => names,
        })
        .collect())
}

/// The names as a caption has them.
fn clean(names: &[String]) -> String {
    let names: Vec<String> = names
        .iter()
        .filter(|name| !is_wordnet_number(name))
        .flat_map(|name| name.split(','))
        .map(|name| name.replace('_', " ").trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    names.join(", ")
}

/// `n01440764`
fn is_wordnet_number(name: &str) -> bool {
    name.strip_prefix('n')
        .is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<ClassNames> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        artkg_files::write_bytes(&path, text.as_bytes()).unwrap();
        ClassNames::read(&path)
    }

    #[test]
    fn all_usual_layouts_are_read() {
        let expected = ["tench, Tinca tinca", "great white shark"];
        for (name, text) in [
            ("a.json", r#"["tench, Tinca tinca", "great_white_shark"]"#),
            (
                "a.json",
                r#"{"1": "great white shark", "0": ["tench", "Tinca tinca"]}"#,
            ),
            (
                "a.JSON",
                r#"{"0": ["n01440764", "tench, Tinca tinca"], "1": ["n01484850", "great_white_shark"]}"#,
            ),
            ("a.txt", "tench, Tinca tinca\r\ngreat white shark\n"),
        ] {
            assert_eq!(read(name, text).unwrap().names, expected, "{text}");
        }
    }

    #[test]
    fn errors_name_the_class() {
        for (name, text, expected) in [
            (
                "a.json",
                "{\"0\": \"a\", \"2\": \"b\"}",
                "class 1 is missing",
            ),
            ("a.json", "{\"x\": \"a\"}", "`x` is no class number"),
            ("a.json", "[\"a\", \"_\"]", "class 1 has no name"),
            ("a.json", "[]", "no classes"),
            ("a.json", "7", "not a file of labels"),
            ("a.txt", "a\n\nb", "class 1 has no name"),
        ] {
            let message = read(name, text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn captions_name_the_most_probable_classes_first() {
        let names = read("a.txt", "a\nb\nc\nd\n").unwrap();
        let scores = [0.5, 2.0, 0.5, -1.0];
        assert_eq!(names.caption(&scores, 3), "b, a, c");
        assert_eq!(names.caption(&scores, 9), "b, a, c, d");
    }
}
