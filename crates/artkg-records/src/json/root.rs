//! Where in JSON the records stand.

use super::survey::Survey;
use crate::flat::{LIST, Paths};

/// What lists of records are called where nothing says where they are.
const USUAL: [&str; 16] = [
    "objects",
    "artObjects",
    "artworks",
    "works",
    "records",
    "items",
    "data",
    "results",
    "documents",
    "docs",
    "rows",
    "entries",
    "hits.hits",
    "response.docs",
    "response.objects",
    "data.objects",
];

/// What says that a whole file, or a line, is one record.
const WHOLE: &str = ".";

/// Where the records stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// A line each.
    Lines,
    /// A value each, one after another; often one in a file.
    Values,
    /// In a list; the names of the objects around it.
    List(Vec<String>),
}

impl Root {
    /// The first of the wanted places that the files have; else lines, where there are
    /// some, the whole file's list, a list of a usual name, or the file itself.
    pub(super) fn of(survey: &Survey, wanted: &[String]) -> Self {
        if survey.is_lines {
            return Self::Lines;
        }
        let has = |list: &str| survey.lists.iter().any(|(known, _)| known == list);
        for place in wanted {
            if place == WHOLE {
                // A list is no record, whatever is in it.
                return match has(LIST) {
                    true => Self::list(LIST),
                    false => Self::Values,
                };
            }
            let list = with_list(place);
            if has(&list) {
                return Self::list(&list);
            }
        }
        if has(LIST) {
            return Self::list(LIST);
        }
        let mut usual = USUAL.iter().map(|place| with_list(place));
        match usual.find(|list| has(list)) {
            Some(list) => Self::list(&list),
            None => Self::Values,
        }
    }

    fn list(path: &str) -> Self {
        let path = path.strip_suffix(LIST).unwrap_or(path);
        let names = path.split('.').filter(|name| !name.is_empty());
        Self::List(names.map(str::to_owned).collect())
    }

    /// The path of the list.
    pub(super) fn path(&self) -> Option<String> {
        match self {
            Self::Lines | Self::Values => None,
            Self::List(names) => Some(with_list(&names.join("."))),
        }
    }

    /// The fields of its records.
    pub(super) fn fields(&self, survey: &Survey) -> Paths {
        match self.path() {
            Some(list) => survey.paths.below(&list),
            None => survey.paths.clone(),
        }
    }
}

fn with_list(place: &str) -> String {
    match place.ends_with(LIST) {
        true => place.to_owned(),
        false => format!("{place}{LIST}"),
    }
}
