//! Which character stands between cells.

use csv::ReaderBuilder;

/// The characters that may.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// The delimiter that gives the most rows as many cells as the header; among
/// equals, the one that gives more cells. A table of one column has commas.
/// `cut` says that the sample ends within the table.
pub(crate) fn guess(sample: &[u8], quoting: bool, cut: bool) -> u8 {
    let mut best = (0.0, 1, b',');
    for delimiter in DELIMITERS {
        let mut lengths: Vec<usize> = builder(delimiter, quoting)
            .from_reader(sample)
            .byte_records()
            .map_while(|record| record.ok().map(|record| record.len()))
            .collect();
        if cut && lengths.len() > 1 {
            lengths.pop();
        }
        let Some((&cells, rows)) = lengths.split_first() else {
            continue;
        };
        if cells < 2 {
            continue;
        }
        let agreeing = 1 + rows.iter().filter(|length| **length == cells).count();
        let share = agreeing as f64 / lengths.len() as f64;
        if (share, cells) > (best.0, best.1) {
            best = (share, cells, delimiter);
        }
    }
    best.2
}

/// The delimiter with which the header has a column of this name.
pub(crate) fn with_column(sample: &[u8], name: &str) -> Option<u8> {
    DELIMITERS.into_iter().find(|&delimiter| {
        let mut records = builder(delimiter, true)
            .from_reader(sample)
            .into_byte_records();
        let Some(Ok(header)) = records.next() else {
            return false;
        };
        header.iter().any(|cell| {
            let cell = cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell);
            cell.trim_ascii() == name.as_bytes()
        })
    })
}

/// A reader of rows of any length.
pub(crate) fn builder(delimiter: u8, quoting: bool) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder
        .delimiter(delimiter)
        .quoting(quoting)
        .flexible(true)
        .has_headers(false);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_found_out() {
        for (text, delimiter) in [
            ("a,b\n1,\"x;y;z\"\n", b','),
            ("a;b\n1,5;2,5\n", b';'),
            ("a\tb, c\n1\tx, y, z\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("title\nOne, two\n", b','),
        ] {
            assert_eq!(guess(text.as_bytes(), true, false), delimiter, "{text}");
        }
    }

    #[test]
    fn a_known_column_tells_the_delimiter() {
        for (text, delimiter) in [
            ("\u{feff}id;title\n1;One, two\n", Some(b';')),
            ("title,\"id\"\n", Some(b',')),
            ("name;title\n", None),
            ("", None),
        ] {
            assert_eq!(with_column(text.as_bytes(), "id"), delimiter, "{text}");
        }
    }
}
