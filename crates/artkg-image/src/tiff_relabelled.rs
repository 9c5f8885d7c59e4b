//! Colours that the TIFF decoder refuses but would read under another name: colour
//! tables, the luma and chroma of JPEG-compressed scans (what most pyramid TIFFs hold),
//! and CIELab.
//!
//! It reads the file with one tag changed on the way: indices call themselves grey
//! values, the others red, green and blue. What comes out is still what it was.

use std::io::{self, Read, Seek, SeekFrom};

const COMPRESSION: u16 = 259;
const JPEG_COMPRESSION: u16 = 7;
const PHOTOMETRIC_INTERPRETATION: u16 = 262;
const BLACK_IS_ZERO: u16 = 1;
const RGB: u16 = 2;
const PALETTE: u16 = 3;
const LUMA_CHROMA: u16 = 6;
const CIE_LAB: u16 = 8;
const ICC_LAB: u16 = 9;

/// What the samples of a file are, whatever they call themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interpretation {
    /// What the decoder says.
    AsStored,
    /// Indices into a table.
    Table,
    /// Luma and two chromas.
    LumaChroma,
    /// CIELab, its opponents with a sign.
    SignedLab,
    /// CIELab, its opponents from their middle.
    Lab,
}

/// A file that reads as if two of its bytes were others.
pub(crate) struct Relabelled<R> {
    source: R,
    position: u64,
    /// Where the two bytes lie, and what they read as.
    change: Option<(u64, [u8; 2])>,
}

impl<R: Read + Seek> Relabelled<R> {
    /// The file under the name that the decoder takes, and what it is.
    ///
    /// # Errors
    /// When the file cannot be rewound.
    pub(crate) fn new(mut source: R) -> io::Result<(Self, Interpretation)> {
        let found = label(&mut source);
        source.rewind()?;
        let file = Self {
            source,
            position: 0,
            change: found.map(|(_, change)| change),
        };
        let interpretation = found.map(|(interpretation, _)| interpretation);
        Ok((file, interpretation.unwrap_or(Interpretation::AsStored)))
    }
}

/// What to change, if anything; nothing in a file whose header cannot be read, so that
/// the decoder reports it.
fn label(source: &mut (impl Read + Seek)) -> Option<(Interpretation, (u64, [u8; 2]))> {
    let directory = Directory::first(source)?;
    let (place, stored) = directory.value(PHOTOMETRIC_INTERPRETATION)?;
    let (interpretation, label) = match stored {
        PALETTE => (Interpretation::Table, BLACK_IS_ZERO),
        LUMA_CHROMA => match directory.value(COMPRESSION)? {
            (_, JPEG_COMPRESSION) => (Interpretation::LumaChroma, RGB),
            // Read under its own name where its chroma is whole.
            _ => (Interpretation::LumaChroma, LUMA_CHROMA),
        },
        CIE_LAB => (Interpretation::SignedLab, RGB),
        ICC_LAB => (Interpretation::Lab, RGB),
        _ => return None,
    };
    let label = match directory.little_endian {
        true => label.to_le_bytes(),
        false => label.to_be_bytes(),
    };
    Some((interpretation, (place, label)))
}

impl<R: Read> Read for Relabelled<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        if let Some((place, label)) = self.change {
            for (place, byte) in (place..).zip(label) {
                let within = place.checked_sub(self.position);
                let within = within.and_then(|within| usize::try_from(within).ok());
                if let Some(read) = within.and_then(|within| buffer[..read].get_mut(within)) {
                    *read = byte;
                }
            }
        }
        self.position += read as u64;
        Ok(read)
    }
}

impl<R: Seek> Seek for Relabelled<R> {
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        self.position = self.source.seek(target)?;
        Ok(self.position)
    }
}

/// The first directory of a TIFF or BigTIFF file.
struct Directory {
    little_endian: bool,
    /// Where its entries begin.
    start: u64,
    /// Tag, type, count, then the value itself.
    entries: Vec<u8>,
    /// Bytes of an entry: 12, or 20 in a BigTIFF.
    entry: usize,
}

impl Directory {
    fn first(source: &mut (impl Read + Seek)) -> Option<Self> {
        let mut head = [0; 16];
        source.rewind().ok()?;
        source.read_exact(&mut head[..8]).ok()?;
        let (little_endian, is_big) = match &head[..4] {
            b"II*\0" => (true, false),
            b"MM\0*" => (false, false),
            b"II+\0" => (true, true),
            b"MM\0+" => (false, true),
            _ => return None,
        };
        let number = |bytes: &[u8]| -> u64 {
            let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
            match little_endian {
                true => bytes.iter().rev().fold(0, add),
                false => bytes.iter().fold(0, add),
            }
        };
        let (start, counter) = match is_big {
            true => {
                source.read_exact(&mut head[8..]).ok()?;
                (number(&head[8..]), 8)
            }
            false => (number(&head[4..8]), 2),
        };
        let mut count = [0; 8];
        source.seek(SeekFrom::Start(start)).ok()?;
        source.read_exact(&mut count[..counter]).ok()?;
        let entry = if is_big { 20 } else { 12 };
        let mut directory = Self {
            little_endian,
            start: start.checked_add(counter as u64)?,
            entries: Vec::new(),
            entry,
        };
        // A directory of more entries than there are tags is damaged.
        let count = number(&count[..counter]).min(u64::from(u16::MAX));
        let entries = source.take(entry as u64 * count);
        let read = { entries }.read_to_end(&mut directory.entries);
        read.ok().map(|_| directory)
    }

    fn short(&self, pair: [u8; 2]) -> u16 {
        match self.little_endian {
            true => u16::from_le_bytes(pair),
            false => u16::from_be_bytes(pair),
        }
    }

    /// Where the value of `tag` lies and what it is, if it is a single short.
    fn value(&self, tag: u16) -> Option<(u64, u16)> {
        let mut entries = (0..).zip(self.entries.chunks_exact(self.entry));
        let is_wanted = |entry: &[u8]| self.short([entry[0], entry[1]]) == tag;
        let (number, entry) = entries.find(|(_, entry)| is_wanted(entry))?;
        // The value is what comes last: 4 bytes, or 8 in a BigTIFF.
        let within = if self.entry == 12 { 8 } else { 12 };
        let place = self.start + self.entry as u64 * number + within as u64;
        Some((place, self.short([entry[within], entry[within + 1]])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_bytes_read_as_others_wherever_a_read_begins() {
        for length in 1..8 {
            let mut file = Relabelled {
                source: std::io::Cursor::new((0..8).collect::<Vec<u8>>()),
                position: 0,
                change: Some((3, [93, 94])),
            };
            let mut found = vec![0; 8];
            for part in found.chunks_mut(length) {
                file.read_exact(part).unwrap();
            }
            assert_eq!(found, [0, 1, 2, 93, 94, 5, 6, 7]);
            file.seek(SeekFrom::Start(4)).unwrap();
            file.read_exact(&mut found[..2]).unwrap();
            assert_eq!(found[..2], [94, 5]);
        }
    }
}
