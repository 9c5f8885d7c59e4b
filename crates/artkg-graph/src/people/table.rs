//! Tables that people keep and save again.

/// A reader of CSV that is separated as its first line is.
pub(crate) fn reader(text: &str) -> csv::Reader<&[u8]> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    // Of equally frequent ones the last.
    let delimiter = [b'\t', b';', b','].into_iter().max_by_key(count);
    csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .flexible(true)
        .from_reader(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_that_of_the_header() {
        for text in ["\u{feff}a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n"] {
            let mut table = reader(text);
            assert_eq!(table.headers().unwrap(), vec!["a", "b"], "{text}");
            let row = table.records().next().unwrap().unwrap();
            assert_eq!(row, vec!["1", "2"], "{text}");
        }
    }
}
