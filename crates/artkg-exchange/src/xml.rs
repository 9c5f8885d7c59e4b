//! XML that is written.

use std::borrow::Cow;

/// A text as XML has it. What XML has no place for, such as a zero byte in a name,
/// becomes the sign for an unknown letter.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    let is_allowed = |letter: char| match letter {
        '\t' | '\n' | '\r' => true,
        _ => letter >= ' ' && letter != '\u{fffe}' && letter != '\u{ffff}',
    };
    if text.chars().all(is_allowed) {
        return quick_xml::escape::escape(text);
    }
    let text: String = text
        .chars()
        .map(|letter| match is_allowed(letter) {
            true => letter,
            false => '\u{fffd}',
        })
        .collect();
    Cow::Owned(quick_xml::escape::escape(text.as_str()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_break_out() {
        assert_eq!(escaped("a<b> & \"c\""), "a&lt;b&gt; &amp; &quot;c&quot;");
        assert_eq!(escaped("a\0b\u{1b}[0m"), "a\u{fffd}b\u{fffd}[0m");
        assert_eq!(escaped("Müller"), "Müller");
    }
}
