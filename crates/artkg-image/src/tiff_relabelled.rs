//! TIFF pictures whose colours the `image` crate does not read: 8-bit colour
//! tables, and the luma and chroma of JPEG-compressed scans (what most pyramid
//! TIFFs hold).
//!
//! The TIFF decoder refuses both interpretations but would read their samples
//! under another name, so it reads the file with one tag changed on the way:
//! indices call themselves grey values, luma and chroma red, green and blue.
//! What comes out is converted here.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use image::metadata::Orientation;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use crate::error::{Error, Result, brief, is_end_of_file};
use crate::limits::{DecodeLimits, check_size};
use crate::pixels::Pixels;

const COMPRESSION: u16 = 259;
const JPEG_COMPRESSION: u16 = 7;
const PHOTOMETRIC_INTERPRETATION: u16 = 262;
const BLACK_IS_ZERO: u16 = 1;
const RGB: u16 = 2;
const PALETTE: u16 = 3;
const LUMA_CHROMA: u16 = 6;

/// Decodes such a picture; `None` for any other TIFF, and for one whose header
/// cannot be read, so that the usual decoder reports it.
pub(crate) fn decode(
    source: &mut (impl Read + Seek),
    name: &Path,
    limits: &DecodeLimits,
) -> Result<Option<Pixels>> {
    let Some((mut decoder, color)) = relabelled(source, limits) else {
        return Ok(None);
    };
    let failed = |error: tiff::TiffError| {
        let path = name.to_path_buf();
        if is_end_of_file(&error) {
            Error::Truncated {
                path,
                reason: "the file ends before the picture does".to_owned(),
            }
        } else {
            Error::Damaged {
                path,
                reason: brief(&error),
            }
        }
    };
    let (width, height) = decoder.dimensions().map_err(failed)?;
    // Samples of at most three bytes and the colours made of them.
    check_size(name, limits, (width.into(), height.into()), 6)?;
    let orientation = decoder
        .find_tag_unsigned::<u8>(Tag::Orientation)
        .ok()
        .flatten()
        .and_then(Orientation::from_exif)
        .unwrap_or(Orientation::NoTransforms);
    let table = match color {
        Color::Table => decoder.get_tag_u16_vec(Tag::ColorMap).map_err(failed)?,
        Color::LumaChroma => Vec::new(),
    };
    let DecodingResult::U8(samples) = decoder.read_image().map_err(failed)? else {
        return Ok(None);
    };
    let data = match color {
        Color::Table => table_colors(&table, &samples),
        Color::LumaChroma => samples
            .chunks_exact(3)
            .flat_map(|sample| luma_chroma_to_rgb([sample[0], sample[1], sample[2]]))
            .collect(),
    };
    let (width, height) = (width as usize, height as usize);
    if data.len() != width * height * 3 {
        return Err(Error::Damaged {
            path: name.to_path_buf(),
            reason: format!("{} samples for {width} × {height} pixels", samples.len()),
        });
    }
    Ok(Some(Pixels::new(width, height, data).oriented(orientation)))
}

#[derive(Clone, Copy)]
enum Color {
    Table,
    LumaChroma,
}

/// The colours of `indices`. The table holds all reds, then greens, then blues,
/// of 16 bits; indices beyond it are black.
fn table_colors(table: &[u16], indices: &[u8]) -> Vec<u8> {
    let entries = table.len() / 3;
    let colors: [[u8; 3]; 256] = std::array::from_fn(|index| {
        std::array::from_fn(|channel| {
            if index < entries {
                (table[channel * entries + index] >> 8) as u8
            } else {
                0
            }
        })
    });
    indices
        .iter()
        .flat_map(|&index| colors[usize::from(index)])
        .collect()
}

