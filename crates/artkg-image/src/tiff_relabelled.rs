//! TIFF pictures whose colours the `image` crate does not read: 8-bit colour
//! tables, and the luma and chroma of JPEG-compressed scans (what most pyramid
//! TIFFs hold).
//!
//! The TIFF decoder refuses both interpretations but would read their samples
//! under another name, so it gets a copy of the file in which one tag differs:
//! indices call themselves grey values, luma and chroma red, green and blue.
//! What comes out is converted here.

use std::io::Cursor;
use std::path::Path;

use image::metadata::Orientation;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use crate::error::{Error, Result, is_end_of_file};
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
pub(crate) fn decode(bytes: &[u8], name: &Path, limits: &DecodeLimits) -> Result<Option<Pixels>> {
    let Some((mut decoder, color)) = relabelled(bytes, limits) else {
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
                reason: error.to_string(),
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

fn relabelled(bytes: &[u8], limits: &DecodeLimits) -> Option<(Decoder<Cursor<Vec<u8>>>, Color)> {
    let directory = Directory::first(bytes)?;
    let interpretation = directory.value_offset(PHOTOMETRIC_INTERPRETATION)?;
    let (color, label, expected) = match directory.short(interpretation)? {
        PALETTE => (Color::Table, BLACK_IS_ZERO, ColorType::Gray(8)),
        LUMA_CHROMA => {
            let compression = directory.short(directory.value_offset(COMPRESSION)?)?;
            if compression != JPEG_COMPRESSION {
                return None;
            }
            (Color::LumaChroma, RGB, ColorType::RGB(8))
        }
        _ => return None,
    };
    let mut copy = bytes.to_vec();
    copy[interpretation..interpretation + 2].copy_from_slice(&if directory.little_endian {
        label.to_le_bytes()
    } else {
        label.to_be_bytes()
    });
    // A damaged tag may count four thousand million values.
    let mut bounds = Limits::default();
    bounds.decoding_buffer_size = limits.max_bytes;
    bounds.intermediate_buffer_size = limits.max_bytes;
    let mut decoder = Decoder::new(Cursor::new(copy)).ok()?.with_limits(bounds);
    (decoder.colortype().ok()? == expected).then_some((decoder, color))
}

/// The first directory of a classic TIFF file.
struct Directory<'a> {
    bytes: &'a [u8],
    little_endian: bool,
    start: usize,
}

impl<'a> Directory<'a> {
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let little_endian = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let start = bytes.get(4..8)?.try_into().ok()?;
        let start = if little_endian {
            u32::from_le_bytes(start)
        } else {
            u32::from_be_bytes(start)
        } as usize;
        Some(Self {
            bytes,
            little_endian,
            start,
        })
    }

    fn short(&self, offset: usize) -> Option<u16> {
        let pair = self.bytes.get(offset..offset + 2)?.try_into().ok()?;
        Some(if self.little_endian {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        })
    }

    /// Where the value of `tag` lies, if it is a single short.
    fn value_offset(&self, tag: u16) -> Option<usize> {
        // Twelve bytes an entry: tag, type, count, then the value itself.
        (0..usize::from(self.short(self.start)?))
            .map(|entry| self.start + 2 + entry * 12)
            .find(|&entry| self.short(entry) == Some(tag))
            .map(|entry| entry + 8)
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
    fn a_short_table_leaves_black() {
        let table = [0x1200, 0xFF00, 0x3400, 0x0000, 0x5600, 0x0100];
        assert_eq!(
            table_colors(&table, &[0, 1, 2]),
            [0x12, 0x34, 0x56, 0xFF, 0, 1, 0, 0, 0]
        );
    }
}
