use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The four things that a model learns to say about a painting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attribute {
    /// The genre: portrait, landscape, religious…
    Type,
    /// The school: Italian, Dutch…
    School,
    /// The 50-year period: 1851-1900…
    Timeframe,
    /// The painter.
    Author,
}

impl Attribute {
    /// All four, in the order of the paper's table.
    pub const ALL: [Self; 4] = [Self::Type, Self::School, Self::Timeframe, Self::Author];

    /// The attribute's name, which is also its column in `artworks.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::School => "school",
            Self::Timeframe => "timeframe",
            Self::Author => "author",
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Attribute {
    type Err = UnknownAttribute;

    fn from_str(text: &str) -> Result<Self, UnknownAttribute> {
        Self::ALL
            .into_iter()
            .find(|attribute| attribute.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownAttribute(text.to_owned()))
    }
}

/// A word that names no attribute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown attribute `{0}`; use type, school, timeframe or author")]
pub struct UnknownAttribute(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for attribute in Attribute::ALL {
            assert_eq!(attribute.name().parse::<Attribute>().unwrap(), attribute);
            assert_eq!(
                serde_json::to_string(&attribute).unwrap(),
                format!("\"{attribute}\"")
            );
        }
        let message = "style".parse::<Attribute>().unwrap_err().to_string();
        assert!(message.contains("style") && message.contains("author"));
    }
}
