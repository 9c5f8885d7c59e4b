//! Class probabilities for every event of a file, in the file's order.

mod origin;
mod output;

use std::path::Path;

use crate::dataset::ReadWatcher;
use crate::error::{Error, Result};
use crate::predictor::Predictor;
use crate::reading::{FileSummary, Parsed, for_each_block, parse};

use self::output::TaggedEvent;

pub use origin::Origin;
pub use output::{TagFormat, TagOutput};

/// Tags the events of `path` and writes a line for each to `output`. A bad event
/// is reported and left out, unless `strict` makes it an error; the lines count all
/// events of the file from 1.
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
    let file = path.display().to_string();
    let classes = predictor.description().classes.len();
    for_each_block(
        path,
        |chunk| {
            let parsed = parse(chunk);
            let probabilities = predictor.probabilities(&parsed.events)?;
            Ok((parsed, probabilities))
        },
        |(parsed, probabilities): (Parsed, Vec<f32>)| {
            for fault in &parsed.faults {
                if strict {
                    return Err(Error::Fault(fault.clone()));
                }
                watcher.fault(fault);
            }
            let rows = probabilities.chunks_exact(classes);
            for (event, probabilities) in parsed.events.iter().zip(rows) {
                output.write(&TaggedEvent {
                    file: &file,
                    number: started + event.number + 1,
                    line: event.line,
                    tracks: event.tracks.len(),
                    probabilities,
                })?;
            }
            started += parsed.started;
            summary.add(&parsed);
            Ok(())
        },
    )?;
    summary.require_events(path)?;
    watcher.file(path, summary);
    Ok(summary)
}
