use artkg_image::Error;

use super::ways::Ways;

/// The way out of an error of an image.
pub(super) fn of_images(error: &Error) -> Option<Ways> {
    match error {
        Error::TooLarge { .. } | Error::FileTooLarge { .. } => {
            Some("`--memory-limit SIZE` lets it take more".into())
        }
        _ => None,
    }
}
