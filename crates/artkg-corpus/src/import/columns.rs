//! Which source column feeds which of ours.

use std::path::Path;

use artkg_records::Stream;

use super::loose_name::loose_name;
use super::part_names::is_part;
use super::resembles::UsualNames;
use crate::artwork::COLUMNS;
use crate::error::{Error, LackingColumn, Result};
use crate::mapping::{Extra, Mapping, Names};
use crate::problem::{Problem, ProblemKind};

/// One of our columns and the source columns that it is taken from.
pub(super) struct Column {
    pub(super) name: String,
    /// Indexes into the source's row; the first with a value counts, in a part all do.
    pub(super) sources: Vec<usize>,
    /// Whether it says more of another column's values.
    pub(super) is_part: bool,
}

/// The fields of a source.
pub(super) struct Fields<'a> {
    pub(super) names: &'a [String],
    /// Where in the file the records stand: paths from there and paths from the file's
    /// beginning mean the same.
    list: Option<String>,
    /// Whether they are a table's header, where one name must not come twice.
    is_header: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn of(stream: &'a dyn Stream) -> Self {
        let reading = stream.reading();
        Self {
            names: stream.fields(),
            list: reading.part,
            is_header: reading.delimiter.is_some(),
        }
    }

    /// Whether all of these are there, by their exact names.
    pub(super) fn has_all(&self, wanted: &[String]) -> bool {
        wanted.iter().all(|wanted| self.names.contains(wanted))
    }

    /// The places of what a mapping calls `wanted`. A list may be named without its `[]`.
    fn find(&self, path: &Path, wanted: &str, loose: bool) -> Result<Vec<usize>> {
        let within = self.list.as_ref().and_then(|list| {
            let below = wanted.strip_prefix(list.as_str())?;
            below.strip_prefix('.')
        });
        let wanted = within.unwrap_or(wanted);
        let matches = |name: &String| {
            if loose {
                loose_name(name) == loose_name(wanted)
            } else {
                name == wanted || !self.is_header && name.strip_suffix("[]") == Some(wanted)
            }
        };
        let found: Vec<usize> = (0..self.names.len())
            .filter(|index| matches(&self.names[*index]))
            .collect();
        match found.len() > 1 && self.is_header {
            true => Err(Error::RepeatedColumn {
                path: path.to_path_buf(),
                column: wanted.to_owned(),
            }),
            false => Ok(found),
        }
    }
}

/// Finds the mapping's columns among a source's fields.
///
/// A required column that is not there is an error; another one that the
/// mapping promises is a problem.
pub(super) fn resolve(
    mapping: &Mapping,
    path: &Path,
    fields: &Fields<'_>,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Column>> {
    let header = fields.names;
    let loose = mapping.options.loose_names;
    let mut columns = Vec::new();
    let mut lacking = Vec::new();
    for (name, names) in &mapping.columns {
        let mut sources = Vec::new();
        for wanted in names.as_slice() {
            for index in fields.find(path, wanted, loose)? {
                if !sources.contains(&index) {
                    sources.push(index);
                }
            }
        }
        if !sources.is_empty() {
            columns.push(Column {
                name: name.clone(),
                sources,
                is_part: is_part(name),
            });
        } else if mapping.options.required.contains(name) {
            lacking.push(names);
        } else if let Names::One(wanted) = names {
            let similar = similar(header, wanted);
            let hint =
                similar.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"));
            let message = format!("there is no column `{wanted}`, so {name} stays empty{hint}");
            problems
                .push(Problem::new(ProblemKind::MissingColumn, path, message).at(1, Some(wanted)));
        }
    }
    if !lacking.is_empty() {
        return Err(lacking_columns(path, header, &lacking));
    }
    let used = used(&columns, header.len());
    for (index, name) in header.iter().enumerate() {
        let wanted = match &mapping.options.extra {
            Extra::All(all) => *all && !used[index],
            Extra::Named(names) => names.contains(name),
        };
        let ours = extra_name(name);
        let taken =
            COLUMNS.contains(&ours.as_str()) || columns.iter().any(|column| column.name == ours);
        if wanted && !ours.is_empty() && !taken {
            columns.push(Column {
                name: ours,
                sources: vec![index],
                is_part: false,
            });
        }
    }
    Ok(columns)
}

/// Which of the source's columns are in the corpus already: those that are tried
/// first. What stands in for them in some rows only (`inventory number` beside
/// `object id`) may say something else in the others.
fn used(columns: &[Column], length: usize) -> Vec<bool> {
    let mut used = vec![false; length];
    for source in columns.iter().filter_map(|column| column.sources.first()) {
        used[*source] = true;
    }
    used
}

