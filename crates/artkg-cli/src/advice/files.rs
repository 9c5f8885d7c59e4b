use artkg_files::Error;

use super::ways::Ways;

/// The way out of an error of a file.
pub(super) fn of_files(error: &Error) -> Option<Ways> {
    Some(match error {
        Error::Exists(_) | Error::NotOurs(_) => "`--overwrite` replaces it".into(),
        Error::NoJournal(_) | Error::OtherJob { .. } => "`--overwrite` begins anew".into(),
        _ => return None,
    })
}
