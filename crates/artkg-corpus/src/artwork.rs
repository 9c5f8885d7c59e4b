use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use artkg_vocabulary::{Attribute, Vocabulary};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::values::{Values, ValuesIter};

/// The columns that every `artworks.csv` has, in order; others follow them.
pub const COLUMNS: [&str; 11] = [
    "id",
    "image",
    "title",
    "author",
    "school",
    "timeframe",
    "type",
    "date",
    "technique",
    "description",
    "split",
];

/// The further column of `artworks.csv` that holds captions of the images, made
/// by a captioner.
pub const CAPTION_COLUMN: &str = "caption";

/// The further column that says what made the captions.
pub const CAPTIONER_COLUMN: &str = "captioner";

/// The part of the experiment that an artwork belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Split {
    /// Models and graphs learn from these.
    #[serde(rename = "train")]
    Train,
    /// Early stopping and other choices look at these.
    #[serde(rename = "val")]
    Validation,
    /// Only evaluation looks at these.
    #[serde(rename = "test")]
    Test,
}

impl Split {
    /// All three, in the usual order.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// The name in `artworks.csv`: `train`, `val` or `test`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "val",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Split {
    type Err = Error;

    /// Reads `train`, `val` or `test` and their usual long forms, in any case.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim().to_lowercase().as_str() {
            "train" | "training" => Ok(Self::Train),
            "val" | "valid" | "validation" | "dev" => Ok(Self::Validation),
            "test" | "testing" => Ok(Self::Test),
            _ => Err(Error::UnknownSplit {
                value: text.to_owned(),
            }),
        }
    }
}

/// One artwork: a row of `artworks.csv`.
///
/// Missing values are `None`. A cell with several values joins them by `|`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artwork {
    /// Unique within the corpus; never empty.
    pub id: String,
    /// The image file, relative to the corpus' image root, with `/` between folders; or
    /// the address that it is fetched from.
    pub image: Option<String>,
    /// The title.
    pub title: Option<Values>,
    /// The painter.
    pub author: Option<Values>,
    /// The school.
    pub school: Option<Values>,
    /// The 50-year period, such as `1851-1900`.
    pub timeframe: Option<Values>,
    /// The genre; the column is called `type`.
    #[serde(rename = "type")]
    pub artwork_type: Option<Values>,
    /// The date as the source gives it.
    pub date: Option<Values>,
    /// Material, support and size.
    pub technique: Option<Values>,
    /// A text about the work.
    pub description: Option<Values>,
    /// The split, where one is assigned.
    pub split: Option<Split>,
    /// Further columns by name; none is empty.
    pub extra: BTreeMap<String, Values>,
}

