use std::io::{BufReader, Read};
use std::path::Path;

use image::metadata::Orientation;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

use crate::error::{Error, Result, brief};
use crate::jpeg_structure::{Fault, Outline, outline};
use crate::limits::{DecodeLimits, check_size};
use crate::pixels::Pixels;

/// A reduced decode keeps at least this many times the wanted side, so that the
/// resize that follows hides the difference between the two ways of averaging.
const REDUCED_MARGIN: u64 = 2;

/// The scales in eighths that are used. One eighth is left out: it is hardly
/// faster than a quarter, and the decoder truncates instead of rounding there.
const SCALES: [u64; 2] = [2, 4];

/// Bytes in which the header of a file is looked for that is too long to be read whole.
const LONGEST_HEADER: u64 = 1 << 20;

/// Zero bytes put behind a scan whose end marker is taken away; more than a
/// decoder reads ahead.
const READ_AHEAD: usize = 16;

/// Decodes a JPEG file, at reduced scale where `limits` allow it.
pub(crate) fn decode(bytes: &[u8], name: &Path, limits: &DecodeLimits) -> Result<Pixels> {
    let outline = outline(bytes).map_err(|fault| match fault {
        Fault::EndsIn(_) => Error::Truncated {
            path: name.to_path_buf(),
            reason: fault.to_string(),
        },
        Fault::Damaged(reason) => damaged(name, reason),
    })?;
    let size = (u64::from(outline.width), u64::from(outline.height));
    let eighths = eighths(size.0.min(size.1), limits.smallest_side);
    let full = peak_bytes_per_pixel(&outline, 8);
    let reduced = peak_bytes_per_pixel(&outline, eighths);
    check_size(name, limits, size, reduced.min(full))?;
    if eighths == 8 {
        decode_full(bytes, name, &outline)
    } else {
        decode_reduced(bytes, name, eighths)
    }
}

/// Refuses a file whose header says that the picture is beyond `limits`, as far as the
/// header can be read.
pub(crate) fn check_header(source: impl Read, name: &Path, limits: &DecodeLimits) -> Result<()> {
    let mut decoder = jpeg_decoder::Decoder::new(BufReader::new(source.take(LONGEST_HEADER)));
    let Some(info) = decoder.read_info().ok().and_then(|()| decoder.info()) else {
        return Ok(());
    };
    let size = (u64::from(info.width), u64::from(info.height));
    let eighths = eighths(size.0.min(size.1), limits.smallest_side);
    let outline = Outline {
        width: info.width,
        height: info.height,
        components: match info.pixel_format {
            jpeg_decoder::PixelFormat::L8 | jpeg_decoder::PixelFormat::L16 => 1,
            jpeg_decoder::PixelFormat::RGB24 => 3,
            jpeg_decoder::PixelFormat::CMYK32 => 4,
        },
        progressive: false,
        scans: 1,
        stray_bytes: false,
        end: 0,
    };
    check_size(name, limits, size, peak_bytes_per_pixel(&outline, eighths))
}

/// The scale in eighths (2, 4 or 8) to decode at.
fn eighths(shorter_side: u64, smallest_side: Option<u32>) -> u64 {
    let Some(wanted) = smallest_side else {
        return 8;
    };
    SCALES
        .into_iter()
        .find(|eighths| shorter_side * eighths / 8 >= u64::from(wanted) * REDUCED_MARGIN)
        .unwrap_or(8)
}

/// Bytes a pixel of the stored picture held at the peak of decoding, rounded up.
fn peak_bytes_per_pixel(outline: &Outline, eighths: u64) -> u64 {
    let components = u64::from(outline.components);
    // Coefficients are 16 bits each and kept for the whole picture when it comes
    // in several scans.
    let coefficients = if outline.progressive || outline.scans > 1 {
        2 * components
    } else {
        0
    };
    // Planes and their interleaved copy.
    let samples = (components.max(3) * 2 * eighths * eighths).div_ceil(64);
    coefficients
        + if eighths == 8 {
            components.max(3)
        } else {
            samples
        }
}

