use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use artkg_files::table::TableWriter;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::error::Result;
use crate::probabilities::best_class;

/// Probabilities are written to this many decimals.
const DECIMALS: usize = 6;

/// The columns before those of the classes.
const COLUMNS: [&str; 5] = ["file", "event", "line", "tracks", "class"];

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagFormat {
    /// A table with a header line.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// Where results go.
pub struct TagOutput<'a> {
    classes: Vec<String>,
    /// What is written, for messages.
    path: PathBuf,
    writer: Lines<'a>,
}

enum Lines<'a> {
    Csv(Box<TableWriter<&'a mut dyn Write>>),
    Jsonl(&'a mut dyn Write),
}

/// An event and what its tagger says.
pub(super) struct TaggedEvent<'a> {
    /// Its file.
    pub(super) file: &'a str,
    /// Its number in the file, from 1.
    pub(super) number: u64,
    /// The line that it starts in, from 1.
    pub(super) line: u64,
    /// Its tracks.
    pub(super) tracks: usize,
    /// The probability of each class.
    pub(super) probabilities: &'a [f32],
}

impl TagFormat {
    /// Whether a file that begins like this holds results in this format.
    pub fn is_file(self, beginning: &[u8]) -> bool {
        match self {
            Self::Csv => artkg_files::has_columns(beginning, &COLUMNS),
            Self::Jsonl => {
                beginning.starts_with(b"{\"file\":")
                    && artkg_files::has_part(beginning, "\"probabilities\":{")
            }
        }
    }
}

impl<'a> TagOutput<'a> {
    /// Begins what `writer` writes of events of `classes`; `path` names it in messages.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(
        writer: &'a mut dyn Write,
        path: &Path,
        format: TagFormat,
        classes: &[String],
    ) -> Result<Self> {
        let mut output = Self {
            classes: classes.to_vec(),
            path: path.to_path_buf(),
            writer: match format {
                TagFormat::Csv => Lines::Csv(Box::new(TableWriter::new(writer))),
                TagFormat::Jsonl => Lines::Jsonl(writer),
            },
        };
        if let Lines::Csv(table) = &mut output.writer {
            let fixed = COLUMNS.map(str::to_owned);
            let columns = classes.iter().map(|class| format!("p_{class}"));
            let written = table.row(fixed.into_iter().chain(columns));
            written.map_err(|error| output.failed(error))?;
        }
        Ok(output)
    }

    /// Writes a line.
    pub(super) fn write(&mut self, event: &TaggedEvent<'_>) -> Result<()> {
        let written = match &mut self.writer {
            Lines::Csv(table) => write_row(table, event, &self.classes),
            Lines::Jsonl(writer) => write_object(writer, event, &self.classes),
        };
        written.map_err(|error| self.failed(error).into())
    }

    /// Hands what was written to the operating system.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<()> {
        let flushed = match &mut self.writer {
            Lines::Csv(table) => table.flush(),
            Lines::Jsonl(writer) => writer.flush(),
        };
        flushed.map_err(|error| self.failed(error).into())
    }

    fn failed(&self, source: io::Error) -> artkg_files::Error {
        artkg_files::Error::new("write", &self.path, source)
    }
}

fn write_row(
    table: &mut TableWriter<&mut dyn Write>,
    event: &TaggedEvent<'_>,
    classes: &[String],
) -> io::Result<()> {
    let mut cell = String::new();
    let mut number = |table: &mut TableWriter<_>, value: std::fmt::Arguments<'_>| {
        cell.clear();
        // Writing to a string cannot fail.
        let _ = cell.write_fmt(value);
        table.cell(&cell)
    };
    table.cell(event.file)?;
    number(table, format_args!("{}", event.number))?;
    number(table, format_args!("{}", event.line))?;
    number(table, format_args!("{}", event.tracks))?;
    table.cell(&classes[best_class(event.probabilities)])?;
    for probability in event.probabilities {
        number(table, format_args!("{probability:.DECIMALS$}"))?;
    }
    table.end_row()
}

fn write_object(
    mut writer: &mut dyn Write,
    event: &TaggedEvent<'_>,
    classes: &[String],
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Line<'a> {
        file: &'a str,
        event: u64,
        line: u64,
        tracks: usize,
        class: &'a str,
        probabilities: Probabilities<'a>,
    }
    let line = Line {
        file: event.file,
        event: event.number,
        line: event.line,
        tracks: event.tracks,
        class: &classes[best_class(event.probabilities)],
        probabilities: Probabilities {
            classes,
            values: event.probabilities,
        },
    };
    serde_json::to_writer(&mut writer, &line)?;
    writer.write_all(b"\n")
}

/// An object with a key for each class, in their order.
struct Probabilities<'a> {
    classes: &'a [String],
    values: &'a [f32],
}

impl Serialize for Probabilities<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let scale = 10f64.powi(DECIMALS as i32);
        let mut map = serializer.serialize_map(Some(self.classes.len()))?;
        for (class, value) in self.classes.iter().zip(self.values) {
            map.serialize_entry(class, &((f64::from(*value) * scale).round() / scale))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written of two events.
    fn written(format: TagFormat, file: &str) -> String {
        let classes = ["bb".to_owned(), "o'ther".to_owned()];
        let mut bytes = Vec::new();
        let mut output = TagOutput::new(&mut bytes, Path::new("out"), format, &classes).unwrap();
        for (number, probabilities) in [(1, [0.25, 0.75]), (12, [1.0, 1e-7])] {
            let event = TaggedEvent {
                file,
                number,
                line: 7 * number,
                tracks: 3,
                probabilities: &probabilities,
            };
            output.write(&event).unwrap();
        }
        output.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn tables_quote_what_needs_it() {
        assert_eq!(
            written(TagFormat::Csv, "a,\"b\".txt"),
            "file,event,line,tracks,class,p_bb,p_o'ther\n\
             \"a,\"\"b\"\".txt\",1,7,3,o'ther,0.250000,0.750000\n\
             \"a,\"\"b\"\".txt\",12,84,3,bb,1.000000,0.000000\n"
        );
    }

    #[test]
    fn objects_have_their_keys_in_order() {
        assert_eq!(
            written(TagFormat::Jsonl, "a \"b\".txt"),
            "{\"file\":\"a \\\"b\\\".txt\",\"event\":1,\"line\":7,\"tracks\":3,\
             \"class\":\"o'ther\",\"probabilities\":{\"bb\":0.25,\"o'ther\":0.75}}\n\
             {\"file\":\"a \\\"b\\\".txt\",\"event\":12,\"line\":84,\"tracks\":3,\
             \"class\":\"bb\",\"probabilities\":{\"bb\":1.0,\"o'ther\":0.0}}\n"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_named() {
        let mut full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let path = Path::new("/dev/full");
        let output = TagOutput::new(&mut full, path, TagFormat::Csv, &[]).unwrap();
        let message = output.finish().unwrap_err().to_string();
        assert!(message.contains("/dev/full"), "{message}");
    }
}
