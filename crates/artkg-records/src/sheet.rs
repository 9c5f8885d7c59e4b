//! A sheet of a workbook as rows of text.

use std::borrow::Cow;

use crate::text::without_zeros;

/// The rows of a sheet under its header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(crate) header: Vec<String>,
    /// Numbers of rows as the spreadsheet has them, and cells; those that are empty at the
    /// end of a row may be left out.
    pub(crate) rows: Vec<(u64, Vec<String>)>,
}

impl Sheet {
    /// The first row with two cells is the header: a title may stand over it. Of a sheet of
    /// one column it is the first row. Rows without text are left out.
    pub(crate) fn new(mut rows: Vec<(u64, Vec<String>)>) -> Self {
        let filled = |cells: &[String]| cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        rows.retain(|(_, cells)| filled(cells) > 0);
        for cell in rows.iter_mut().flat_map(|(_, cells)| cells) {
            if let Cow::Owned(text) = without_zeros(cell) {
                *cell = text;
            }
        }
        let header = rows
            .iter()
            .position(|(_, cells)| filled(cells) > 1)
            .unwrap_or(0);
        if rows.is_empty() {
            return Self::default();
        }
        let mut rows = rows.split_off(header);
        let (_, mut header) = rows.remove(0);
        while header.last().is_some_and(|cell| cell.trim().is_empty()) {
            header.pop();
        }
        for name in &mut header {
            *name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        Self { header, rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_characters_are_replaced_in_names_and_cells() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let sheet = Sheet::new(vec![(1, row(["id", "ti\0tle"])), (2, row(["a\0", "b"]))]);
        assert_eq!(sheet.header, ["id", "ti\u{fffd}tle"]);
        assert_eq!(sheet.rows, [(2, row(["a\u{fffd}", "b"]))]);
    }
}