/// Full size, with SIMD.
fn decode_full(bytes: &[u8], name: &Path, outline: &Outline) -> Result<Pixels> {
    let options = DecoderOptions::default()
        // A strict decoder reports missing picture data, but also stray bytes
        // between segments, which every viewer ignores.
        .set_strict_mode(!outline.stray_bytes)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    // What follows the end marker (a second picture, a video) is not ours.
    let mut picture = bytes[..outline.end + 2].to_vec();
    if !outline.progressive && outline.scans == 1 {
        // At an end marker decoders make up what is missing of a scan; at the
        // end of the file a strict one reports it. So the marker goes.
        picture.truncate(outline.end);
        picture.resize(outline.end + READ_AHEAD, 0);
    }
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(&picture), options);
    let data = decoder
        .decode()
        .map_err(|error| damaged(name, brief(&error)))?;
    let orientation = orientation(decoder.exif().map(Vec::as_slice));
    rgb(
        name,
        usize::from(outline.width),
        usize::from(outline.height),
        data,
    )
    .map(|pixels| pixels.oriented(orientation))
}

/// At `eighths` / 8 of the size, by a smaller inverse cosine transform.
fn decode_reduced(bytes: &[u8], name: &Path, eighths: u64) -> Result<Pixels> {
    let failed = |error: jpeg_decoder::Error| match error {
        jpeg_decoder::Error::Unsupported(feature) => Error::Unsupported {
            path: name.to_path_buf(),
            reason: format!("JPEG feature {feature:?}"),
        },
        jpeg_decoder::Error::Io(_) => Error::Truncated {
            path: name.to_path_buf(),
            reason: "the file ends in its picture data".to_owned(),
        },
        other => damaged(name, brief(&other)),
    };
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.read_info().map_err(failed)?;
    let missing = || damaged(name, "it has no frame header".to_owned());
    let full = decoder.info().ok_or_else(missing)?;
    // The decoder takes the smallest scale that reaches either side asked for.
    let scaled = |length: u16| (u64::from(length) * eighths).div_ceil(8) as u16;
    decoder
        .scale(scaled(full.width), scaled(full.height))
        .map_err(failed)?;
    let samples = decoder.decode().map_err(failed)?;
    let info = decoder.info().ok_or_else(missing)?;
    let data = match info.pixel_format {
        jpeg_decoder::PixelFormat::RGB24 => samples,
        jpeg_decoder::PixelFormat::L8 => samples.iter().flat_map(|&grey| [grey; 3]).collect(),
        jpeg_decoder::PixelFormat::L16 => samples
            .chunks_exact(2)
            .flat_map(|pair| [(u16::from_ne_bytes([pair[0], pair[1]]) >> 8) as u8; 3])
            .collect(),
        jpeg_decoder::PixelFormat::CMYK32 => samples
            .chunks_exact(4)
            .flat_map(|ink| cmyk_to_rgb([ink[0], ink[1], ink[2], ink[3]]))
            .collect(),
    };
    let orientation = orientation(decoder.exif_data());
    rgb(name, info.width.into(), info.height.into(), data)
        .map(|pixels| pixels.oriented(orientation))
}

/// Amounts of ink (255 is full) to the light that is left.
pub(crate) fn cmyk_to_rgb([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
    let left = |ink: u8| {
        let product = u32::from(255 - ink) * u32::from(255 - black);
        ((product + 127) / 255) as u8
    };
    [left(cyan), left(magenta), left(yellow)]
}

fn orientation(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}

fn rgb(name: &Path, width: usize, height: usize, data: Vec<u8>) -> Result<Pixels> {
    if width == 0 || data.len() != width * height * 3 {
        return Err(damaged(
            name,
            format!("{} samples for {width} × {height} pixels", data.len()),
        ));
    }
    Ok(Pixels::new(width, height, data))
}

fn damaged(name: &Path, reason: String) -> Error {
    Error::Damaged {
        path: name.to_path_buf(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_keeps_twice_the_wanted_side() {
        assert_eq!(eighths(4096, None), 8);
        assert_eq!(eighths(9000, Some(256)), 2);
        assert_eq!(eighths(2048, Some(256)), 2);
        assert_eq!(eighths(2047, Some(256)), 4);
        assert_eq!(eighths(1100, Some(256)), 4);
        assert_eq!(eighths(600, Some(256)), 8);
    }

    #[test]
    fn ink_to_light() {
        assert_eq!(cmyk_to_rgb([0, 0, 0, 0]), [255, 255, 255]);
        assert_eq!(cmyk_to_rgb([255, 0, 0, 0]), [0, 255, 255]);
        assert_eq!(cmyk_to_rgb([0, 0, 0, 255]), [0, 0, 0]);
        assert_eq!(cmyk_to_rgb([128, 0, 255, 128]), [63, 127, 0]);
    }
}
