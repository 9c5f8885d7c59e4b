//! Moments as texts, for what files say of their making.

use std::time::{SystemTime, UNIX_EPOCH};

/// The variable that gives the moment to write into files, in seconds since 1970, so
/// that the same work makes the same files: <https://reproducible-builds.org/specs/source-date-epoch/>.
pub const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// The moment that new files say they were made at, as RFC 3339 in UTC, such as
/// `2026-02-28T09:30:00Z`: what [`SOURCE_DATE_EPOCH`] says, or now.
///
/// # Errors
/// What the variable says, where that is no number of seconds up to the year 9999.
pub fn moment() -> Result<String, String> {
    let Some(text) = std::env::var_os(SOURCE_DATE_EPOCH) else {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        return Ok(rfc_3339(since.map_or(0, |since| since.as_secs())));
    };
    let text = text.to_string_lossy();
    given(&text).ok_or_else(|| text.into_owned())
}

/// The moment that a variable gives.
fn given(text: &str) -> Option<String> {
    /// The first second of the year 10000.
    const END: u64 = 253_402_300_800;
    let seconds = text.trim().parse().ok().filter(|seconds| *seconds < END);
    seconds.map(rfc_3339)
}

/// Seconds since 1970 as a date and time in UTC.
fn rfc_3339(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The date that is `days` after 1 January 1970. Years are taken to begin in March, so
/// that the day that some of them lack is the last:
/// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
fn date(days: u64) -> (u64, u64, u64) {
    /// From 1 March 0000 to 1 January 1970.
    const BEFORE: u64 = 719_468;
    /// Days of 400 years.
    const ERA: u64 = 146_097;
    let days = days + BEFORE;
    let (era, day_of_era) = (days / ERA, days % ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_dates() {
        // As `date --utc --iso-8601=seconds --date=@…` prints them.
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc_3339(seconds), text);
        }
    }

    #[test]
    fn a_variable_that_gives_no_moment_gives_none() {
        assert_eq!(given("86400").as_deref(), Some("1970-01-02T00:00:00Z"));
        for text in ["", "-1", "yesterday", "253402300800"] {
            assert_eq!(given(text), None, "{text}");
        }
    }
}
