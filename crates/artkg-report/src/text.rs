//! Text for charts and pages: escaping, shortening, numbers.

/// Escapes text for HTML and XML, in element content and quoted attributes.
/// Control characters, which XML forbids, become spaces.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            control if control.is_control() && control != '\n' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// At most `length` characters of one line of `text`, with an ellipsis where
/// something was cut.
pub(crate) fn shortened(text: &str, length: usize) -> String {
    let clean = |character: char| match character.is_control() {
        true => ' ',
        false => character,
    };
    if text.chars().count() <= length {
        return text.chars().map(clean).collect();
    }
    let kept: String = text.chars().take(length.max(1) - 1).map(clean).collect();
    format!("{}…", kept.trim_end())
}

/// A number with `decimals` digits after the point and thousands grouped:
/// `19244` is `19,244`.
pub fn grouped(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let plain = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = match plain.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (plain.as_str(), String::new()),
    };
    let mut grouped = String::new();
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let shows_only_zeros = plain.chars().all(|digit| matches!(digit, '0' | '.'));
    let sign = if value < 0.0 && !shows_only_zeros {
        "−"
    } else {
        ""
    };
    format!("{sign}{grouped}{fraction}")
}

/// An axis label: as many digits as the number needs, and no more than four.
pub(crate) fn tick(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{value:.1e}");
    }
    let decimals = match size {
        _ if size >= 1000.0 => 0,
        _ if size >= 100.0 => 1,
        _ if size >= 1.0 => 2,
        _ => 4,
    };
    let text = grouped(value, decimals);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_markup_and_control_characters() {
        assert_eq!(
            escape("<b a=\"1\">&'\u{0}"),
            "&lt;b a=&quot;1&quot;&gt;&amp;&#39; "
        );
    }

    #[test]
    fn shortens_by_characters() {
        assert_eq!(shortened("Rembrandt", 9), "Rembrandt");
        assert_eq!(shortened("Élisabeth Vigée", 11), "Élisabeth…");
        assert_eq!(shortened("a\tb", 3), "a b");
    }

    #[test]
    fn groups_thousands() {
        assert_eq!(grouped(19244.0, 0), "19,244");
        assert_eq!(grouped(999.0, 0), "999");
        assert_eq!(grouped(-1234567.891, 2), "−1,234,567.89");
        assert_eq!(grouped(-0.001, 1), "0.0");
        assert_eq!(grouped(f64::NAN, 1), "NaN");
    }

    #[test]
    fn ticks_are_short() {
        assert_eq!(tick(0.0), "0");
        assert_eq!(tick(0.25), "0.25");
        assert_eq!(tick(12000.0), "12,000");
        assert_eq!(tick(0.0001), "1.0e-4");
    }
}
