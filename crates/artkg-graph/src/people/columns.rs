use artkg_corpus::{Identity, YearRange};

use super::Person;
use super::name::folded;

/// The usual names of columns, without case, spaces and punctuation.
const NAME: &[&str] = &[
    "name",
    "preferredname",
    "displayname",
    "label",
    "preflabel",
    "artist",
    "artistname",
    "title",
];
const OTHER_NAMES: &[&str] = &[
    "othernames",
    "aliases",
    "altlabel",
    "alternatenames",
    "variants",
];
const ID: &[&str] = &["id", "identity", "address", "url", "uri", "iri", "number"];
const BIRTH: &[&str] = &[
    "birth",
    "birthdate",
    "birthyear",
    "born",
    "begin",
    "begindate",
];
const DEATH: &[&str] = &["death", "deathdate", "deathyear", "died", "end", "enddate"];
/// Columns that hold birth and death: `1853 - 1890`.
const LIFE: &[&str] = &["life", "lifedates", "dates", "years", "year", "lived"];
const NATIONALITY: &[&str] = &[
    "nationality",
    "nationalities",
    "nation",
    "school",
    "culture",
];

/// What separates several names or nationalities in a cell.
const SEPARATORS: [char; 2] = ['|', ';'];

/// Where a table has what of a person.
pub(crate) struct PersonColumns {
    pub(crate) name: Option<usize>,
    other_names: Option<usize>,
    id: Option<usize>,
    birth: Option<usize>,
    death: Option<usize>,
    life: Option<usize>,
    nationality: Option<usize>,
    /// Columns of numbers, with the authority that gave them.
    numbers: Vec<(usize, String)>,
}

impl PersonColumns {
    pub(crate) fn of(header: &csv::StringRecord) -> Self {
        let names: Vec<String> = header.iter().map(plain).collect();
        let find = |usual: &[&str]| {
            let mut usual = usual.iter();
            usual.find_map(|wanted| names.iter().position(|name| name == wanted))
        };
        let numbers = names.iter().enumerate().filter_map(|(place, name)| {
            let name = ["id", "url", "uri"]
                .iter()
                .find_map(|end| name.strip_suffix(end))
                .unwrap_or(name);
            Identity::is_authority(name).then(|| (place, name.to_owned()))
        });
        Self {
            name: find(NAME),
            other_names: find(OTHER_NAMES),
            id: find(ID),
            birth: find(BIRTH),
            death: find(DEATH),
            life: find(LIFE),
            nationality: find(NATIONALITY),
            numbers: numbers.collect(),
        }
    }

    /// The same without a column `id`, which may hold keys.
    pub(crate) fn without_ids(self) -> Self {
        Self { id: None, ..self }
    }

    /// Whether there is a column of identities.
    pub(crate) fn has_identities(&self) -> bool {
        self.id.is_some() || !self.numbers.is_empty()
    }

    /// The columns that are read.
    pub(crate) fn used(&self) -> impl Iterator<Item = usize> {
        let single = [
            self.name,
            self.other_names,
            self.id,
            self.birth,
            self.death,
            self.life,
            self.nationality,
        ];
        let numbers = self.numbers.iter().map(|(column, _)| *column);
        single.into_iter().flatten().chain(numbers)
    }

    /// The person of a row, without identities, or why there is none.
    pub(crate) fn person(&self, record: &csv::StringRecord) -> std::result::Result<Person, String> {
        let name = cell(record, self.name).to_owned();
        if name.is_empty() {
            return Err("there is no name".to_owned());
        }
        let year = |column| YearRange::parse(cell(record, column));
        let life = life(cell(record, self.life));
        Ok(Person {
            name,
            other_names: list(record, self.other_names),
            identities: Vec::new(),
            birth: year(self.birth).map(|years| years.from).or(life.0),
            death: year(self.death).map(|years| years.to).or(life.1),
            nationalities: list(record, self.nationality),
        })
    }

    /// The identities in a row; bare numbers in a column `id` are of `default`.
    pub(crate) fn identities(
        &self,
        record: &csv::StringRecord,
        default: Option<&str>,
    ) -> std::result::Result<Vec<Identity>, String> {
        let mut identities = Vec::new();
        let id = cell(record, self.id);
        if !id.is_empty() {
            let known = Identity::parse(id)
                .or_else(|| Identity::of_authority(default?, id))
                .ok_or_else(|| {
                    format!("`{id}` is no address and no number of a known authority")
                })?;
            identities.push(known);
        }
        for (column, authority) in &self.numbers {
            let number = cell(record, Some(*column));
            if number.is_empty() {
                continue;
            }
            let known = Identity::of_authority(authority, number)
                .or_else(|| Identity::parse(number))
                .ok_or_else(|| format!("`{number}` is no number of {authority}"))?;
            identities.push(known);
        }
        identities.sort_unstable();
        identities.dedup();
        Ok(identities)
    }
}

/// A column's name without case, spaces and punctuation.
pub(crate) fn plain(name: &str) -> String {
    folded(name).replace(' ', "")
}

fn cell(record: &csv::StringRecord, column: Option<usize>) -> &str {
    let cell = column.and_then(|column| record.get(column));
    cell.unwrap_or_default().trim()
}

fn list(record: &csv::StringRecord, column: Option<usize>) -> Vec<String> {
    let parts = cell(record, column).split(SEPARATORS).map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// Birth and death of `1853 - 1890`, `born c. 1943`, `died 1520`, `1943 -`.
fn life(text: &str) -> (Option<i32>, Option<i32>) {
    let folded = text.to_lowercase();
    let after = |word: &str| folded.find(word).map(|place| &text[place + word.len()..]);
    let ends = [("born", true), ("b.", true), ("died", false), ("d.", false)];
    for (word, is_birth) in ends {
        if let Some(years) = after(word)
            .filter(|_| folded.len() == text.len())
            .and_then(YearRange::parse)
        {
            return match is_birth {
                true => (Some(years.from), None),
                false => (None, Some(years.to)),
            };
        }
    }
    let open = text.trim_end_matches([' ', '-', '–', '—']);
    if open.len() < text.trim_end().len() {
        return (YearRange::parse(open).map(|years| years.from), None);
    }
    match YearRange::parse(text) {
        Some(years) if years.to - years.from > 10 => (Some(years.from), Some(years.to)),
        Some(years) => (Some(years.from), None),
        None => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_are_read_from_one_cell() {
        for (text, expected) in [
            ("1853 - 1890", (Some(1853), Some(1890))),
            ("born 1943", (Some(1943), None)),
            ("died 1520", (None, Some(1520))),
            ("1943 -", (Some(1943), None)),
            ("1943", (Some(1943), None)),
            ("", (None, None)),
        ] {
            assert_eq!(life(text), expected, "{text}");
        }
    }
}
