//! Safetensors files, read no further than makes sense.

use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::error::{Error, Result};
use crate::read::open_regular;

/// Files up to this size are read whatever they are.
const SMALL: u64 = 16 << 20;

/// The longest header that the format allows.
const LONGEST_HEADER: u64 = 100_000_000;

/// The bytes of a safetensors file, and its length. Of a large one whose header is none only
/// the beginning is read, and none is read further than one byte beyond what its header
/// promises: a film under a model's name does not fill the memory.
///
/// # Errors
/// As [`open_regular`], and when the file cannot be read.
pub fn read_tensors(path: &Path) -> Result<(Vec<u8>, u64)> {
    let (mut file, length) = open_regular(path)?;
    let mut bytes = Vec::new();
    let mut read_up_to = |bytes: &mut Vec<u8>, end: u64| {
        let wanted = end.min(length).saturating_sub(bytes.len() as u64);
        // A size that the memory has no place for is an error, not the end of the program.
        let reserved = bytes.try_reserve_exact(usize::try_from(wanted).unwrap_or(usize::MAX));
        let read = match reserved {
            Ok(()) => (&mut file).take(wanted).read_to_end(bytes).map(drop),
            Err(_) => Err(ErrorKind::OutOfMemory.into()),
        };
        read.map_err(|source| Error::new("read", path, source))
    };
    if length <= SMALL {
        read_up_to(&mut bytes, length)?;
        return Ok((bytes, length));
    }
    read_up_to(&mut bytes, 8)?;
    let header = u64::from_le_bytes(*bytes.first_chunk().unwrap_or(&[0; 8]));
    if header <= LONGEST_HEADER {
        read_up_to(&mut bytes, 8 + header)?;
        if let Some(promised) = promised_length(&bytes) {
            read_up_to(&mut bytes, promised.saturating_add(1))?;
        }
    }
    Ok((bytes, length))
}

/// The length of a safetensors file as its header promises it, where it has one.
pub fn promised_length(bytes: &[u8]) -> Option<u64> {
    let header = u64::from_le_bytes(*bytes.first_chunk()?);
    let start = header.checked_add(8)?;
    let header = bytes.get(8..usize::try_from(start).ok()?)?;
    let header: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(header).ok()?;
    let ends = header
        .iter()
        .filter(|(name, _)| *name != "__metadata__")
        .filter_map(|(_, entry)| entry["data_offsets"][1].as_u64());
    start.checked_add(ends.max().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn large_files_are_read_as_far_as_their_header_makes_sense() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.safetensors");
        let sparse = |beginning: &[u8]| {
            std::fs::write(&path, beginning).unwrap();
            let file = File::options().write(true).open(&path).unwrap();
            file.set_len(1 << 36).unwrap();
            let (bytes, length) = read_tensors(&path).unwrap();
            assert_eq!(length, 1 << 36);
            bytes.len()
        };
        // Zeros are a header of no length.
        assert_eq!(sparse(b""), 8);
        // Letters are one of an absurd length.
        assert_eq!(sparse(b"ftypisom and more"), 8);
        let header = br#"{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}"#;
        let mut sealed = (header.len() as u64).to_le_bytes().to_vec();
        sealed.extend(header);
        let promised = sealed.len() + 20;
        assert_eq!(promised_length(&sealed), Some(promised as u64));
        assert_eq!(sparse(&sealed), promised + 1);
        // Small files are read whole, whatever they are.
        std::fs::write(&path, "anything").unwrap();
        assert_eq!(read_tensors(&path).unwrap(), (b"anything".to_vec(), 8));
    }
}
