//! The one place that writes messages to stderr. `eprintln!` would panic where it is
//! closed or the disk behind is full; what is said there is not worth the work's end.

use std::borrow::Cow;
use std::fmt::Arguments;
use std::io::{self, Write};

use artkg_files::visible;

/// The longest message, in characters: some quote what they are about.
const LONGEST: usize = 3000;

/// Prints a line of a message. A line break may come from what is printed only, where it
/// is shown and not obeyed.
macro_rules! errln {
    () => { $crate::stderr::line(format_args!("")) };
    ($format:literal $($arguments:tt)*) => {{
        const { assert!(!$crate::stderr::has_break($format), "one line at a time") };
        $crate::stderr::line(format_args!($format $($arguments)*))
    }};
}

/// Whether a text has a line break.
pub(crate) const fn has_break(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut place = 0;
    while place < bytes.len() {
        if bytes[place] == b'\n' {
            return true;
        }
        place += 1;
    }
    false
}

/// Prints a line; see [`errln`].
pub(crate) fn line(text: Arguments<'_>) {
    let text = text.to_string();
    // Nobody can be told that nobody can be told.
    let _ = writeln!(io::stderr().lock(), "{}", visible(&shortened(&text)));
}

/// Beginning and end of a text that is too long.
fn shortened(text: &str) -> Cow<'_, str> {
    let place = |count: usize| text.char_indices().nth(count).map(|(place, _)| place);
    let Some(_) = place(LONGEST) else {
        return Cow::Borrowed(text);
    };
    let length = text.chars().count();
    let (head, tail) = (LONGEST * 2 / 3, LONGEST / 3);
    let (Some(end), Some(start)) = (place(head), place(length - tail)) else {
        return Cow::Borrowed(text);
    };
    let left_out = length - head - tail;
    Cow::Owned(format!(
        "{} … ({left_out} characters left out) … {}",
        &text[..end],
        &text[start..]
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_bounded() {
        let text = "é".repeat(LONGEST);
        assert_eq!(shortened(&text), text);
        let text = format!("begin {} end", "é".repeat(200_000));
        let shown = shortened(&text);
        assert!(shown.chars().count() < LONGEST + 60);
        assert!(shown.starts_with("begin é") && shown.ends_with("é end"));
        assert!(
            shown.contains("(197010 characters left out)"),
            "{}",
            &shown[2000..]
        );
    }
}
