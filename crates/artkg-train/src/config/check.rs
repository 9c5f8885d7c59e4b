//! Checks of settings that name the setting, its value and what it may be.

use crate::error::{Error, Result};

/// An error about `key` unless `fits`.
pub(super) fn refuse(
    fits: bool,
    key: &'static str,
    value: impl ToString,
    allowed: impl Into<String>,
) -> Result<()> {
    match fits {
        true => Ok(()),
        false => Err(Error::Setting {
            key,
            value: value.to_string(),
            allowed: allowed.into(),
        }),
    }
}

/// 1, 2, 3, …
pub(super) fn check_count(key: &'static str, value: usize) -> Result<()> {
    refuse(value > 0, key, value, "1 or more")
}

/// `[0, 1)`.
pub(super) fn check_share(key: &'static str, value: f64) -> Result<()> {
    let fits = (0.0..1.0).contains(&value);
    refuse(fits, key, value, "0 or more and less than 1")
}

/// A finite number, 0 or more.
pub(super) fn check_factor(key: &'static str, value: f64) -> Result<()> {
    let fits = value.is_finite() && value >= 0.0;
    refuse(fits, key, value, "a finite number, 0 or more")
}

/// A finite number above 0.
pub(super) fn check_positive(key: &'static str, value: f64) -> Result<()> {
    let fits = value.is_finite() && value > 0.0;
    refuse(fits, key, value, "a finite number above 0")
}
