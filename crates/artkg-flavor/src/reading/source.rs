//! Plain, gzip and zstd files as one kind of stream.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

use crate::Result;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const BUFFER: usize = 1 << 18;

/// Opens `path`; what it is packed with shows in its first bytes, not its name.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read + Send>> {
    let failed = |source| artkg_files::Error::new("read", path, source);
    let mut file = BufReader::with_capacity(BUFFER, artkg_files::open(path)?);
    let start = file.fill_buf().map_err(failed)?;
    Ok(if start.starts_with(&GZIP) {
        Box::new(MultiGzDecoder::new(file))
    } else if start.starts_with(&ZSTD) {
        Box::new(Zstd::Between(Some(file)))
    } else {
        Box::new(file)
    })
}

/// All frames of a zstd file, one after the other.
enum Zstd {
    Between(Option<BufReader<File>>),
    Within(Box<StreamingDecoder<BufReader<File>, ruzstd::decoding::FrameDecoder>>),
}

impl Read for Zstd {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self {
                Self::Within(decoder) => match decoder.read(buffer)? {
                    0 if !buffer.is_empty() => {}
                    count => return Ok(count),
                },
                Self::Between(file) => {
                    let Some(mut file) = file.take() else {
                        return Ok(0);
                    };
                    if file.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    let decoder = StreamingDecoder::new(file).map_err(io::Error::other)?;
                    *self = Self::Within(Box::new(decoder));
                    continue;
                }
            }
            // The end of a frame; another may follow.
            let ended = std::mem::replace(self, Self::Between(None));
            if let Self::Within(decoder) = ended {
                *self = Self::Between(Some(decoder.into_inner()));
            }
        }
    }
}
