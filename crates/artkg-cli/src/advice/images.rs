use artkg_image::Error;

/// The way out of an error of an image.
pub(super) fn of_images(error: &Error) -> Option<&'static str> {
    match error {
        Error::TooLarge { .. } | Error::FileTooLarge { .. } => {
            Some("`--memory-limit` of `tag` and `captions generate` sets the limit")
        }
        _ => None,
    }
}
