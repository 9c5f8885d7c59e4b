//! Written dates as ranges of years, and 50-year timeframes.

mod parse;
#[cfg(test)]
mod tests;
mod tokens;

use std::fmt;

use serde::{Deserialize, Serialize};

/// The years in which a work may have been made, both ends included.
///
/// Years before Christ are negative: 31 BC is −31. `c. 1650` is 1645 to 1655,
/// `after 1600` is 1600 to 1610, `before 1512` is 1502 to 1512, `early`, `mid`
/// and `late` are thirds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct YearRange {
    /// The first year.
    pub from: i32,
    /// The last year.
    pub to: i32,
}

impl YearRange {
    /// From `from` to `to`.
    pub fn new(from: i32, to: i32) -> Self {
        Self { from, to }
    }

    /// Reads a date as museums write them: `c. 1650`, `1503-06`, `1640s`,
    /// `second half of 16th century`, `after 1600`, `1635 or 1640`,
    /// `June 1889, Saint-Rémy`, `1928, printed 1977`, `c. 3150 BC`. `None` where
    /// no year can be read from it.
    pub fn parse(text: &str) -> Option<Self> {
        parse::parse(text)
    }

    /// The number of years in the range.
    pub fn years(&self) -> i32 {
        self.to - self.from + 1
    }

    /// The middle year, the earlier one of two.
    pub fn middle(&self) -> i32 {
        (self.from + self.to).div_euclid(2)
    }

    /// The 50-year timeframe of the middle year, such as `1851-1900`.
    ///
    /// A range of a century or more says too little for that and has none;
    /// neither have years before Christ, for which SemArt's names make no sense.
    pub fn timeframe(&self) -> Option<String> {
        let middle = self.middle();
        if self.years() >= 100 || middle < 1 {
            return None;
        }
        let first = (middle - 1) / 50 * 50 + 1;
        Some(format!("{first:04}-{:04}", first + 49))
    }

    /// The smallest range around both.
    fn union(self, other: Self) -> Self {
        Self::new(self.from.min(other.from), self.to.max(other.to))
    }
}

impl fmt::Display for YearRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = |year: i32| match year {
            ..0 => format!("{} BC", -year),
            _ => year.to_string(),
        };
        if self.from == self.to {
            formatter.pad(&year(self.from))
        } else {
            formatter.pad(&format!("{} to {}", year(self.from), year(self.to)))
        }
    }
}

/// Whether `text` is the name of a 50-year timeframe, such as `1851-1900`.
pub fn is_timeframe(text: &str) -> bool {
    let Some((first, last)) = text.split_once('-') else {
        return false;
    };
    let year = |part: &str| {
        (part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<i32>().ok())
            .flatten()
    };
    matches!((year(first), year(last)), (Some(first), Some(last)) if first % 50 == 1 && last == first + 49)
}
