use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::pixels::Pixels;
use crate::resize::resize_bilinear;

/// A 64-bit difference hash: pictures that look alike have hashes that differ
/// in few bits, whatever their size, format or compression.
///
/// The picture is reduced to 9 × 8 grey values; each bit says whether a value is
/// brighter than its right neighbour. Recompressed or resized copies usually
/// differ in 0 to 4 bits, unrelated paintings in about 32; 6 is a sensible limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PerceptualHash(pub u64);

impl PerceptualHash {
    /// The hash of a picture.
    pub fn of(pixels: &Pixels) -> Self {
        let small = resize_bilinear(pixels, 9, 8);
        let grey: Vec<u32> = small
            .data
            .chunks_exact(3)
            .map(|color| {
                // Rec. 601 luma in thousandths.
                299 * u32::from(color[0]) + 587 * u32::from(color[1]) + 114 * u32::from(color[2])
            })
            .collect();
        let mut bits = 0;
        for row in grey.chunks_exact(9) {
            for pair in row.windows(2) {
                bits = bits << 1 | u64::from(pair[0] > pair[1]);
            }
        }
        Self(bits)
    }

    /// The number of differing bits, 0 to 64.
    pub fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }
}

impl std::fmt::Display for PerceptualHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// SHA-256 of a file's bytes: equal for exact copies only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(pub [u8; 32]);

/// The hash of `bytes`; the same on every machine and in every version.
pub fn content_hash(bytes: &[u8]) -> ContentHash {
    ContentHash(Sha256::digest(bytes).into())
}

/// The hash of a file's content, which need not fit into memory.
///
/// # Errors
/// An error naming `path` when it is no file, as [`artkg_files::open_regular`] says, or
/// cannot be read.
pub fn file_hash(path: &Path) -> artkg_files::Result<ContentHash> {
    let (mut file, _) = artkg_files::open_regular(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(ContentHash(hash.finalize().into())),
            Ok(read) => hash.update(&buffer[..read]),
            Err(source) => return Err(artkg_files::Error::new("read", path, source)),
        }
    }
}

impl std::fmt::Display for ContentHash {
    /// 64 hexadecimal digits, as `sha256sum` prints them.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl std::fmt::Debug for ContentHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ContentHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_hash_is_sha_256() {
        assert_eq!(
            content_hash(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn files_hash_as_their_bytes_and_devices_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let bytes = vec![7; 200_001];
        artkg_files::write_bytes(&path, &bytes).unwrap();
        assert_eq!(file_hash(&path).unwrap(), content_hash(&bytes));
        for other in [folder.path(), Path::new("/dev/zero"), Path::new("gone")] {
            assert!(file_hash(other).is_err());
        }
    }

    #[test]
    fn a_gradient_hashes_by_its_direction() {
        let gradient = |rising: bool| {
            let data = (0..64)
                .flat_map(|_| (0..64u8).flat_map(move |x| [if rising { x } else { 63 - x }; 3]))
                .collect();
            PerceptualHash::of(&Pixels::new(64, 64, data))
        };
        assert_eq!(gradient(true), PerceptualHash(0));
        assert_eq!(gradient(false), PerceptualHash(u64::MAX));
        assert_eq!(gradient(true).distance(gradient(false)), 64);
    }
}
