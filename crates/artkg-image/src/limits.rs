use std::path::Path;

use crate::error::{Error, Result};

/// What a decoded picture may cost and how large it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeLimits {
    /// When given, a JPEG may be decoded at 1/2 or 1/4 of its size, and a JPEG 2000 at
    /// any power of two, as long as its shorter side stays at least twice this value, so
    /// that a following antialiased resize to it gives what the full decode would give
    /// (within one grey level on average, one and a half for JPEG 2000). `None` decodes at full size.
    pub smallest_side: Option<u32>,
    /// The most bytes that decoding one picture may hold at its peak.
    pub max_bytes: usize,
}

impl DecodeLimits {
    /// The memory bound unless another is asked for: 512 MB, a colour picture of
    /// about 170 megapixels.
    pub(crate) const DEFAULT_MAX_BYTES: usize = 512_000_000;
}

impl Default for DecodeLimits {
    /// Full size within 512 MB, a colour picture of about 170 megapixels.
    fn default() -> Self {
        Self {
            smallest_side: None,
            max_bytes: Self::DEFAULT_MAX_BYTES,
        }
    }
}

/// A reduced decode keeps at least this many times the wanted side, so that the
/// resize that follows hides the difference between the two ways of averaging.
pub(crate) const REDUCED_MARGIN: u64 = 2;

/// Refuses pictures without pixels and those beyond the memory bound.
pub(crate) fn check_size(
    name: &Path,
    limits: &DecodeLimits,
    (width, height): (u64, u64),
    bytes_per_pixel: u64,
) -> Result<()> {
    if width == 0 || height == 0 {
        return Err(Error::Damaged {
            path: name.to_path_buf(),
            reason: format!("its header says {width} × {height} pixels"),
        });
    }
    let needed = width.saturating_mul(height).saturating_mul(bytes_per_pixel);
    if needed > limits.max_bytes as u64 {
        return Err(Error::TooLarge {
            path: name.to_path_buf(),
            width,
            height,
            needed,
            limit: limits.max_bytes,
        });
    }
    Ok(())
}
