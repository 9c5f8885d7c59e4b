use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::event::{Event, Events};

/// A file of events, and their classes: one for all, or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClassFile {
    /// Where the classes come from.
    pub label: Label,
    /// The file.
    pub path: PathBuf,
}

/// Where the classes of a file's events come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// All events are of this class, such as `bb`.
    Class(String),
    /// A text file with the class of each event, one per line, in the order of
    /// the events, malformed ones too.
    List(PathBuf),
}

impl FromStr for ClassFile {
    type Err = Error;

    /// Reads `CLASS=FILE` or `@LIST=FILE`.
    fn from_str(text: &str) -> Result<Self> {
        let refused = || Error::ClassFile(text.to_owned());
        let (label, path) = text.split_once('=').ok_or_else(refused)?;
        let label = match label.strip_prefix('@') {
            Some(list) if !list.is_empty() => Label::List(PathBuf::from(list)),
            None if is_class(label) => Label::Class(label.to_owned()),
            _ => return Err(refused()),
        };
        match path.is_empty() {
            true => Err(refused()),
            false => Ok(Self {
                label,
                path: PathBuf::from(path),
            }),
        }
    }
}

impl TryFrom<String> for ClassFile {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<ClassFile> for String {
    fn from(file: ClassFile) -> Self {
        file.to_string()
    }
}

impl fmt::Display for ClassFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.label {
            Label::Class(class) => write!(f, "{class}={}", self.path.display()),
            Label::List(list) => write!(f, "@{}={}", list.display(), self.path.display()),
        }
    }
}

fn is_class(text: &str) -> bool {
    let allowed = |letter: char| letter.is_alphanumeric() || "_-+~".contains(letter);
    !text.is_empty() && text.chars().all(allowed)
}

impl ClassFile {
    /// The files that are read: the events, and the list of their classes.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let list = match &self.label {
            Label::List(list) => Some(list.as_path()),
            Label::Class(_) => None,
        };
        std::iter::once(self.path.as_path()).chain(list)
    }

    /// The classes that it names, in their order.
    fn classes(&self) -> Result<Vec<String>> {
        match &self.label {
            Label::Class(class) => Ok(vec![class.clone()]),
            Label::List(path) => read_list(path),
        }
    }

    /// The class of each of `events`, as numbers of `classes`; `started` events are
    /// in the file, malformed ones too.
    pub(crate) fn labels(
        &self,
        events: &Events,
        started: usize,
        classes: &[String],
    ) -> Result<Vec<u32>> {
        let place = |class: &str| {
            let place = classes.iter().position(|known| known == class);
            place
                .map(|place| place as u32)
                .ok_or_else(|| Error::UnknownClass {
                    path: self.path.clone(),
                    class: class.to_owned(),
                    classes: classes.to_vec(),
                })
        };
        match &self.label {
            Label::Class(class) => Ok(vec![place(class)?; events.len()]),
            Label::List(path) => {
                let list = read_list(path)?;
                if list.len() != started {
                    return Err(Error::ListLength {
                        list: path.clone(),
                        classes: list.len(),
                        path: self.path.clone(),
                        events: started,
                    });
                }
                let label = |event: Event<'_>| place(&list[event.number as usize]);
                events.iter().map(label).collect()
            }
        }
    }
}

/// One class a line; blank lines and comments after `#` do not count.
fn read_list(path: &Path) -> Result<Vec<String>> {
    let text = artkg_files::read_text(path)?;
    let mut classes = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let class = line.split('#').next().unwrap_or("").trim();
        if is_class(class) {
            classes.push(class.to_owned());
        } else if !class.is_empty() {
            return Err(Error::ClassName {
                path: path.to_path_buf(),
                line: index + 1,
                name: class.to_owned(),
            });
        }
    }
    Ok(classes)
}

/// The classes of `files` in the order in which they first appear.
///
/// # Errors
/// When a list cannot be read.
pub(crate) fn classes_of(files: &[ClassFile]) -> Result<Vec<String>> {
    let mut classes: Vec<String> = Vec::new();
    for file in files {
        for class in file.classes()? {
            if !classes.contains(&class) {
                classes.push(class);
            }
        }
    }
    Ok(classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_name_their_class_or_a_list() {
        for text in ["bb=events/bb.txt.gz", "@labels.txt=mixed=1.txt"] {
            let file: ClassFile = text.parse().unwrap();
            assert_eq!(file.to_string(), text);
        }
        for text in ["bb.txt", "=bb.txt", "bb=", "@=x", "b b=x"] {
            let error = text.parse::<ClassFile>().unwrap_err().to_string();
            assert!(error.contains("CLASS=FILE"), "{error}");
        }
    }

    #[test]
    fn lists_count_malformed_events_too() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("labels.txt");
        std::fs::write(&list, "bb\n# a comment\ncc\nbb # again\n").unwrap();
        let file = ClassFile {
            label: Label::List(list.clone()),
            path: "mixed.txt".into(),
        };
        let classes = classes_of(std::slice::from_ref(&file)).unwrap();
        assert_eq!(classes, ["bb", "cc"]);
        // The second event was malformed.
        let mut events = Events::default();
        events.close([0.0; 3], 1, 0);
        events.close([0.0; 3], 9, 2);
        assert_eq!(file.labels(&events, 3, &classes).unwrap(), [0, 0]);
        for started in [2, 4] {
            let error = file.labels(&events, started, &classes).unwrap_err();
            assert!(error.to_string().contains("lists 3 classes"), "{error}");
        }
        let error = file.labels(&events, 3, &["uds".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("the class bb"), "{error}");
        std::fs::write(&list, "b b\n").unwrap();
        let error = classes_of(&[file]).unwrap_err().to_string();
        assert!(error.contains("labels.txt:1"), "{error}");
    }
}
