//! Class probabilities for every event of a file, in the file's order.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use crate::dataset::ReadWatcher;
use crate::predictor::Predictor;
use crate::reading::{Fault, FileSummary, for_each_block, parse};
use crate::{Error, Result};

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagFormat {
    /// A table with a header line.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl TagFormat {
    /// The first line, where there is one.
    pub fn header(self, predictor: &Predictor) -> String {
        match self {
            Self::Jsonl => String::new(),
            Self::Csv => {
                let classes = &predictor.description().classes;
                let columns: Vec<String> =
                    classes.iter().map(|class| format!("p_{class}")).collect();
                format!("file,event,line,tracks,class,{}\n", columns.join(","))
            }
        }
    }
}

/// What came of one chunk, before its events have their number in the file.
struct Block {
    faults: Vec<Fault>,
    started: u64,
    skipped: usize,
    events: usize,
    tracks: usize,
    /// Of each event: its number within the chunk, and where its text ends.
    numbers: Vec<(u64, usize)>,
    text: String,
}

/// Where results go.
pub struct TagOutput<'a> {
    /// Takes the lines.
    pub writer: &'a mut dyn Write,
    /// What it writes, for messages.
    pub path: &'a Path,
    /// How they are written.
    pub format: TagFormat,
}

/// Tags the events of `path` and writes a line for each to `output`. A bad event
/// is reported and left out, unless `strict` makes it an error; `event` counts
/// all events of the file from 1.
///
/// # Errors
/// When the file cannot be read or has no usable event, or the output cannot
/// be written.
pub fn tag(
    predictor: &Predictor,
    path: &Path,
    strict: bool,
    output: &mut TagOutput<'_>,
    watcher: &mut dyn ReadWatcher,
) -> Result<FileSummary> {
    let mut summary = FileSummary::default();
    let mut started = 0;
    let name = path.display().to_string();
    let (format, output_path) = (output.format, output.path);
    let start = match format {
        TagFormat::Csv => csv_cell(&name) + ",",
        TagFormat::Jsonl => format!("{{\"file\":{},\"event\":", serde_json::Value::from(name)),
    };
    let mut line = String::new();
    for_each_block(
        path,
        |chunk| {
            let parsed = parse(chunk);
            let probabilities = predictor.probabilities(&parsed.events)?;
            let mut block = Block {
                started: parsed.started,
                skipped: parsed.skipped,
                events: parsed.events.len(),
                tracks: parsed.events.track_count(),
                faults: parsed.faults,
                numbers: Vec::with_capacity(parsed.events.len()),
                text: String::new(),
            };
            let classes = &predictor.description().classes;
            let rows = probabilities.chunks_exact(classes.len());
            for (event, row) in parsed.events.iter().zip(rows) {
                write_event(&mut block.text, format, event, classes, row);
                block.numbers.push((event.number, block.text.len()));
            }
            Ok(block)
        },
        |block| {
            for fault in &block.faults {
                if strict {
                    return Err(Error::Fault(fault.clone()));
                }
                watcher.fault(fault);
            }
            line.clear();
            let mut from = 0;
            for (number, to) in block.numbers {
                line.push_str(&start);
                // Writing to a string cannot fail.
                let _ = write!(line, "{}", started + number + 1);
                line.push_str(&block.text[from..to]);
                from = to;
            }
            started += block.started;
            summary.events += block.events;
            summary.tracks += block.tracks;
            summary.skipped += block.skipped;
            summary.faults += block.faults.len();
            output
                .writer
                .write_all(line.as_bytes())
                .map_err(|source| artkg_files::Error::new("write", output_path, source))
                .map_err(Error::from)
        },
    )?;
    summary.require_events(path)?;
    watcher.file(path, summary);
    Ok(summary)
}

/// What follows the event's number in its line.
fn write_event(
    text: &mut String,
    format: TagFormat,
    event: crate::Event<'_>,
    classes: &[String],
    row: &[f32],
) {
    let class = &classes[crate::evaluation::best_class(row)];
    let (line, tracks) = (event.line, event.tracks.len());
    // Writing to a string cannot fail.
    let _ = match format {
        TagFormat::Csv => write!(text, ",{line},{tracks},{class}"),
        TagFormat::Jsonl => write!(
            text,
            ",\"line\":{line},\"tracks\":{tracks},\"class\":\"{class}\",\"probabilities\":{{"
        ),
    };
    for (index, (class, probability)) in classes.iter().zip(row).enumerate() {
        let _ = match format {
            TagFormat::Csv => write!(text, ",{probability:.6}"),
            TagFormat::Jsonl => {
                let comma = if index == 0 { "" } else { "," };
                write!(text, "{comma}\"{class}\":{probability:.6}")
            }
        };
    }
    text.push_str(match format {
        TagFormat::Csv => "\n",
        TagFormat::Jsonl => "}}\n",
    });
}

/// `text` as a cell, in quotes where it needs them.
fn csv_cell(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}
