//! Written dates as ranges of years, and 50-year timeframes.

mod context;
mod parse;
mod part;
mod range;
#[cfg(test)]
mod tests;
mod tokens;
mod words;

pub use parse::DateReading;
pub use range::YearRange;

impl YearRange {
    /// Reads a date as museums write them: `c. 1650`, `1503-06`, `1640s`,
    /// `second half of 16th century`, `after 1600`, `1635 or 1640`,
    /// `June 1889, Saint-Rémy`, `1928, printed 1977`, `c. 3150 BC`. `None` where
    /// no year can be read from it.
    /// English, German, French, Italian, Spanish and Dutch are understood.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self::read(text)?.range)
    }

    /// Reads a date as [`YearRange::parse`] does, and says how sure that is.
    pub fn read(text: &str) -> Option<DateReading> {
        parse::parse(text)
    }
}

/// The columns of the first and last year of a work, where its source gives them
/// as numbers.
pub(crate) const YEAR_COLUMNS: [&str; 2] = ["year_from", "year_to"];

/// The year in a cell: a number, negative before Christ, or the start of a date.
/// There is no year 0: databases write it for what they do not know.
pub(crate) fn stated_year(cell: &str) -> Option<i32> {
    let number = cell.trim().trim_end_matches(".0");
    match number.parse() {
        Ok(0) => None,
        Ok(year) => Some(year),
        Err(_) => Some(YearRange::parse(cell)?.from),
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
