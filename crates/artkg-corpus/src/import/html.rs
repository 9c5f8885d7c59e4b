//! Characters that texts from web pages write as references.

/// A text whose references are characters: `d&#39;Agnolo` is `d'Agnolo`. Those that are
/// not known stay as they are.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let found = after
            .split_once(';')
            .and_then(|(name, after)| Some((character(name)?, after)));
        match found {
            Some((character, after)) => {
                plain.push(character);
                rest = after;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_characters() {
        for (text, expected) in [
            ("d&#39;Agnolo", "d'Agnolo"),
            ("D&#xFC;rer &amp; Sons", "Dürer & Sons"),
            ("&amp;lt;", "&lt;"),
            ("Hals & Goya; both", "Hals & Goya; both"),
            ("&unknown; &", "&unknown; &"),
        ] {
            assert_eq!(unescaped(text), expected);
        }
    }
}
