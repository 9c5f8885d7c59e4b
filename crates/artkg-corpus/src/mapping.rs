//! Source mappings: how a foreign table becomes artworks, as data.

mod names;

use std::collections::BTreeMap;
use std::path::Path;

use artkg_records::{Join, TableFormat};
use serde::Deserialize;

use crate::artwork::Split;
use crate::error::{Error, Result};

pub use names::{Extra, Names};

/// How to read one source; a file of `corpus/sources/*.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The name of the source, to ask for it.
    pub name: String,
    /// The source's name for people.
    pub title: String,
    /// Where the source is published.
    #[serde(default)]
    pub source: String,
    /// The licence of records and images.
    #[serde(default)]
    pub licence: String,
    /// The shape of the tables, and where in other files the records stand.
    #[serde(default)]
    pub table: TableFormat,
    /// The names of tables and image folders.
    #[serde(default)]
    pub files: FileRules,
    /// Tables that say more of the works, in the order in which they are joined.
    #[serde(default, rename = "join")]
    pub joins: Vec<Join>,
    /// For each column of `artworks.csv` (or a further one) the source's
    /// columns; the first that a row has a value in counts.
    ///
    /// Some of ours say more of the values of another, in their order, and take all
    /// columns that are listed: `author_role`, `author_qualifier` (`attributed to`,
    /// `and workshop`) and `author_identity` of the makers, `subject_identity` of
    /// the subjects (any column may have an `_identity`), `identity` of the work.
    /// Values are told apart as those of the other column are, or by `|`.
    pub columns: BTreeMap<String, Names>,
    /// Everything that holds for all columns.
    #[serde(default)]
    pub options: MappingOptions,
    /// Values for cells that are missing, by column.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// How values are rewritten, by column.
    #[serde(default)]
    pub values: BTreeMap<String, ValueRules>,
}

/// The names that a source gives its files.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRules {
    /// The tables to look for when a folder is imported.
    #[serde(default)]
    pub names: Vec<String>,
    /// The image folders to look for beside the first table.
    #[serde(default)]
    pub images: Vec<String>,
    /// Words in a table's name that say which split it holds.
    #[serde(default)]
    pub splits: BTreeMap<Split, Vec<String>>,
}

/// Rules for all columns of a source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingOptions {
    /// Columns without which importing makes no sense.
    #[serde(default)]
    pub required: Vec<String>,
    /// What is written where nothing is known; compared without case. Empty
    /// cells are always missing.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Sets of source columns that tell the source: one of the sets has to be there for
    /// the mapping to be taken unasked. Without any, the required columns tell it.
    #[serde(default)]
    pub recognised_by: Vec<Vec<String>>,
    /// Source columns to keep as further columns.
    #[serde(default)]
    pub extra: Extra,
    /// Compare column names without case, spaces and punctuation.
    #[serde(default)]
    pub loose_names: bool,
    /// Give artworks without a timeframe the one of their date.
    #[serde(default = "yes")]
    pub derive_timeframe: bool,
}

impl Default for MappingOptions {
    fn default() -> Self {
        Self {
            required: Vec::new(),
            missing: Vec::new(),
            recognised_by: Vec::new(),
            extra: Extra::default(),
            loose_names: false,
            derive_timeframe: true,
        }
    }
}

/// How the values of one column are rewritten, in the order of the fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueRules {
    /// Whether values are HTML, where `&#39;` stands for an apostrophe.
    #[serde(default)]
    pub html: bool,
    /// What separates several values in one cell; they are joined by `|`.
    #[serde(default)]
    pub separator: Option<String>,
    /// Words before which no separator counts, without dots and in any case: `Inc` and `Jr`
    /// in `Kagan, Inc., John Herring, Jr.`.
    #[serde(default)]
    pub not_before: Vec<String>,
    /// Cut from the front of a value.
    #[serde(default)]
    pub remove_prefix: Option<String>,
    /// Cut from the end of a value.
    #[serde(default)]
    pub remove_suffix: Option<String>,
    /// Further values that mean missing; compared without case.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Whole values and what they become; compared without case.
    #[serde(default)]
    pub replace: BTreeMap<String, String>,
    /// The case of values that `replace` does not name.
    #[serde(default)]
    pub case: Case,
}

/// A change of letter case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// As it is.
    #[default]
    Keep,
    /// `still life`.
    Lower,
    /// `STILL LIFE`.
    Upper,
    /// `Still Life`.
    Title,
}

fn yes() -> bool {
    true
}

/// A mapping in the program: its name and text.
macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../corpus/sources/", $name, ".toml")))),*]
    };
}

