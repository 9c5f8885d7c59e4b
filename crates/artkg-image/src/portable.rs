//! PNG, WebP, GIF and BMP, through the `image` crate.

use std::io::{BufRead, Read, Seek, SeekFrom};
use std::path::Path;

use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};

use crate::error::{Error, Result, of_decoder};
use crate::limits::{DecodeLimits, check_size};
use crate::model::Model;
use crate::raster::{Raster, Samples};

/// Decodes a file of `length` bytes; of an animation its first picture.
pub(crate) fn decode(
    source: &mut (impl BufRead + Seek),
    format: ImageFormat,
    length: u64,
    name: &Path,
    limits: &DecodeLimits,
) -> Result<Raster> {
    let unread = |error| artkg_files::Error::new("read", name, error);
    match format {
        ImageFormat::WebP => check_webp_length(source, length, name)?,
        ImageFormat::Bmp => check_bitmap_length(source, length, name)?,
        _ => {}
    }
    let names_profile = format == ImageFormat::Png && png_names_profile(source);
    source.rewind().map_err(unread)?;
    let failed = |error| from_image_error(error, name);
    let mut reader = ImageReader::with_format(source, format);
    // What pictures themselves need is checked below with a message that names sizes;
    // this bounds all else, such as a packed colour profile.
    let mut bounds = image::Limits::no_limits();
    bounds.max_alloc = Some(limits.max_bytes as u64);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let (width, height) = decoder.dimensions();
    let size = (width.into(), height.into());
    check_size(name, limits, size, bytes_per_pixel(&decoder, format))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = match decoder.icc_profile() {
        Ok(Some(profile)) => Some(profile),
        Ok(None) if !names_profile => None,
        _ => Some(Vec::new()),
    };
    let picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    let (model, has_alpha, samples) = match picture {
        DynamicImage::ImageLuma8(grey) => (Model::Grey, false, Samples::Bytes(grey.into_raw())),
        DynamicImage::ImageLumaA8(grey) => (Model::Grey, true, Samples::Bytes(grey.into_raw())),
        DynamicImage::ImageRgb8(rgb) => (Model::Rgb, false, Samples::Bytes(rgb.into_raw())),
        DynamicImage::ImageRgba8(rgba) => (Model::Rgb, true, Samples::Bytes(rgba.into_raw())),
        DynamicImage::ImageLuma16(grey) => (Model::Grey, false, Samples::Words(grey.into_raw())),
        DynamicImage::ImageLumaA16(grey) => (Model::Grey, true, Samples::Words(grey.into_raw())),
        DynamicImage::ImageRgb16(rgb) => (Model::Rgb, false, Samples::Words(rgb.into_raw())),
        DynamicImage::ImageRgba16(rgba) => (Model::Rgb, true, Samples::Words(rgba.into_raw())),
        other => {
            return Err(Error::Unsupported {
                path: name.to_path_buf(),
                reason: format!("its colours are {:?}", other.color()),
            });
        }
    };
    Ok(Raster {
        width: width as usize,
        height: height as usize,
        model,
        has_alpha,
        samples,
        profile,
        orientation,
    })
}

/// Compares the length in a WebP's header with the file's: its decoder does not
/// miss what stands behind the picture, such as the orientation.
fn check_webp_length(source: &mut impl Read, length: u64, name: &Path) -> Result<()> {
    let mut head = [0; 8];
    let declared = match source.read_exact(&mut head) {
        Ok(()) => u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])) + 8,
        Err(_) => u64::MAX,
    };
    declared_length(declared, length, name)
}

/// Compares the length in a bitmap's header, where it has one, with the file's: packed
/// rows may end anywhere.
fn check_bitmap_length(source: &mut impl Read, length: u64, name: &Path) -> Result<()> {
    let mut head = [0; 6];
    let declared = match source.read_exact(&mut head) {
        Ok(()) => u64::from(u32::from_le_bytes([head[2], head[3], head[4], head[5]])),
        Err(_) => u64::MAX,
    };
    declared_length(declared, length, name)
}

fn declared_length(declared: u64, length: u64, name: &Path) -> Result<()> {
    if length < declared {
        return Err(Error::Truncated {
            path: name.to_path_buf(),
            reason: format!("{length} of {declared} bytes are there"),
        });
    }
    Ok(())
}

/// Whether a PNG has a colour profile before its picture: the decoder says nothing of one
/// that it cannot unpack.
fn png_names_profile(source: &mut (impl Read + Seek)) -> bool {
    const SIGNATURE: u64 = 8;
    /// Chunks that may stand before the picture.
    const MOST_CHUNKS: usize = 100;
    let mut position = SIGNATURE;
    for _ in 0..MOST_CHUNKS {
        let mut head = [0; 8];
        let read = source.seek(SeekFrom::Start(position));
        if read.and_then(|_| source.read_exact(&mut head)).is_err() {
            return false;
        }
        match &head[4..] {
            b"iCCP" => return true,
            b"IDAT" => return false,
            _ => {}
        }
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        // With the type, the length itself and the checksum.
        position += u64::from(length) + 12;
    }
    false
}

/// Bytes a pixel that decoding holds at its peak: the decoded samples and,
/// unless these are RGB already, the conversion.
fn bytes_per_pixel(decoder: &impl ImageDecoder, format: ImageFormat) -> u64 {
    let color = decoder.color_type();
    let decoded = u64::from(color.bytes_per_pixel());
    let converted = if color == ColorType::Rgb8 { 0 } else { 3 };
    // A frame beside the canvas.
    let frame = if format == ImageFormat::Gif {
        decoded
    } else {
        0
    };
    decoded + frame + converted
}

fn from_image_error(error: ImageError, name: &Path) -> Error {
    let is_unsupported = match &error {
        ImageError::Unsupported(_) => true,
        ImageError::Limits(error) => matches!(error.kind(), LimitErrorKind::Unsupported { .. }),
        _ => false,
    };
    of_decoder(&error, is_unsupported, name)
}
