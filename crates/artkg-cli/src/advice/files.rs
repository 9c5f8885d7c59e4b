use artkg_files::Error;

/// The way out of an error of a file.
pub(super) fn of_files(error: &Error) -> Option<&'static str> {
    match error {
        Error::Exists(_) => Some("`--overwrite` replaces it"),
        Error::NoJournal(_) | Error::OtherJob { .. } => Some("`--overwrite` begins anew"),
        _ => None,
    }
}