/// The full-range conversion of JFIF.
fn luma_chroma_to_rgb([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let (luma, blue, red) = (
        f32::from(luma),
        f32::from(blue) - 128.0,
        f32::from(red) - 128.0,
    );
    [
        luma + 1.402 * red,
        luma - 0.344_136 * blue - 0.714_136 * red,
        luma + 1.772 * blue,
    ]
    // The cast clamps to 0..=255.
    .map(|value| value.round() as u8)
}

fn relabelled<'a, R: Read + Seek>(
    source: &'a mut R,
    limits: &DecodeLimits,
) -> Option<(Decoder<Relabelled<&'a mut R>>, Color)> {
    let directory = Directory::first(source)?;
    let (place, interpretation) = directory.value(PHOTOMETRIC_INTERPRETATION)?;
    let (color, label, expected) = match interpretation {
        PALETTE => (Color::Table, BLACK_IS_ZERO, ColorType::Gray(8)),
        LUMA_CHROMA => {
            let (_, compression) = directory.value(COMPRESSION)?;
            if compression != JPEG_COMPRESSION {
                return None;
            }
            (Color::LumaChroma, RGB, ColorType::RGB(8))
        }
        _ => return None,
    };
    source.rewind().ok()?;
    let changed = Relabelled {
        source,
        position: 0,
        place,
        label: match directory.little_endian {
            true => label.to_le_bytes(),
            false => label.to_be_bytes(),
        },
    };
    // A damaged tag may count four thousand million values.
    let mut bounds = Limits::default();
    bounds.decoding_buffer_size = limits.max_bytes;
    bounds.intermediate_buffer_size = limits.max_bytes;
    let mut decoder = Decoder::new(changed).ok()?.with_limits(bounds);
    (decoder.colortype().ok()? == expected).then_some((decoder, color))
}

/// A file that reads as if two of its bytes were others.
struct Relabelled<R> {
    source: R,
    position: u64,
    /// Where the two bytes lie.
    place: u64,
    label: [u8; 2],
}

impl<R: Read> Read for Relabelled<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        for (place, byte) in (self.place..).zip(self.label) {
            let within = place.checked_sub(self.position);
            let within = within.and_then(|within| usize::try_from(within).ok());
            if let Some(read) = within.and_then(|within| buffer[..read].get_mut(within)) {
                *read = byte;
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

/// The first directory of a classic TIFF file.
struct Directory {
    little_endian: bool,
    /// Where its entries begin.
    start: u64,
    /// Twelve bytes an entry: tag, type, count, then the value itself.
    entries: Vec<u8>,
}

impl Directory {
    fn first(source: &mut (impl Read + Seek)) -> Option<Self> {
        let mut head = [0; 8];
        source.rewind().ok()?;
        source.read_exact(&mut head).ok()?;
        let little_endian = match &head[..4] {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let start = [head[4], head[5], head[6], head[7]];
        let start = u64::from(match little_endian {
            true => u32::from_le_bytes(start),
            false => u32::from_be_bytes(start),
        });
        let mut count = [0; 2];
        source.seek(SeekFrom::Start(start)).ok()?;
        source.read_exact(&mut count).ok()?;
        let mut directory = Self {
            little_endian,
            start: start + 2,
            entries: Vec::new(),
        };
        let length = 12 * u64::from(directory.short(count));
        let entries = source.take(length).read_to_end(&mut directory.entries);
        entries.ok().map(|_| directory)
    }

    fn short(&self, pair: [u8; 2]) -> u16 {
        match self.little_endian {
            true => u16::from_le_bytes(pair),
            false => u16::from_be_bytes(pair),
        }
    }

    /// Where the value of `tag` lies and what it is, if it is a single short.
    fn value(&self, tag: u16) -> Option<(u64, u16)> {
        let mut entries = (0..).zip(self.entries.chunks_exact(12));
        let is_wanted = |entry: &[u8]| self.short([entry[0], entry[1]]) == tag;
        let (number, entry) = entries.find(|(_, entry)| is_wanted(entry))?;
        let place = self.start + 12 * number + 8;
        Some((place, self.short([entry[8], entry[9]])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_has_no_chroma_and_primaries_come_out() {
        assert_eq!(luma_chroma_to_rgb([77, 128, 128]), [77; 3]);
        assert_eq!(luma_chroma_to_rgb([76, 85, 255]), [254, 0, 0]);
        assert_eq!(luma_chroma_to_rgb([29, 255, 107]), [0, 0, 254]);
    }

    #[test]
    fn two_bytes_read_as_others_wherever_a_read_begins() {
        for length in 1..8 {
            let mut file = Relabelled {
                source: std::io::Cursor::new((0..8).collect::<Vec<u8>>()),
                position: 0,
                place: 3,
                label: [93, 94],
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

    #[test]
    fn a_short_table_leaves_black() {
        let table = [0x1200, 0xFF00, 0x3400, 0x0000, 0x5600, 0x0100];
        assert_eq!(
            table_colors(&table, &[0, 1, 2]),
            [0x12, 0x34, 0x56, 0xFF, 0, 1, 0, 0, 0]
        );
    }
}
