//! The bytes of a table: decompressed, and never more than is sound.

use std::fs;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use artkg_files::packed::{self, Unpacked};
use encoding_rs::Encoding;

use crate::decoding::Decoding;
use crate::error::{Error, Result};

/// The most bytes that a row may have.
const LARGEST_ROW: u64 = 64 << 20;

/// A compressed table may always grow to this many bytes.
pub(crate) const FREE_EXPANSION: u64 = 256 << 20;

/// How many times its compressed size a larger table may have. Texts that people
/// write shrink to a fifth or a tenth.
pub(crate) const LARGEST_EXPANSION: u64 = 200;

const BUFFER: usize = 1 << 16;

/// Watches how much a reader delivers.
#[derive(Default)]
pub(crate) struct Meter {
    /// The bytes since a row was last complete.
    row: AtomicU64,
    row_is_too_large: AtomicBool,
    expands_too_far: AtomicBool,
}

impl Meter {
    /// A row is complete.
    pub(crate) fn end_row(&self) {
        self.row.store(0, Ordering::Relaxed);
    }

    /// What the reader refused, if anything.
    pub(crate) fn refusal(&self, path: &Path, row: u64) -> Option<Error> {
        let path = path.to_path_buf();
        if self.expands_too_far.load(Ordering::Relaxed) {
            let times = LARGEST_EXPANSION;
            return Some(Error::Expansion { path, times });
        }
        self.row_is_too_large
            .load(Ordering::Relaxed)
            .then_some(Error::LargeRow {
                path,
                row,
                most: LARGEST_ROW >> 20,
            })
    }
}

/// The bytes of a file, unpacked where it is gzip or zstd. With `rows`, somebody
/// calls [`Meter::end_row`] and rows are bounded.
pub(crate) fn content(path: &Path, rows: bool) -> Result<(Box<dyn Read + Send>, Arc<Meter>)> {
    let Unpacked { content, is_packed } = packed::open(path)?;
    let packed = fs::metadata(path).map_err(reading(path))?.len();
    let meter = Arc::new(Meter::default());
    let bounded = |inner, most| Bounded {
        inner,
        total: 0,
        most,
        rows,
        meter: Arc::clone(&meter),
    };
    let content: Box<dyn Read + Send> = if is_packed {
        let most = FREE_EXPANSION.saturating_add(LARGEST_EXPANSION.saturating_mul(packed));
        Box::new(BufReader::with_capacity(BUFFER, bounded(content, most)))
    } else {
        Box::new(bounded(content, u64::MAX))
    };
    Ok((content, meter))
}

/// The text of a file in UTF-8, without its mark; of UTF-16 with a mark, which becomes
/// UTF-8 on the way. Nobody calls [`Meter::end_row`].
pub(crate) fn text(path: &Path) -> Result<(Box<dyn Read + Send>, Arc<Meter>)> {
    let (content, meter) = content(path, false)?;
    let (start, content) = start(path, content, 3)?;
    let text: Box<dyn Read + Send> = match Encoding::for_bom(&start) {
        Some((encoding, _)) => Box::new(Decoding::new(content, encoding)),
        None => content,
    };
    Ok((text, meter))
}

/// The first bytes of a content, and the whole of it.
pub(crate) fn start(
    path: &Path,
    mut content: Box<dyn Read + Send>,
    length: usize,
) -> Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut start = Vec::with_capacity(length);
    content
        .by_ref()
        .take(length as u64)
        .read_to_end(&mut start)
        .map_err(reading(path))?;
    let whole = Cursor::new(start.clone()).chain(content);
    Ok((start, Box::new(whole)))
}

/// Says that a file could not be read.
pub(crate) fn reading(path: &Path) -> impl Fn(io::Error) -> artkg_files::Error {
    move |source| artkg_files::Error::new("read", path, source)
}

/// Reads everything, as far as the meter allows.
pub(crate) fn read_all(path: &Path) -> Result<Vec<u8>> {
    let (mut content, meter) = content(path, false)?;
    let mut bytes = Vec::new();
    match content.read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(source) => Err(match meter.refusal(path, 0) {
            Some(refusal) => refusal,
            None => reading(path)(source).into(),
        }),
    }
}

/// A reader that ends with an error where too much comes.
struct Bounded {
    inner: Box<dyn Read + Send>,
    total: u64,
    most: u64,
    rows: bool,
    meter: Arc<Meter>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.total += length as u64;
        if self.total > self.most {
            self.meter.expands_too_far.store(true, Ordering::Relaxed);
            return Err(io::Error::other("the compressed table is too large"));
        }
        let row = self.meter.row.fetch_add(length as u64, Ordering::Relaxed);
        if self.rows && row > LARGEST_ROW {
            self.meter.row_is_too_large.store(true, Ordering::Relaxed);
            return Err(io::Error::other("a row is too large"));
        }
        Ok(length)
    }
}
