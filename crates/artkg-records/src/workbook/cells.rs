//! The cells of a sheet as text.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{Data, DataRef, ExcelDateTime, Reader as _, Sheets};

use super::broken;
use crate::error::{Error, Result};

/// What calamine opens.
pub(super) type Source = Sheets<BufReader<File>>;

/// The most cells with something in them that a sheet may have.
const MOST_CELLS: usize = 50_000_000;

/// The most places before a cell in its row: Excel has 16,384 columns.
const MOST_COLUMNS: u32 = 1 << 14;

/// The rows of a sheet that have cells, with their numbers: the first is row 1.
pub(super) fn rows(
    path: &Path,
    source: &mut Source,
    sheet: &str,
) -> Result<Vec<(u64, Vec<String>)>> {
    let mut rows = Rows::default();
    if let Sheets::Xlsx(workbook) = source {
        // Cell by cell: a sheet with one cell in its last corner is not a large one.
        let mut cells = workbook
            .worksheet_cells_reader(sheet)
            .map_err(|error| broken(path, &error))?;
        while let Some(cell) = cells.next_cell().map_err(|error| broken(path, &error))? {
            let (row, column) = cell.get_position();
            let text = match cell.get_value() {
                DataRef::SharedString(text) => (*text).to_owned(),
                value => text(&Data::from(value.clone())),
            };
            rows.push(path, row, column, text)?;
        }
    } else {
        let range = source
            .worksheet_range(sheet)
            .map_err(|error| broken(path, &error))?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let (row, column) = (row as u32 + first_row, column as u32 + first_column);
            rows.push(path, row, column, text(value))?;
        }
    }
    rows.0.sort_by_key(|(number, _)| *number);
    Ok(rows.0)
}

#[derive(Default)]
struct Rows(Vec<(u64, Vec<String>)>, usize);

impl Rows {
    fn push(&mut self, path: &Path, row: u32, column: u32, text: String) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.1 += 1;
        if self.1 > MOST_CELLS || column >= MOST_COLUMNS {
            return Err(Error::Workbook {
                path: path.to_path_buf(),
                reason: format!(
                    "it has more than {MOST_CELLS} cells, or {MOST_COLUMNS} columns, as no \
                     catalogue does"
                ),
            });
        }
        let number = u64::from(row) + 1;
        if self.0.last().is_none_or(|(last, _)| *last != number) {
            self.0.push((number, Vec::new()));
        }
        if let Some((_, cells)) = self.0.last_mut() {
            let column = column as usize;
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            cells[column] = text;
        }
        Ok(())
    }
}

/// What a person reads in a cell: dates as dates, whole numbers without a point.
fn text(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::String(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(moment) => moment_text(moment),
        Data::DateTimeIso(text) => match text.split_once('T') {
            Some((date, time)) if time.trim_matches(['0', ':', '.', 'Z']).is_empty() => {
                date.to_owned()
            }
            _ => text.clone(),
        },
        Data::Error(error) => error.to_string(),
    }
}

fn number_text(number: f64) -> String {
    match number.fract() == 0.0 && number.abs() < 1e15 {
        // Exact below 2^53.
        true => (number as i64).to_string(),
        false => number.to_string(),
    }
}

fn moment_text(moment: &ExcelDateTime) -> String {
    if moment.is_duration() {
        let seconds = (moment.as_f64() * 86_400.0).round() as i64;
        let (hours, rest) = (seconds / 3600, seconds % 3600);
        return format!("{hours}:{:02}:{:02}", rest / 60, rest % 60);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let (date, time) = (
        format!("{year:04}-{month:02}-{day:02}"),
        format!("{hour:02}:{minute:02}:{second:02}"),
    );
    match moment.as_f64() {
        value if value.fract() == 0.0 => date,
        value if value < 1.0 => time,
        _ => format!("{date}T{time}"),
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn cells_read_as_a_person_reads_them() {
        let date = |value, kind| Data::DateTime(ExcelDateTime::new(value, kind, false));
        let moment = ExcelDateTimeType::DateTime;
        for (cell, expected) in [
            (Data::Float(1889.0), "1889"),
            (Data::Float(54.25), "54.25"),
            (Data::Int(7), "7"),
            (Data::Bool(true), "true"),
            (date(44_562.0, moment), "2022-01-01"),
            (date(44_562.5, moment), "2022-01-01T12:00:00"),
            (date(1.5, ExcelDateTimeType::TimeDelta), "36:00:00"),
            (
                Data::DateTimeIso("1889-06-01T00:00:00".into()),
                "1889-06-01",
            ),
            (Data::DateTimeIso("1889-06-01".into()), "1889-06-01"),
            (Data::Empty, ""),
        ] {
            assert_eq!(text(&cell), expected, "{cell:?}");
        }
    }
}