/// The mappings in the program, the most particular first.
const BUILT_IN: [(&str, &str); 17] = built_in![
    "semart",
    "wga",
    "tate",
    "carnegie",
    "met",
    "moma",
    "nga",
    "cleveland",
    "artic",
    "rijksmuseum",
    "smk",
    "harvard",
    "vam",
    "wellcome",
    "iiif",
    "lido",
    "table",
];

impl Mapping {
    /// The names of the built-in mappings; `table`, which suits most, is last.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A built-in mapping.
    ///
    /// # Errors
    /// An unknown name, with the known ones.
    pub fn built_in(name: &str) -> Result<Self> {
        let (_, text) = BUILT_IN
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| Error::UnknownSource {
                name: name.to_owned(),
                known: Self::built_in_names().collect(),
            })?;
        Self::from_toml(text, Path::new(name))
    }

    /// Reads a mapping file.
    ///
    /// # Errors
    /// An unreadable file, or one that makes no sense, with the place.
    pub fn read(path: &Path) -> Result<Self> {
        Self::from_toml(&artkg_files::read_text(path)?, path)
    }

    /// Reads a mapping from its text; `path` is for messages.
    fn from_toml(text: &str, path: &Path) -> Result<Self> {
        let mapping: Self = toml::from_str(text).map_err(|source| Error::Toml {
            path: path.to_path_buf(),
            source,
        })?;
        mapping.validate(path)?;
        Ok(mapping)
    }

    fn validate(&self, path: &Path) -> Result<()> {
        self.table.delimiter_byte()?;
        self.table.encoding()?;
        if !self.columns.contains_key("id") {
            let path = path.to_path_buf();
            return Err(Error::MappingWithoutId { path });
        }
        if let Some(split) = self.defaults.get("split") {
            split.parse::<Split>()?;
        }
        let named = self
            .options
            .required
            .iter()
            .map(|column| ("required", column))
            .chain(self.values.keys().map(|column| ("[values]", column)));
        for (place, column) in named {
            let known = self.columns.contains_key(column) || self.defaults.contains_key(column);
            if !known {
                return Err(Error::UnmappedColumn {
                    path: path.to_path_buf(),
                    place,
                    column: column.clone(),
                });
            }
        }
        Ok(())
    }

    /// Takes one of our columns from another source column than the mapping says.
    pub(crate) fn set_column(&mut self, column: &str, source: &str) {
        self.columns
            .insert(column.to_owned(), Names::One(source.to_owned()));
    }

    /// The split that a table's name indicates.
    pub(crate) fn split_of(&self, path: &Path) -> Option<Split> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let words: Vec<&str> = name
            .split(|character: char| !character.is_alphanumeric())
            .collect();
        self.files
            .splits
            .iter()
            .find(|(_, markers)| {
                markers
                    .iter()
                    .any(|marker| words.contains(&marker.as_str()))
            })
            .map(|(split, _)| *split)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_mappings_are_sound() {
        for name in Mapping::built_in_names() {
            assert_eq!(Mapping::built_in(name).unwrap().name, name);
        }
        let message = Mapping::built_in("louvre").unwrap_err().to_string();
        assert!(message.contains("louvre") && message.contains("semart"));
    }

    #[test]
    fn table_names_tell_the_split() {
        let mapping = Mapping::built_in("semart").unwrap();
        for (name, split) in [
            ("a/semart_train.csv", Some(Split::Train)),
            ("SemArt-Val.csv.gz", Some(Split::Validation)),
            ("latest.csv", None),
            ("test.csv", Some(Split::Test)),
        ] {
            assert_eq!(mapping.split_of(Path::new(name)), split, "{name}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_place() {
        let good = "name='x'\ntitle='x'\n[table]\n[columns]\nid='A'\n";
        let path = Path::new("mine.toml");
        assert!(Mapping::from_toml(good, path).is_ok());
        for (from, to, says) in [
            ("id='A'", "title='A'", "`id`"),
            ("[table]", "[table]\nencoding='klingon'", "klingon"),
            ("[table]", "[table]\ndelimiter='ab'", "`ab`"),
            ("id='A'", "id='A'\n[values.school]\ncase='lower'", "school"),
            ("id='A'", "id='A'\n[option]", "option"),
            (
                "id='A'",
                "id=1",
                "expected a column's name or a list of names",
            ),
            ("id='A'", "id=['A', 2]", "expected a string"),
            (
                "id='A'",
                "id='A'\n[options]\nextra='all'",
                "expected true, false or a list of columns",
            ),
        ] {
            let message = Mapping::from_toml(&good.replace(from, to), path)
                .unwrap_err()
                .to_string();
            assert!(message.contains(says), "{message}");
        }
    }
}
