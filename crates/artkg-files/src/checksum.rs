//! Checksums of safetensors files, inside their own headers.
//!
//! The metadata of a sealed file has two entries: `artkg_checksum_algorithm`, and
//! `artkg_checksum`, the digits of the SHA-256 of the whole file as it is with zeros in
//! their place. So it covers lengths, header and tensors, and two files have the same
//! digits only where they are the same, which makes it the file's fingerprint as well.
//! There are two entries so that one that is damaged does not look like one that was
//! never written.

use std::io::Write;
use std::ops::Range;
use std::path::Path;

use sha2::{Digest, Sha256};

const ALGORITHM_KEY: &str = "artkg_checksum_algorithm";
const DIGITS_KEY: &str = "artkg_checksum";
const ALGORITHM: &str = "sha256";
/// What stands for the digits while they are computed.
const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The bytes before the header, which say its length.
const LENGTH: usize = size_of::<u64>();

/// The checksum of a file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    digits: String,
    is_recorded: bool,
}

/// Why the checksum of a file does not vouch for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChecksumFault {
    /// It is that of other bytes.
    #[error("the checksum does not match: some bytes have changed since it was written")]
    Differs,
    /// One of its two entries is not there or not as it is written.
    #[error("the checksum in its header is damaged")]
    Incomplete,
    /// It was made by something that this version does not know.
    #[error("its checksum is made with {0:?}, which this version does not know")]
    Algorithm(String),
}

impl Checksum {
    /// The file's fingerprint: `sha256:` and 64 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        format!("{ALGORITHM}:{}", self.digits)
    }

    /// Whether the file says its checksum, which was then compared. Files written by
    /// older versions and other programs do not.
    pub fn is_recorded(&self) -> bool {
        self.is_recorded
    }

    /// What has to be said of the file `path` where it does not say its checksum.
    pub fn warning(&self, path: &Path) -> Option<String> {
        (!self.is_recorded).then(|| {
            format!(
                "{}: no checksum (written by an older version), so that damage would not show",
                path.display()
            )
        })
    }
}

/// The metadata entries that a file has to have before [`seal`].
pub fn entries() -> [(String, String); 2] {
    [
        (ALGORITHM_KEY.to_owned(), ALGORITHM.to_owned()),
        (DIGITS_KEY.to_owned(), BLANK.to_owned()),
    ]
}

/// Whether a metadata entry is one of [`entries`].
pub fn is_entry(key: &str) -> bool {
    key == ALGORITHM_KEY || key == DIGITS_KEY
}

/// Writes the checksum into `start`: the beginning of a safetensors file up to the end
/// of its header, which has the [`entries`] as compact JSON. `rest` writes what follows.
///
/// # Errors
/// Those of `rest`.
pub fn seal<E>(
    start: &mut [u8],
    rest: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    let mut hashing = Hashing(Sha256::new_with_prefix(&*start));
    rest(&mut hashing)?;
    if let Some(place) = value_of(start, DIGITS_KEY) {
        start[place].copy_from_slice(digits(hashing.0).as_bytes());
    }
    Ok(())
}

/// Computes the checksum of a safetensors file and compares it with the one that it
/// says, where it says one.
///
/// # Errors
/// When they differ, or the file says something else in its place.
pub fn check(bytes: &[u8]) -> Result<Checksum, ChecksumFault> {
    let start = header_end(bytes).map_or(bytes, |end| &bytes[..end]);
    let (algorithm, place) = (value_of(start, ALGORITHM_KEY), value_of(start, DIGITS_KEY));
    let mut hash = Sha256::new();
    let (Some(algorithm), Some(place)) = (&algorithm, &place) else {
        if algorithm.is_some() || place.is_some() {
            return Err(ChecksumFault::Incomplete);
        }
        hash.update(bytes);
        return Ok(Checksum {
            digits: digits(hash),
            is_recorded: false,
        });
    };
    if &bytes[algorithm.clone()] != ALGORITHM.as_bytes() {
        let found = String::from_utf8_lossy(&bytes[algorithm.clone()]);
        return Err(ChecksumFault::Algorithm(found.into_owned()));
    }
    if place.len() != BLANK.len() {
        return Err(ChecksumFault::Incomplete);
    }
    hash.update(&bytes[..place.start]);
    hash.update(BLANK.as_bytes());
    hash.update(&bytes[place.end..]);
    let digits = digits(hash);
    if bytes[place.clone()] != *digits.as_bytes() {
        return Err(ChecksumFault::Differs);
    }
    Ok(Checksum {
        digits,
        is_recorded: true,
    })
}

