//! The outline of a JPEG 2000 file, read without decoding it: its size, and whether its
//! picture data is all there, which decoders are lenient about.

use std::io::{Read, Seek, SeekFrom};

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outline {
    /// Where the codestream begins.
    pub(crate) start: usize,
    pub(crate) width: u64,
    pub(crate) height: u64,
    pub(crate) components: u16,
}

const START_OF_CODESTREAM: [u8; 2] = [0xFF, 0x4F];
const SIZE: [u8; 2] = [0xFF, 0x51];
const START_OF_TILE_PART: [u8; 2] = [0xFF, 0x90];
const END_OF_CODESTREAM: [u8; 2] = [0xFF, 0xD9];

/// Boxes that may stand before the codestream.
const MOST_BOXES: usize = 1000;

/// Reads the header; `None` where there is none.
pub(crate) fn outline(source: &mut (impl Read + Seek)) -> Option<Outline> {
    source.rewind().ok()?;
    let mut magic = [0; 2];
    source.read_exact(&mut magic).ok()?;
    let start = match magic == START_OF_CODESTREAM {
        true => 0,
        false => codestream(source)?,
    };
    source.seek(SeekFrom::Start(start)).ok()?;
    let mut head = [0; 42];
    source.read_exact(&mut head).ok()?;
    if head[..2] != START_OF_CODESTREAM || head[2..4] != SIZE {
        return None;
    }
    let number = |at: usize| {
        let bytes = [head[at], head[at + 1], head[at + 2], head[at + 3]];
        u64::from(u32::from_be_bytes(bytes))
    };
    Some(Outline {
        start: usize::try_from(start).ok()?,
        // The grid without its offset.
        width: number(8).checked_sub(number(16))?,
        height: number(12).checked_sub(number(20))?,
        components: u16::from_be_bytes([head[40], head[41]]),
    })
}

/// Where the codestream begins in a file of boxes.
fn codestream(source: &mut (impl Read + Seek)) -> Option<u64> {
    let mut position = 0_u64;
    for _ in 0..MOST_BOXES {
        source.seek(SeekFrom::Start(position)).ok()?;
        let mut head = [0; 8];
        source.read_exact(&mut head).ok()?;
        let mut within = 8;
        let mut length = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
        if length == 1 {
            let mut long = [0; 8];
            source.read_exact(&mut long).ok()?;
            length = u64::from_be_bytes(long);
            within = 16;
        }
        if &head[4..] == b"jp2c" {
            return Some(position + within);
        }
        // The last box has no length; another one cannot follow it.
        if length < within {
            return None;
        }
        position = position.checked_add(length)?;
    }
    None
}

/// Whether all tile parts of a codestream are there; its end marker may be missing.
pub(crate) fn is_complete(codestream: &[u8]) -> bool {
    let pair = |at: usize| codestream.get(at..at + 2);
    // The main header: markers with a length.
    let mut position = 2;
    while pair(position) != Some(&START_OF_TILE_PART) {
        let Some(&[high, low]) = pair(position + 2) else {
            return false;
        };
        position += 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
    }
    while pair(position) == Some(&START_OF_TILE_PART) {
        let Some(length) = codestream.get(position + 6..position + 10) else {
            return false;
        };
        let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
        position += match length {
            // The last part goes on to the end marker.
            0 => return codestream.ends_with(&END_OF_CODESTREAM),
            length => length.max(12),
        };
        if position > codestream.len() {
            return false;
        }
    }
    position == codestream.len() || pair(position) == Some(&END_OF_CODESTREAM)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The main header of a picture of 7 × 5, with `rest` behind it.
    fn file(rest: &[u8]) -> Vec<u8> {
        let mut bytes = [START_OF_CODESTREAM, SIZE].concat();
        bytes.extend([0, 41, 0, 0]);
        for number in [9_u32, 5, 2, 0, 9, 5, 0, 0] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend([0, 3, 7, 1, 1]);
        bytes.extend(rest);
        // Length of the size marker's segment: up to here.
        bytes[5] = 41;
        bytes
    }

    #[test]
    fn the_size_is_read_from_either_kind_of_file() {
        let bare = file(&[0; 10]);
        let outline_of = |bytes: &[u8]| outline(&mut std::io::Cursor::new(bytes));
        let expected = Outline {
            start: 0,
            width: 7,
            height: 5,
            components: 3,
        };
        assert_eq!(outline_of(&bare), Some(expected));
        let boxed = [&b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\0jp2c"[..], &bare].concat();
        let start = 20;
        assert_eq!(outline_of(&boxed), Some(Outline { start, ..expected }));
        assert_eq!(outline_of(&bare[..30]), None);
    }

    #[test]
    fn parts_that_lack_bytes_are_found() {
        let header = file(&[]);
        let mut part = START_OF_TILE_PART.to_vec();
        part.extend([0, 10, 0, 0, 0, 0, 0, 16, 0, 1, 0xFF, 0x93, 1, 2]);
        // Without the three components' bytes the header's segment ends at its length.
        let whole = [&header[..4 + 41], &part[..]].concat();
        assert!(is_complete(&whole));
        assert!(is_complete(&[&whole[..], &END_OF_CODESTREAM].concat()));
        assert!(!is_complete(&whole[..whole.len() - 1]));
        assert!(!is_complete(&whole[..20]));
    }
}
