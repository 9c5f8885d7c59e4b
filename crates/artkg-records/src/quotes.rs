//! Rows that a cell swallowed because its quote is not closed.

use csv::ByteRecord;

/// A cell of more lines is no text that somebody wrote.
const MOST_LINES: usize = 1000;

/// A cell that reaches over rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swallowed {
    /// The cell's place in its row.
    pub column: usize,
    /// How many lines after its first it takes in.
    pub lines: usize,
}

/// The cell of a record that has taken in the rows after it, as far as that
/// shows: its lines look like rows of `columns` cells, or it has very many.
///
/// In texts of several lines few commas stand without a space after them.
pub(crate) fn swallowed(record: &ByteRecord, delimiter: u8, columns: usize) -> Option<Swallowed> {
    if !record.as_slice().contains(&b'\n') {
        return None;
    }
    record.iter().enumerate().find_map(|(column, cell)| {
        let lines = cell.iter().filter(|byte| **byte == b'\n').count();
        let suspicious = lines > 0 && (lines > MOST_LINES || holds_rows(cell, delimiter, columns));
        suspicious.then_some(Swallowed { column, lines })
    })
}

fn holds_rows(cell: &[u8], delimiter: u8, columns: usize) -> bool {
    if columns < 2 {
        return false;
    }
    let lines: Vec<&[u8]> = cell.split(|byte| *byte == b'\n').skip(1).collect();
    // A later quote closed the cell in the middle of a row, and the rest of that
    // row, with the quote that should have closed it, was added.
    let quotes = cell.iter().filter(|byte| **byte == b'"').count();
    if quotes % 2 == 1
        && lines
            .iter()
            .all(|line| delimiters(line, delimiter).bare > 0)
    {
        return true;
    }
    // The fewer columns there are, the more lines may look like rows by chance.
    let enough = match columns {
        2 => 4,
        3 => 3,
        4..=7 => 2,
        _ => 1,
    };
    let is_row = |line: &&[u8]| {
        let found = delimiters(line, delimiter);
        found.all == columns - 1 && 2 * found.bare >= found.all
    };
    let whole = &lines[..lines.len() - 1];
    whole.len() >= enough && whole.iter().all(is_row)
}

/// The delimiters of a line.
struct Delimiters {
    all: usize,
    /// Without a space after them.
    bare: usize,
}

fn delimiters(line: &[u8], delimiter: u8) -> Delimiters {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let places = line
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == delimiter);
    let (mut all, mut bare) = (0, 0);
    for (place, _) in places {
        all += 1;
        let before_space = line.get(place + 1).is_none_or(|next| *next == b' ');
        bare += usize::from(!before_space || line[place] != b',');
    }
    Delimiters { all, bare }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(cells: &[&str]) -> Option<(usize, usize)> {
        let record = ByteRecord::from(cells.to_vec());
        swallowed(&record, b',', cells.len()).map(|found| (found.column, found.lines))
    }

    #[test]
    fn rows_in_a_cell_are_noticed_and_texts_are_not() {
        // 1,"A / 2,B / 3,"C"
        assert_eq!(found(&["1", "A\n2,B\n3,C\""]), Some((1, 2)));
        assert_eq!(found(&["1", "A\n2,B\n3,C\n4,D\n5,E\n6,"]), Some((1, 5)));
        let row = "\n2,B,C,D,E,F,G,H\n3,";
        assert_eq!(found(&["1", row, "", "", "", "", "", ""]), Some((1, 2)));
        assert_eq!(found(&["1", &"\n".repeat(1001)]), Some((1, 1001)));
        for text in [
            "Two lines,\none title",
            "He said\n\"no, no\"",
            "A poem,\nof lines,\nwith commas,",
            "Faith\nHope\nCharity",
            "7\" wide\nframed",
            "7\" wide, framed,\nsigned, dated, and sold",
        ] {
            assert_eq!(found(&["1", text]), None, "{text}");
        }
        // Seven commas in a line of eight columns.
        let prose = "Text.\nRed, blue, green, white, black, brown, grey, and gold.\nThe end.";
        assert_eq!(found(&["1", prose, "", "", "", "", "", ""]), None);
    }
}
