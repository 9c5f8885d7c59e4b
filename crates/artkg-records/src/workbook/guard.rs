//! Workbooks are archives, of which a little may unpack to very much.

use std::fs;
use std::io::{self, BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use super::broken;
use crate::content::{self, FREE_EXPANSION, LARGEST_EXPANSION};
use crate::error::{Error, Result};

/// Refuses a workbook whose parts are together larger than sound ones are. What an archive
/// says of its sizes may be wrong, so it is unpacked and counted.
pub(super) fn check(path: &Path) -> Result<()> {
    let file = artkg_files::open(path)?;
    let packed = fs::metadata(path).map_err(content::reading(path))?.len();
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else {
        // No archive: an old workbook is not packed. Opening it says what else is wrong.
        return Ok(());
    };
    let mut left = FREE_EXPANSION.saturating_add(LARGEST_EXPANSION.saturating_mul(packed));
    for part in 0..archive.len() {
        let part = archive
            .by_index(part)
            .map_err(|error| broken(path, &error))?;
        let length =
            io::copy(&mut part.take(left + 1), &mut io::sink()).map_err(content::reading(path))?;
        left = left.checked_sub(length).ok_or_else(|| Error::Expansion {
            path: path.to_path_buf(),
            times: LARGEST_EXPANSION,
        })?;
    }
    Ok(())
}
