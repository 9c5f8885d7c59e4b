//! TIFF pictures with a colour table, which the `image` crate does not read.

use std::io::Cursor;
use std::path::Path;

use image::metadata::Orientation;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use crate::decode::check_size;
use crate::{DecodeLimits, Error, Pixels, Result};

/// Decodes a TIFF with an 8-bit colour table; `None` for any other TIFF, and for
/// one whose header cannot be read, so that the usual decoder reports it.
pub(crate) fn decode(bytes: &[u8], name: &Path, limits: &DecodeLimits) -> Result<Option<Pixels>> {
    let Some((mut decoder, width, height)) = palette_header(bytes) else {
        return Ok(None);
    };
    // An index, the colour and no more.
    check_size(name, limits, (width.into(), height.into()), 4)?;
    let damaged = |reason: String| Error::Damaged {
        path: name.to_path_buf(),
        reason,
    };
    let table = decoder
        .get_tag_u16_vec(Tag::ColorMap)
        .map_err(|error| damaged(error.to_string()))?;
    let entries = table.len() / 3;
    // Indices may be any byte; entries that the table lacks are black.
    let colors: [[u8; 3]; 256] = std::array::from_fn(|index| {
        std::array::from_fn(|channel| {
            let entry = (index < entries).then(|| table.get(channel * entries + index));
            (entry.flatten().copied().unwrap_or(0) >> 8) as u8
        })
    });
    let orientation = decoder
        .find_tag_unsigned::<u8>(Tag::Orientation)
        .ok()
        .flatten()
        .and_then(Orientation::from_exif)
        .unwrap_or(Orientation::NoTransforms);
    let DecodingResult::U8(indices) = decoder
        .read_image()
        .map_err(|error| damaged(error.to_string()))?
    else {
        return Err(damaged("its colour indices are not bytes".to_owned()));
    };
    if indices.len() != width as usize * height as usize {
        return Err(damaged(format!(
            "{} colour indices for {width} × {height} pixels",
            indices.len()
        )));
    }
    let data = indices
        .iter()
        .flat_map(|&index| colors[usize::from(index)])
        .collect();
    Ok(Some(
        Pixels::new(width as usize, height as usize, data).oriented(orientation),
    ))
}

type BytesDecoder<'a> = Decoder<Cursor<&'a [u8]>>;

fn palette_header(bytes: &[u8]) -> Option<(BytesDecoder<'_>, u32, u32)> {
    let mut decoder = Decoder::new(Cursor::new(bytes))
        .ok()?
        .with_limits(Limits::unlimited());
    if decoder.colortype().ok()? != ColorType::Palette(8) {
        return None;
    }
    let (width, height) = decoder.dimensions().ok()?;
    Some((decoder, width, height))
}
