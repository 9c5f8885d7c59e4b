use std::io::{BufReader, Read};
use std::path::Path;

use image::metadata::Orientation;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

use crate::error::{Error, Result, brief};
use crate::jpeg_structure::{Fault, Outline, color_profile, outline};
use crate::limits::{DecodeLimits, REDUCED_MARGIN, check_size};
use crate::model::Model;
use crate::raster::{Raster, Samples};

/// The scales in eighths that are used. One eighth is left out: it is hardly
/// faster than a quarter, and the decoder truncates instead of rounding there.
const SCALES: [u64; 2] = [2, 4];

/// Bytes in which the header of a file is looked for that is too long to be read whole.
const LONGEST_HEADER: u64 = 1 << 20;

/// Zero bytes put behind a scan whose end marker is taken away; more than a
/// decoder reads ahead.
const READ_AHEAD: usize = 16;

/// Decodes a JPEG file, at reduced scale where `limits` allow it.
pub(crate) fn decode(bytes: &[u8], name: &Path, limits: &DecodeLimits) -> Result<Raster> {
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
    let profile = color_profile(bytes);
    let decoded = match eighths {
        8 => decode_full(bytes, name, &outline, profile.is_some()),
        _ => decode_reduced(bytes, name, eighths),
    };
    let mut raster = decoded.map_err(|error| match error {
        // What decoders take for damage where samples are wider than they know.
        Error::Damaged { path, .. } if outline.bits != 8 => Error::Unsupported {
            path,
            reason: format!("a JPEG of {} bits a sample", outline.bits),
        },
        other => other,
    })?;
    raster.profile = profile;
    Ok(raster)
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
        bits: 8,
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
    // Of inks, which profiles turn into light, both are held.
    let colors = if components == 4 { 4 + 3 } else { 3 };
    // Planes and their interleaved copy.
    let samples = (colors * 2 * eighths * eighths).div_ceil(64);
    coefficients + if eighths == 8 { colors } else { samples }
}

/// Full size, with SIMD. Inks come as such where a profile is going to tell what light
/// they leave.
fn decode_full(bytes: &[u8], name: &Path, outline: &Outline, has_profile: bool) -> Result<Raster> {
    let failed = |error: zune_jpeg::errors::DecodeErrors| damaged(name, brief(&error));
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
    let mut model = Model::Rgb;
    let mut is_transformed = false;
    if has_profile {
        decoder.decode_headers().map_err(failed)?;
        match (decoder.input_colorspace(), outline.components) {
            (Some(ColorSpace::Luma), 1) => {
                decoder.set_options(options.jpeg_set_out_colorspace(ColorSpace::Luma));
                model = Model::Grey;
            }
            (Some(inks @ (ColorSpace::CMYK | ColorSpace::YCCK)), 4) => {
                decoder.set_options(options.jpeg_set_out_colorspace(inks));
                model = Model::Cmyk;
                is_transformed = inks == ColorSpace::YCCK;
            }
            _ => {}
        }
    }
    let mut data = decoder.decode().map_err(failed)?;
    if model == Model::Cmyk {
        data.chunks_exact_mut(4)
            .for_each(|color| to_inks(color, is_transformed));
    }
    let orientation = orientation(decoder.exif().map(Vec::as_slice));
    let size = (usize::from(outline.width), usize::from(outline.height));
    Ok(raster(size, model, data, orientation))
}

/// Four stored samples to amounts of ink: they are stored as the light that is left, and
/// where they are `transformed`, the first three as luma and chroma of the ink.
fn to_inks(color: &mut [u8], transformed: bool) {
    if transformed {
        let luma = f32::from(color[0]);
        let [blue, red] = [color[1], color[2]].map(|chroma| f32::from(chroma) - 128.0);
        color[0] = (luma + 1.402 * red).round() as u8;
        color[1] = (luma - 0.344_136 * blue - 0.714_136 * red).round() as u8;
        color[2] = (luma + 1.772 * blue).round() as u8;
    } else {
        color[..3].iter_mut().for_each(|ink| *ink = 255 - *ink);
    }
    color[3] = 255 - color[3];
}

/// At `eighths` / 8 of the size, by a smaller inverse cosine transform.
fn decode_reduced(bytes: &[u8], name: &Path, eighths: u64) -> Result<Raster> {
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
    let (model, data) = match info.pixel_format {
        jpeg_decoder::PixelFormat::RGB24 => (Model::Rgb, samples),
        jpeg_decoder::PixelFormat::L8 => (Model::Grey, samples),
        jpeg_decoder::PixelFormat::L16 => {
            let pairs = samples.chunks_exact(2);
            let grey = pairs.map(|pair| (u16::from_ne_bytes([pair[0], pair[1]]) >> 8) as u8);
            (Model::Grey, grey.collect())
        }
        jpeg_decoder::PixelFormat::CMYK32 => (Model::Cmyk, samples),
    };
    let orientation = orientation(decoder.exif_data());
    let size = (usize::from(info.width), usize::from(info.height));
    Ok(raster(size, model, data, orientation))
}

fn orientation(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}

/// Still without its profile.
fn raster(
    (width, height): (usize, usize),
    model: Model,
    data: Vec<u8>,
    orientation: Orientation,
) -> Raster {
    Raster {
        width,
        height,
        model,
        has_alpha: false,
        samples: Samples::Bytes(data),
        profile: None,
        orientation,
    }
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
    fn inks_come_from_either_way_of_storing_them() {
        let mut plain = [255, 155, 0, 200];
        to_inks(&mut plain, false);
        assert_eq!(plain, [0, 100, 255, 55]);
        // Ink of (200, 200, 200) has no chroma.
        let mut transformed = [200, 128, 128, 255];
        to_inks(&mut transformed, true);
        assert_eq!(transformed, [200, 200, 200, 0]);
    }
}
