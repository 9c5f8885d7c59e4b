use std::borrow::Cow;
use std::fmt::Write;

/// A text as it may be shown in one line of a terminal: what would move the cursor, begin
/// a line or turn the reading direction stands as `\n`, `\t` or `\u{1b}`, and the rest as
/// it is. A name from elsewhere can so neither forge a message nor hide a part of itself.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            // Writing to a string cannot fail.
            _ if is_hidden(letter) => drop(write!(shown, "\\u{{{:x}}}", u32::from(letter))),
            _ => shown.push(letter),
        }
    }
    Cow::Owned(shown)
}

/// Control characters, and those that break lines or turn the reading direction.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_cursor_is_shown() {
        for plain in ["café – 春, שלום", "a\\n", "", "👩‍🎨"] {
            assert!(matches!(visible(plain), Cow::Borrowed(text) if text == plain));
        }
        for (text, shown) in [
            ("a\nerror: b", "a\\nerror: b"),
            ("a\r\tb", "a\\r\\tb"),
            ("\u{1b}[31mred\u{7f}", "\\u{1b}[31mred\\u{7f}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("gpj\u{202e}.exe", "gpj\\u{202e}.exe"),
            ("\u{2066}a\u{2069}\u{2028}", "\\u{2066}a\\u{2069}\\u{2028}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }
}
