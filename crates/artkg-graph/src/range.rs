//! Checks of options.

use crate::error::{Error, Result};

/// Refuses 0.
pub(crate) fn at_least_one(option: &'static str, value: usize) -> Result<()> {
    in_range(option, value, 1, usize::MAX, "use at least 1")
}

/// Refuses what is below `least` or above `most`; `allowed` says what to use.
pub(crate) fn in_range<T: PartialOrd + std::fmt::Display>(
    option: &'static str,
    value: T,
    least: T,
    most: T,
    allowed: &'static str,
) -> Result<()> {
    if value >= least && value <= most {
        return Ok(());
    }
    Err(Error::Option {
        option,
        value: value.to_string(),
        allowed,
    })
}
