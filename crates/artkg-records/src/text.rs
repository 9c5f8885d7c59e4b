//! Texts of records as the rest of the program may hold them.

use std::borrow::Cow;

/// A text without zero characters, which nobody wrote and no table may hold.
pub(crate) fn without_zeros(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}
