//! Which column of a source may be one of ours, by its name.

use crate::mapping::Mapping;

use super::loose_name::loose_name;

/// Words that say that a column tells something about the thing, not the thing
/// itself: `Artist Role`, `Object URL`.
const ABOUT: [&str; 44] = [
    "alpha",
    "begin",
    "bio",
    "biography",
    "birth",
    "born",
    "count",
    "country",
    "credit",
    "death",
    "died",
    "description",
    "end",
    "gender",
    "id",
    "ids",
    "image",
    "life",
    "lifespan",
    "link",
    "notes",
    "number",
    "place",
    "portfolio",
    "prefix",
    "rights",
    "role",
    "sort",
    "source",
    "start",
    "suffix",
    "tag",
    "tags",
    "type",
    "ulan",
    "updated",
    "uri",
    "url",
    "viaf",
    "wikidata",
    "acquired",
    "accession",
    "modified",
    "metadata",
];

/// Words that say nothing of what a column holds.
const NEUTRAL: [&str; 5] = ["display", "full", "name", "object", "preferred"];

/// How alike names must be, 0 to 1, to suggest one for the other.
const LEAST_SIMILARITY: f64 = 0.88;

/// The usual names of our columns: those of the mapping for any table.
pub(super) struct UsualNames(Vec<(String, Vec<String>)>);

impl UsualNames {
    /// The names in the shipped mapping `table`.
    pub(super) fn new() -> crate::error::Result<Self> {
        let table = Mapping::built_in("table")?;
        let names = table.columns.into_iter();
        Ok(Self(
            names
                .map(|(column, names)| (column, names.as_slice().to_vec()))
                .collect(),
        ))
    }

    /// Whether `theirs` is a usual name of our column.
    pub(super) fn has(&self, ours: &str, theirs: &str) -> bool {
        let theirs = loose_name(theirs);
        self.of(ours).any(|name| loose_name(name) == theirs)
    }

    /// How much the name of their column looks like one of ours, above 0; `None`
    /// where it does not, or tells something else about the same thing.
    pub(super) fn resemblance(&self, ours: &str, theirs: &str) -> Option<f64> {
        let words = words(theirs);
        let is_ours = |word: &String| self.of(ours).any(|name| name == word);
        let telling: Vec<&String> = words
            .iter()
            .filter(|word| !NEUTRAL.contains(&word.as_str()))
            .collect();
        // The last word is the thing: `maker nationality` is a nationality.
        let is_thing = telling.last().is_some_and(|word| is_ours(word));
        let about = telling.iter().any(|word| {
            let about = ABOUT.contains(&word.as_str()) || !is_thing && self.is_other(ours, word);
            about && !is_ours(word)
        });
        if about {
            return None;
        }
        if telling.iter().any(|word| is_ours(word)) {
            // The fewer other words, the better.
            return Some(1.0 + 1.0 / telling.len() as f64);
        }
        let theirs = loose_name(theirs);
        let similarity = self
            .of(ours)
            .map(|name| strsim::jaro_winkler(&loose_name(name), &theirs))
            .fold(0.0, f64::max);
        (similarity > LEAST_SIMILARITY).then_some(similarity)
    }

    fn of(&self, ours: &str) -> impl Iterator<Item = &String> {
        let names = self.0.iter().filter(move |(column, _)| column == ours);
        names.flat_map(|(_, names)| names)
    }

    /// Whether the word is the usual name of another of our columns.
    fn is_other(&self, ours: &str, word: &str) -> bool {
        let mut others = self.0.iter().filter(|(column, _)| column != ours);
        others.any(|(_, names)| names.iter().any(|name| name == word))
    }
}

/// The words of a column's name in lower case: of `artistDisplayName`, `Artist
/// Display Name` and `artist_display_name` the same three.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut after_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || after_lower && letter.is_uppercase() {
            words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        after_lower = letter.is_lowercase();
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_resemble_ours() {
        let usual = UsualNames::new().unwrap();
        for (ours, theirs, expected) in [
            ("author", "Artist Preferred Name", true),
            ("author", "artistPreferredName", true),
            ("author", "Constituent Maker", true),
            ("author", "Artst", true),
            ("author", "Artist Role", false),
            ("author", "Artist ULAN URL", false),
            ("author", "Artist Nationality", false),
            ("author", "Artist Birth Date", false),
            ("author", "Title", false),
            ("school", "Maker Nationality", true),
            ("school", "Nationality of the work", true),
            ("date", "Date of creation", true),
            ("date", "Metadata Date", false),
            ("date", "Acquired Date", false),
            ("type", "Object Classification", true),
            ("type", "Department", false),
        ] {
            let found = usual.resemblance(ours, theirs).is_some();
            assert_eq!(found, expected, "{ours} from {theirs}");
        }
        assert!(usual.has("author", "Artist Display Name"));
    }

    #[test]
    fn names_are_cut_into_words() {
        let expected = ["artist", "display", "name"];
        for name in [
            "artistDisplayName",
            "Artist Display Name",
            "artist_display_name",
        ] {
            assert_eq!(words(name), expected);
        }
    }
}
