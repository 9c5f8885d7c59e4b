//! Plain, gzip and zstd files as one kind of stream.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::error::{Error, Result};
use crate::read;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// How frames begin that hold no text, such as the index of a seekable file: after
/// a first byte of 0x50 to 0x5f.
const ZSTD_SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];
const BUFFER: usize = 1 << 18;

/// What a file holds, unpacked.
pub struct Unpacked {
    /// Its bytes.
    pub content: Box<dyn Read + Send>,
    /// Whether the file is packed: then little of it may become much.
    pub is_packed: bool,
}

/// Opens `path`; what it is packed with shows in its first bytes, not its name.
///
/// # Errors
/// An [`Error`] naming `path`; what is wrong with the packing shows in reading.
pub fn open(path: &Path) -> Result<Unpacked> {
    let failed = |source| Error::new("read", path, source);
    let mut file = BufReader::with_capacity(BUFFER, read::open(path)?);
    let start = file.fill_buf().map_err(failed)?;
    let (content, is_packed): (Box<dyn Read + Send>, bool) = if start.starts_with(&GZIP) {
        (Box::new(MultiGzDecoder::new(file)), true)
    } else if is_zstd(start) {
        let decoder = FrameDecoder::new();
        let frames = Zstd {
            file,
            decoder,
            is_within: false,
        };
        (Box::new(frames), true)
    } else {
        (Box::new(file), false)
    };
    Ok(Unpacked { content, is_packed })
}

fn is_zstd(start: &[u8]) -> bool {
    let is_skippable = |first: &u8| first >> 4 == 5 && start[1..].starts_with(&ZSTD_SKIPPABLE);
    start.starts_with(&ZSTD) || start.first().is_some_and(is_skippable)
}

/// All frames of a zstd file, one after the other.
struct Zstd {
    file: BufReader<File>,
    decoder: FrameDecoder,
    /// Whether a frame was begun.
    is_within: bool,
}

impl Zstd {
    /// Begins the next frame that holds text; false at the end of the file.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.file.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.file) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut frame = self.file.by_ref().take(u64::from(length));
                    if io::copy(&mut frame, &mut io::sink())? < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    /// Compares what was read of a frame with its checksum, where it has one.
    fn check(&self) -> io::Result<()> {
        let stored = self.decoder.get_checksum_from_data();
        match stored.is_none() || stored == self.decoder.get_calculated_checksum() {
            true => Ok(()),
            false => Err(io::Error::other("its checksum does not match its content")),
        }
    }
}

impl Read for Zstd {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.is_within {
                if !self.begin()? {
                    return Ok(0);
                }
                self.is_within = true;
            }
            while self.decoder.can_collect() < buffer.len() && !self.decoder.is_finished() {
                let missing = buffer.len() - self.decoder.can_collect();
                self.decoder
                    .decode_blocks(&mut self.file, BlockDecodingStrategy::UptoBytes(missing))
                    .map_err(io::Error::other)?;
            }
            if self.decoder.can_collect() > 0 || buffer.is_empty() {
                return self.decoder.read(buffer);
            }
            // The end of a frame; another may follow.
            self.check()?;
            self.is_within = false;
        }
    }
}
