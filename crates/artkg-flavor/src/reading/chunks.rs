use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use artkg_files::packed;
use memchr::memmem::rfind;

use crate::error::{Error, Result};

/// Text that one task works on; about ninety events.
const CHUNK: usize = 1 << 18;
/// Text without an axis line after which a file is no event file.
const MOST_WITHOUT_AXIS: usize = 1 << 25;
/// How an event starts.
pub(crate) const AXIS: &[u8] = b"Axis";

/// Whole events of a file, as text.
#[derive(Debug)]
pub struct Chunk {
    pub(crate) path: Arc<PathBuf>,
    /// The number of its first line, counted from 1.
    pub(crate) first_line: u64,
    pub(crate) text: Vec<u8>,
}

impl Chunk {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Cuts a file into [`Chunk`]s, so that events are parsed on many threads and
/// no more of the file is held than that takes.
pub(crate) struct Chunks {
    path: Arc<PathBuf>,
    source: Box<dyn Read + Send>,
    line: u64,
    /// Read, but not handed out.
    rest: Vec<u8>,
    finished: bool,
}

impl Chunks {
    /// Opens a plain, gzip or zstd file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Ok(Self {
            path: Arc::new(path.to_path_buf()),
            source: packed::open(path)?.content,
            line: 1,
            rest: Vec::new(),
            finished: false,
        })
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        let mut wanted = CHUNK;
        while !self.finished {
            let missing = wanted.saturating_sub(self.rest.len());
            let read = self
                .source
                .by_ref()
                .take(missing as u64)
                .read_to_end(&mut self.rest)
                .map_err(|source| Error::Unpacking {
                    path: self.path.to_path_buf(),
                    line: self.last_line(),
                    source,
                })?;
            if read < missing {
                self.finished = true;
            } else if let Some(end) = last_event(&self.rest) {
                let after = self.rest.split_off(end);
                let text = std::mem::replace(&mut self.rest, after);
                return Ok(Some(self.chunk(text)));
            } else if self.rest.len() >= MOST_WITHOUT_AXIS {
                self.finished = true;
                return Err(Error::NoAxis {
                    path: self.path.to_path_buf(),
                    line: self.line,
                    megabytes: MOST_WITHOUT_AXIS >> 20,
                });
            } else {
                wanted = self.rest.len() + CHUNK;
            }
        }
        let text = std::mem::take(&mut self.rest);
        Ok((!text.is_empty()).then(|| self.chunk(text)))
    }

    fn chunk(&mut self, text: Vec<u8>) -> Chunk {
        let first_line = self.line;
        self.line += memchr::memchr_iter(b'\n', &text).count() as u64;
        Chunk {
            path: self.path.clone(),
            first_line,
            text,
        }
    }

    /// The last line that was read.
    fn last_line(&self) -> u64 {
        let unread = memchr::memchr_iter(b'\n', &self.rest).count() as u64;
        self.line - 1 + unread
    }
}

impl Iterator for Chunks {
    type Item = Result<Chunk>;

    fn next(&mut self) -> Option<Result<Chunk>> {
        let next = self.next_chunk().transpose();
        self.finished |= matches!(next, Some(Err(_)));
        next
    }
}

/// Where the last event starts, unless that is the start of the text.
fn last_event(text: &[u8]) -> Option<usize> {
    let mut end = text.len();
    while let Some(found) = rfind(&text[..end], AXIS) {
        let line = memchr::memrchr(b'\n', &text[..found]).map_or(0, |newline| newline + 1);
        if text[line..found]
            .iter()
            .all(|byte| byte.is_ascii_whitespace())
        {
            return (line > 0).then_some(line);
        }
        // Within a comment.
        end = found;
    }
    None
}
