use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::formats::read_formats;

/// Why an image could not be used. Every fault of a file names it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read at all.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// The file has no bytes.
    #[error("{} is empty (0 bytes); fetch or export it again", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The content is no image, or of a format that is not read.
    #[error(
        "{} is {found}, not a {} image; convert or replace it",
        path.display(), read_formats()
    )]
    NotAnImage {
        /// The file.
        path: PathBuf,
        /// What the content looks like.
        found: String,
    },
    /// A known format, of a kind that no decoder here reads.
    #[error("{} cannot be decoded: {reason}; save it as 8-bit RGB JPEG or PNG", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What is not supported.
        reason: String,
    },
    /// The file ends, or its picture data ends, before the picture is complete.
    #[error("{} is cut short: {reason}; fetch or export it again", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Where the data ended.
        reason: String,
    },
    /// The file breaks the rules of its format.
    #[error("{} is damaged: {reason}; fetch or export it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// Decoding would need more memory than allowed.
    #[error(
        "{} ({width} × {height}) needs {} decoded, limit {}; raise the memory limit or downscale the \
         file",
        path.display(), megabytes(*needed), megabytes(*limit as u64)
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Width in pixels as stored.
        width: u64,
        /// Height in pixels as stored.
        height: u64,
        /// Bytes that decoding would hold at its peak.
        needed: u64,
        /// Bytes allowed.
        limit: usize,
    },
    /// A file that has to be read whole and is larger than allowed.
    #[error(
        "{} is a file of {}, limit {}; raise the memory limit, or convert or replace it",
        path.display(), megabytes(*length), megabytes(*limit as u64)
    )]
    FileTooLarge {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        length: u64,
        /// Bytes allowed.
        limit: usize,
    },
    /// A picture that no file of the format can hold.
    #[error("a picture of {width} × {height} pixels cannot be encoded: {reason}")]
    Encoding {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// What the encoder said.
        reason: String,
    },
    /// A crop that is empty or does not fit into the resized picture.
    #[error("preprocessing: crop {crop} must lie between 1 and resize {resize}")]
    Crop {
        /// Pixels of a side of the crop.
        crop: usize,
        /// Pixels of the shorter side that it is taken from.
        resize: usize,
    },
    /// A resized picture that is absurdly large.
    #[error("preprocessing: resize {resize} and crop {crop}: a side has at most {greatest} pixels")]
    Side {
        /// Pixels of the shorter side after resizing.
        resize: usize,
        /// Pixels of a side of the crop.
        crop: usize,
        /// The most that either may be.
        greatest: usize,
    },
    /// A mean that is not finite.
    #[error("preprocessing: mean {0:?} must be finite")]
    Mean([f32; 3]),
    /// A standard deviation that is not finite or not positive.
    #[error("preprocessing: deviation {0:?} must be positive and finite")]
    Deviation([f32; 3]),
}

/// The result of an image operation.
pub type Result<T> = std::result::Result<T, Error>;

/// What a decoder's fault means for its file: an end before the picture's, a kind that is
/// not read, or damage.
pub(crate) fn of_decoder<E>(error: &E, is_unsupported: bool, name: &Path) -> Error
where
    E: std::error::Error + 'static,
{
    let path = name.to_path_buf();
    if is_end_of_file(error) {
        return Error::Truncated {
            path,
            reason: "the file ends before the picture does".to_owned(),
        };
    }
    let reason = brief(error);
    match is_unsupported {
        true => Error::Unsupported { path, reason },
        false => Error::Damaged { path, reason },
    }
}

/// Whether an unexpected end of file lies at the root of `error`.
fn is_end_of_file(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(current) = cause {
        if current
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == ErrorKind::UnexpectedEof)
        {
            return true;
        }
        cause = current.source();
    }
    false
}

/// What a decoder said, or its beginning: it may quote thousands of values.
pub(crate) fn brief(error: &impl std::fmt::Display) -> String {
    const MOST: usize = 160;
    let mut text = error.to_string();
    if let Some((end, _)) = text.char_indices().nth(MOST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// `1.2 GB`, `512 MB`; below a megabyte `0.3 MB`.
fn megabytes(bytes: u64) -> String {
    let megabytes = bytes as f64 / 1e6;
    if megabytes >= 1000.0 {
        format!("{:.1} GB", megabytes / 1000.0)
    } else if megabytes >= 10.0 {
        format!("{megabytes:.0} MB")
    } else {
        format!("{megabytes:.1} MB")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_large_names_sizes_and_the_way_out() {
        let message = Error::TooLarge {
            path: "scan.tif".into(),
            width: 20_000,
            height: 20_000,
            needed: 1_200_000_000,
            limit: 512_000_000,
        }
        .to_string();
        assert_eq!(
            message,
            "scan.tif (20000 × 20000) needs 1.2 GB decoded, limit 512 MB; \
             raise the memory limit or downscale the file"
        );
    }

    #[test]
    fn long_reasons_are_cut() {
        assert_eq!(brief(&"short"), "short");
        let long = brief(&"é".repeat(100_000));
        assert_eq!(long.chars().count(), 161);
        assert!(long.ends_with("é…"));
    }
}