/// What a column of an artwork holds.
enum Column<'a> {
    /// A text that is one value: id, image, split.
    One(Option<&'a str>),
    /// A cell that may hold several.
    Several(Option<&'a Values>),
}

impl Artwork {
    fn column(&self, name: &str) -> Column<'_> {
        let values = match name {
            "id" => return Column::One(Some(&self.id)),
            "image" => return Column::One(self.image.as_deref()),
            "split" => return Column::One(self.split.map(Split::name)),
            "title" => &self.title,
            "author" => &self.author,
            "school" => &self.school,
            "timeframe" => &self.timeframe,
            "type" => &self.artwork_type,
            "date" => &self.date,
            "technique" => &self.technique,
            "description" => &self.description,
            _ => return Column::Several(self.extra.get(name)),
        };
        Column::Several(values.as_ref())
    }

    /// The cell of a column of `artworks.csv`, extra columns included; `None`
    /// where it is missing or there is no such column.
    pub fn cell(&self, column: &str) -> Option<&str> {
        match self.column(column) {
            Column::One(text) => text,
            Column::Several(values) => values.map(Values::text),
        }
    }

    /// Sets the cell of a column; an empty or blank value makes it missing.
    ///
    /// # Errors
    /// A value of `split` that is no split.
    pub fn set_cell(&mut self, column: &str, value: &str) -> Result<(), Error> {
        let value = value.trim();
        let text = (!value.is_empty()).then_some(value);
        let place = match column {
            "id" => {
                self.id = value.to_owned();
                return Ok(());
            }
            "image" => {
                self.image = text.map(str::to_owned);
                return Ok(());
            }
            "split" => {
                self.split = text.map(str::parse).transpose()?;
                return Ok(());
            }
            "title" => &mut self.title,
            "author" => &mut self.author,
            "school" => &mut self.school,
            "timeframe" => &mut self.timeframe,
            "type" => &mut self.artwork_type,
            "date" => &mut self.date,
            "technique" => &mut self.technique,
            "description" => &mut self.description,
            _ => {
                match text {
                    Some(text) => self.extra.insert(column.to_owned(), text.into()),
                    None => self.extra.remove(column),
                };
                return Ok(());
            }
        };
        *place = text.map(Values::from);
        Ok(())
    }

    /// The values of a cell, trimmed, none of them empty.
    pub fn values(&self, column: &str) -> ValuesIter<'_> {
        match self.column(column) {
            Column::One(text) => ValuesIter::whole(text.unwrap_or_default()),
            Column::Several(values) => values.map(Values::iter).unwrap_or_default(),
        }
    }

    /// The first value of a cell, which is the one that classifiers learn.
    pub fn first(&self, column: &str) -> Option<&str> {
        self.values(column).next()
    }

    /// What a captioner says about the image: the whole cell of [`CAPTION_COLUMN`].
    pub fn caption(&self) -> Option<&str> {
        self.cell(CAPTION_COLUMN)
    }

    /// The value of an attribute that classifiers learn.
    pub fn attribute(&self, attribute: Attribute) -> Option<&str> {
        self.first(attribute.name())
    }

    /// The class of the value of a vocabulary's attribute, as [`Vocabulary::encode`]
    /// gives it: `None` for a missing one.
    pub fn target(&self, vocabulary: &Vocabulary) -> Option<usize> {
        vocabulary.encode(self.attribute(vocabulary.attribute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_can_be_set_and_read() {
        let mut artwork = Artwork::default();
        for column in COLUMNS.iter().chain(&["material"]) {
            let value = if *column == "split" { "val" } else { column };
            artwork.set_cell(column, value).unwrap();
            assert_eq!(artwork.cell(column), Some(value));
        }
        artwork.set_cell("material", " ").unwrap();
        assert_eq!(artwork.cell("material"), None);
        assert!(artwork.extra.is_empty());
        assert!(artwork.set_cell("split", "holdout").is_err());
    }

    #[test]
    fn cells_split_into_values() {
        let artwork = Artwork {
            author: Some("RUBENS | |BRUEGHEL|".into()),
            ..Artwork::default()
        };
        let values: Vec<_> = artwork.values("author").collect();
        assert_eq!(values, ["RUBENS", "BRUEGHEL"]);
        assert_eq!(artwork.attribute(Attribute::AUTHOR), Some("RUBENS"));
        assert_eq!(artwork.first("school"), None);
    }

    #[test]
    fn the_first_value_is_the_target() {
        let artwork = Artwork {
            school: Some("Dutch|Flemish".into()),
            ..Artwork::default()
        };
        let schools = ["Dutch", "Dutch", "Italian", "Italian"];
        let vocabulary = Vocabulary::build(Attribute::SCHOOL, schools.into_iter(), 2);
        assert_eq!(artwork.target(&vocabulary), Some(1));
        assert_eq!(Artwork::default().target(&vocabulary), None);
    }

    #[test]
    fn a_caption_is_the_whole_cell() {
        let mut artwork = Artwork::default();
        assert_eq!(artwork.caption(), None);
        artwork.set_cell("caption", " a ship | a sea ").unwrap();
        assert_eq!(artwork.caption(), Some("a ship | a sea"));
    }

    #[test]
    fn splits_read_their_long_forms() {
        for (text, split) in [
            ("train", Split::Train),
            ("Validation", Split::Validation),
            ("TEST ", Split::Test),
        ] {
            assert_eq!(text.parse::<Split>().unwrap(), split);
        }
    }
}