/// Where the header of a safetensors file ends.
pub fn header_end(bytes: &[u8]) -> Option<usize> {
    let length = u64::from_le_bytes(bytes.get(..LENGTH)?.try_into().ok()?);
    let end = usize::try_from(length).ok()?.checked_add(LENGTH)?;
    (end <= bytes.len()).then_some(end)
}

/// Where the text of a metadata entry stands. Inside of other texts the quotes around
/// the key would have backslashes before them.
fn value_of(start: &[u8], key: &str) -> Option<Range<usize>> {
    let pattern = format!("\"{key}\":\"");
    let found = start
        .windows(pattern.len())
        .position(|window| window == pattern.as_bytes())?;
    let from = found + pattern.len();
    let length = start[from..].iter().position(|byte| *byte == b'"')?;
    Some(from..from + length)
}

/// Hashes what is written.
struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn digits(hash: Sha256) -> String {
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of one tensor with the metadata of [`entries`] and `more`.
    fn file(more: &str, tensor: &[u8]) -> Vec<u8> {
        let [(one, algorithm), (other, blank)] = entries();
        let header = format!(
            r#"{{"__metadata__":{{"a":"{more}","{other}":"{blank}","{one}":"{algorithm}"}},"t":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}}}"#,
            tensor.len()
        );
        let mut start = (header.len() as u64).to_le_bytes().to_vec();
        start.extend(header.as_bytes());
        seal(&mut start, |rest| rest.write_all(tensor)).unwrap();
        start.extend(tensor);
        start
    }

    #[test]
    fn every_flipped_bit_shows() {
        let file = file("text", &[7; 40]);
        assert!(check(&file).unwrap().is_recorded());
        assert_eq!(check(&file).unwrap().warning(Path::new("new")), None);
        // The length before the header is its reader's to check.
        for place in LENGTH..file.len() {
            for bit in 0..8 {
                let mut damaged = file.clone();
                damaged[place] ^= 1 << bit;
                assert!(check(&damaged).is_err(), "bit {bit} of byte {place}");
            }
        }
    }

    #[test]
    fn the_digits_are_those_of_the_file_with_zeros_in_their_place() {
        let sealed = file("text", b"abc");
        let place = value_of(&sealed, DIGITS_KEY).unwrap();
        let mut blank = sealed.clone();
        blank[place.clone()].copy_from_slice(BLANK.as_bytes());
        let expected = digits(Sha256::new_with_prefix(&blank));
        assert_eq!(sealed[place], *expected.as_bytes());
        let found = check(&sealed).unwrap().fingerprint();
        assert_eq!(found, format!("sha256:{expected}"));
        assert_ne!(check(&file("other", b"abc")).unwrap().fingerprint(), found);
    }

    #[test]
    fn a_quoted_entry_is_none() {
        // As a description in a header quotes another file's.
        let quoted = format!(r#"\"{DIGITS_KEY}\":\"12\""#);
        assert!(check(&file(&quoted, b"abc")).unwrap().is_recorded());
    }

    #[test]
    fn files_without_one_are_fingerprinted_all_the_same() {
        let header = br#"{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#;
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header);
        file.push(1);
        let found = check(&file).unwrap();
        assert!(!found.is_recorded());
        let warning = found.warning(Path::new("old.safetensors")).unwrap();
        assert!(
            warning.starts_with("old.safetensors: no checksum"),
            "{warning}"
        );
        let expected = digits(Sha256::new_with_prefix(&file));
        assert_eq!(found.fingerprint(), format!("sha256:{expected}"));
    }
}
