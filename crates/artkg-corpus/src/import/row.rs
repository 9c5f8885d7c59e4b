//! One row on its way to an artwork.

use artkg_records::Fault;

use super::faulty;
use super::source::Source;
use super::values::Rewriter;
use crate::artwork::{Artwork, Split};
use crate::date::{YEAR_COLUMNS, YearRange, is_timeframe, stated_year};
use crate::mapping::Mapping;
use crate::problem::{Problem, ProblemKind};
use crate::values::Values;

/// A row and where its problems go.
pub(super) struct Row<'a> {
    pub(super) source: &'a Source,
    pub(super) problems: &'a mut Vec<Problem>,
}

impl Row<'_> {
    pub(super) fn note(&mut self, kind: ProblemKind, column: Option<&str>, message: String) {
        self.problems
            .push(self.source.problem(kind, column, message));
    }

    /// The artwork, unless the row cannot be used.
    pub(super) fn artwork(&mut self, mapping: &Mapping, rewriters: &[Rewriter]) -> Option<Artwork> {
        if !self.is_sound() {
            return None;
        }
        let source = self.source;
        let mut artwork = Artwork::default();
        for (column, rewriter) in source.columns.iter().zip(rewriters) {
            if column.is_part {
                continue;
            }
            let mut value = None;
            for &field in &column.sources {
                value = rewriter.rewrite_all(source.stream.values(field).map(|value| {
                    if !value.sound {
                        self.note_bytes(field, &value.text);
                    }
                    value.text
                }));
                if value.is_some() {
                    break;
                }
            }
            let Some(value) = value.as_deref().or(rewriter.default()) else {
                continue;
            };
            if artwork.set_cell(&column.name, value).is_err() {
                let name = source.name(&column.name);
                self.note(
                    ProblemKind::UnknownSplit,
                    Some(name),
                    format!(
                        "unknown split `{value}`; use {}",
                        Split::ALL.map(Split::name).join(", ")
                    ),
                );
            }
        }
        for (name, value) in &mapping.defaults {
            if artwork.cell(name).is_none() {
                // The mapping was refused if its default split were none.
                let _ = artwork.set_cell(name, value);
            }
        }
        if artwork.id.is_empty() {
            let name = source.name("id");
            self.note(
                ProblemKind::MissingId,
                Some(name),
                "there is no id; the row was left out".to_owned(),
            );
            return None;
        }
        self.date(&mut artwork, mapping.options.derive_timeframe);
        self.add_parts(&mut artwork, rewriters);
        Some(artwork)
    }

    /// Says that a value holds bytes that are not of the source's encoding.
    fn note_bytes(&mut self, field: usize, text: &str) {
        let encoding = self.source.stream.reading().encoding;
        let message = format!(
            "`{text}` holds bytes that are not {encoding}; save the table in UTF-8, or name its \
             encoding"
        );
        let name = self.source.stream.fields()[field].as_str();
        self.note(ProblemKind::BadEncoding, Some(name), message);
    }

    /// Whether the row can be used at all.
    fn is_sound(&mut self) -> bool {
        let stream = &self.source.stream;
        let Some(fault) = stream.fault() else {
            return true;
        };
        let column = match fault {
            Fault::UnclosedQuote { column, .. } => stream.fields().get(column),
            _ => None,
        };
        let (kind, message) = faulty::message(&fault);
        self.note(kind, column.map(String::as_str), message);
        false
    }

    /// Reads the date, and the timeframe from it where there is none. Years in
    /// columns of their own go before the text.
    fn date(&mut self, artwork: &mut Artwork, derive: bool) {
        if let Some(timeframe) = artwork.cell("timeframe")
            && !is_timeframe(timeframe)
        {
            let message = format!(
                "`{timeframe}` is no 50-year timeframe such as 1851-1900; it is kept as a class"
            );
            let name = self.source.name("timeframe");
            self.note(ProblemKind::BadTimeframe, Some(name), message);
        }
        let years = self.years(artwork);
        let written = artwork
            .cell("date")
            .map(|date| (date, YearRange::read(date)));
        let name = self.source.name("date");
        match (years, &written) {
            (Some(years), Some((date, Some(reading)))) if !years.meets(reading.range) => {
                let message = format!(
                    "`{date}` reads as {}, but the years beside it are {years}; these count",
                    reading.range
                );
                self.note(ProblemKind::DoubtfulDate, Some(name), message);
            }
            (None, Some((date, Some(reading)))) if reading.doubtful => {
                let message = format!("`{date}` was read as {}; is that right?", reading.range);
                self.note(ProblemKind::DoubtfulDate, Some(name), message);
            }
            (None, Some((date, None))) => {
                let message = format!("no year can be read from `{date}`");
                self.note(ProblemKind::UnreadableDate, Some(name), message);
            }
            _ => {}
        }
        let read = written.and_then(|(_, reading)| Some(reading?.range));
        if derive
            && artwork.timeframe.is_none()
            && let Some(range) = years.or(read)
        {
            artwork.timeframe = range.timeframe().map(Values::from);
        }
    }

    /// The years that have columns of their own, where they make sense.
    fn years(&mut self, artwork: &Artwork) -> Option<YearRange> {
        let [from, to] = YEAR_COLUMNS.map(|column| stated_year(artwork.cell(column)?));
        let (from, to) = (from?, to?);
        if from <= to {
            return Some(YearRange::new(from, to));
        }
        let name = self.source.name(YEAR_COLUMNS[0]);
        let message =
            format!("the first year, {from}, is after the last, {to}; both are passed over");
        self.note(ProblemKind::DoubtfulDate, Some(name), message);
        None
    }
}