/// The source's columns that hold numbers of works: those that feed the id, and
/// others with a usual name of one.
pub(super) fn of_numbers(columns: &[Column], header: &[String], usual: &UsualNames) -> Vec<usize> {
    let id = columns.iter().find(|column| column.name == "id");
    let mut numbers = id.map_or_else(Vec::new, |column| column.sources.clone());
    for (index, name) in header.iter().enumerate() {
        if usual.has("id", name) && !usual.has("image", name) && !numbers.contains(&index) {
            numbers.push(index);
        }
    }
    numbers
}

fn lacking_columns(path: &Path, header: &[String], lacking: &[&Names]) -> Error {
    let lacking = lacking.iter().map(|names| LackingColumn {
        wanted: names.as_slice().to_vec(),
        similar: match names.as_slice() {
            [one] => similar(header, one).map(str::to_owned),
            _ => None,
        },
    });
    Error::LackingColumns {
        path: path.to_path_buf(),
        lacking: lacking.collect(),
        found: header.to_vec(),
    }
}

/// The column whose name is close to the wanted one, if any.
fn similar<'a>(header: &'a [String], wanted: &str) -> Option<&'a str> {
    let wanted = loose_name(wanted);
    header
        .iter()
        .map(|name| (strsim::jaro_winkler(&loose_name(name), &wanted), name))
        .filter(|(similarity, _)| *similarity > 0.85)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name.as_str())
}

/// `Place of creation` as a column's name: `place_of_creation`.
fn extra_name(name: &str) -> String {
    name.to_lowercase()
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn fields(names: &[String]) -> Fields<'_> {
        Fields {
            names,
            list: None,
            is_header: true,
        }
    }

    #[test]
    fn paths_from_the_file_and_from_its_list_mean_the_same() {
        let names = header(&["id", "makers[].name", "tags[]", "tags"]);
        let fields = Fields {
            names: &names,
            list: Some("objects[]".to_owned()),
            is_header: false,
        };
        let find = |wanted| fields.find(Path::new("o.json"), wanted, false).unwrap();
        assert_eq!(find("objects[].makers[].name"), [1]);
        assert_eq!(find("makers[].name"), [1]);
        assert_eq!(find("tags"), [2, 3]);
        assert!(find("records[].id").is_empty());
    }

    #[test]
    fn loose_names_and_extra_columns() {
        let mapping = Mapping::built_in("table").unwrap();
        let header = header(&["Inventory No.", "ARTIST", "Place of creation", "Image_File"]);
        let columns = resolve(
            &mapping,
            Path::new("t.csv"),
            &fields(&header),
            &mut Vec::new(),
        )
        .unwrap();
        let found: Vec<_> = columns
            .iter()
            .map(|column| (column.name.as_str(), column.sources.clone()))
            .collect();
        assert_eq!(
            found,
            [
                ("author", vec![1]),
                ("id", vec![0, 3]),
                ("image", vec![3]),
                ("place_of_creation", vec![2]),
            ]
        );
    }

    #[test]
    fn missing_columns_get_suggestions() {
        let mapping = Mapping::built_in("semart").unwrap();
        let path = Path::new("t.csv");
        let names = "IMAGEFILE DESCRIPTION AUTHORS TITLE TECHNIQUE DATE TYPE SCHOOL TIMEFRAME";
        let full: Vec<_> = names.split(' ').collect();
        let message = resolve(&mapping, path, &fields(&header(&full)), &mut Vec::new())
            .err()
            .unwrap()
            .to_string();
        for part in [
            "t.csv",
            "did you mean `IMAGEFILE`?",
            "did you mean `AUTHORS`?",
            "The table has: IMAGEFILE, DESCRIPTION",
        ] {
            assert!(message.contains(part), "{message}");
        }
        let mut problems = Vec::new();
        let fixed = names
            .replace("IMAGEFILE", "IMAGE_FILE")
            .replace("AUTHORS", "AUTHOR")
            .replace("TECHNIQUE", "TECNIQUE");
        let full: Vec<_> = fixed.split(' ').collect();
        resolve(&mapping, path, &fields(&header(&full)), &mut problems).unwrap();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].message.contains("did you mean `TECNIQUE`?"));
    }

    #[test]
    fn ambiguous_columns_are_refused() {
        let mapping = Mapping::built_in("table").unwrap();
        let header = header(&["id", "title", "Title"]);
        let message = resolve(
            &mapping,
            Path::new("t.csv"),
            &fields(&header),
            &mut Vec::new(),
        )
        .err()
        .unwrap()
        .to_string();
        assert!(message.contains("`title` twice"), "{message}");
    }
}
