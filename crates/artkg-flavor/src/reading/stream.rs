use std::path::Path;

use crossbeam_channel::bounded;
use rayon::prelude::*;

use super::chunks::{Chunk, Chunks};
use super::fault::Fault;
use super::parse::{Parsed, parse};
use crate::error::{Error, Result};
use crate::event::Events;

/// Chunks that each thread may have waiting.
const WAITING: usize = 4;

/// What was found in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileSummary {
    /// Events without fault.
    pub events: usize,
    /// Their tracks.
    pub tracks: usize,
    /// Events left out because of malformed lines.
    pub skipped: usize,
    /// Malformed lines.
    pub faults: usize,
    /// Whether the file says that these are toy events.
    pub is_toy: bool,
}

impl FileSummary {
    /// Refuses a file without any event that can be used.
    ///
    /// # Errors
    /// [`Error::NoEvents`].
    pub fn require_events(&self, path: &Path) -> Result<()> {
        match self.events {
            0 => Err(Error::NoEvents {
                path: path.to_path_buf(),
                skipped: self.skipped,
                faults: self.faults,
            }),
            _ => Ok(()),
        }
    }

    /// Counts another chunk.
    pub fn add(&mut self, parsed: &Parsed) {
        self.events += parsed.events.len();
        self.tracks += parsed.events.track_count();
        self.skipped += parsed.skipped;
        self.faults += parsed.faults.len();
        self.is_toy |= parsed.is_toy;
    }
}

/// Runs `work` on every chunk of `path` on all threads, and hands the results
/// to `take` in the file's order. The file is read, and unpacked, meanwhile.
/// No more of it is in memory than a few chunks a thread.
///
/// # Errors
/// When the file cannot be read; the first error of `work` or `take`.
pub fn for_each_block<T: Send>(
    path: &Path,
    work: impl Fn(&Chunk) -> Result<T> + Sync,
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    let chunks = Chunks::open(path)?;
    let most = WAITING * rayon::current_num_threads();
    std::thread::scope(|scope| {
        let (sender, receiver) = bounded(most);
        scope.spawn(move || {
            for chunk in chunks {
                // Fails once nobody listens: after an error.
                if sender.send(chunk).is_err() {
                    break;
                }
            }
        });
        let mut failure = None;
        while failure.is_none()
            && let Ok(first) = receiver.recv()
        {
            let mut batch = Vec::with_capacity(most);
            for chunk in std::iter::once(first).chain(receiver.try_iter().take(most - 1)) {
                match chunk {
                    Ok(chunk) => batch.push(chunk),
                    Err(error) => failure = Some(error),
                }
            }
            let results: Vec<Result<T>> = batch.par_iter().map(&work).collect();
            for result in results {
                take(result?)?;
            }
        }
        failure.map_or(Ok(()), Err)
    })
}

/// Reads all events of `path` into memory. `on_fault` receives every malformed
/// line; with `strict` the first one is an error.
///
/// # Errors
/// When the file cannot be read, has no usable event, or, with `strict`, has a
/// malformed line.
pub fn read_events(
    path: &Path,
    strict: bool,
    on_fault: &mut dyn FnMut(&Fault),
) -> Result<(Events, FileSummary)> {
    let mut events = Events::default();
    let mut summary = FileSummary::default();
    let mut started = 0;
    for_each_block(
        path,
        |chunk| Ok(parse(chunk)),
        |mut parsed| {
            for fault in parsed.faults.iter() {
                if strict {
                    return Err(Error::Fault(fault.clone()));
                }
                on_fault(fault);
            }
            summary.add(&parsed);
            parsed.events.number_from(started);
            started += parsed.started;
            events.append(&parsed.events);
            Ok(())
        },
    )?;
    summary.require_events(path)?;
    Ok((events, summary))
}
