//! Settings from options that may be missing.

/// Sets a setting to what was given, if anything was.
pub(crate) fn set<T: Clone>(value: &mut T, given: &Option<T>) {
    if let Some(given) = given {
        value.clone_from(given);
    }
}

/// As [`set`], for a setting that may be missing itself.
#[cfg(feature = "train")]
pub(crate) fn set_some<T: Clone>(value: &mut Option<T>, given: &Option<T>) {
    if given.is_some() {
        value.clone_from(given);
    }
}
