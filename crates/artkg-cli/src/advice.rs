//! What to do about an error, in the words of the command line. The libraries' errors
//! say what is wrong; flags and commands are known here only.

use std::error::Error;

/// The advice that goes with an error, where the error does not say it all.
pub(crate) fn advice(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<artkg_files::Error>() {
        return of_files(error);
    }
    if let Some(error) = error.downcast_ref::<artkg_tag::Error>() {
        return of_tags(error);
    }
    if let Some(error) = error.downcast_ref::<artkg_text::Error>() {
        return of_texts(error);
    }
    None
}

fn of_files(error: &artkg_files::Error) -> Option<String> {
    use artkg_files::Error::{Exists, NoJournal, OtherJob};
    match error {
        Exists(_) => Some("or pass --overwrite".into()),
        NoJournal(_) | OtherJob { .. } => Some("or pass --overwrite to begin anew".into()),
        _ => None,
    }
}

fn of_tags(error: &artkg_tag::Error) -> Option<String> {
    match error {
        artkg_tag::Error::File(error) => of_files(error),
        _ => None,
    }
}

fn of_texts(error: &artkg_text::Error) -> Option<String> {
    match error {
        artkg_text::Error::File(error) => of_files(error),
        _ => None,
    }
}
