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

    /// The number of years in the range.
    pub(crate) fn years(&self) -> i32 {
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

    /// Whether some year is in both.
    pub(crate) fn meets(&self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }

    /// The smallest range around both.
    pub(super) fn union(self, other: Self) -> Self {
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
