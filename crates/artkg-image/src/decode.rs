use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageReader,
};

use crate::error::{Error, Result, is_end_of_file};
use crate::limits::{DecodeLimits, check_size};
use crate::pixels::Pixels;
use crate::{jpeg, tiff_relabelled};

/// Whether the file's extension is one of a format that is read (`jpg`, `jpeg`,
/// `jpe`, `jfif`, `png`, `tif`, `tiff`, `webp`, in any case).
///
/// Only for picking files out of a folder: decoding goes by content.
pub fn is_supported_extension(path: &Path) -> bool {
    const EXTENSIONS: [&str; 8] = ["jpg", "jpeg", "jpe", "jfif", "png", "tif", "tiff", "webp"];
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| {
            EXTENSIONS
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(known))
        })
}

/// Decodes a JPEG, PNG, TIFF or WebP file to RGB; the format is told from the
/// content, not from the name.
///
/// # Errors
/// An [`Error`] naming `path`: unreadable, empty, no image, of an unsupported
/// kind, cut short, damaged, or larger than `limits` allow.
pub fn decode_file(path: &Path, limits: &DecodeLimits) -> Result<Pixels> {
    decode_bytes(&artkg_files::read_bytes(path)?, path, limits)
}

/// Decodes an image held in memory; `name` is used in errors only.
///
/// # Errors
/// As [`decode_file`].
pub fn decode_bytes(bytes: &[u8], name: &Path, limits: &DecodeLimits) -> Result<Pixels> {
    if bytes.is_empty() {
        return Err(Error::Empty {
            path: name.to_path_buf(),
        });
    }
    let format = sniff(bytes).map_err(|found| Error::NotAnImage {
        path: name.to_path_buf(),
        found,
    })?;
    // A decoder that panics on a file nobody foresaw must cost that file only.
    catch_unwind(AssertUnwindSafe(|| match format {
        ImageFormat::Jpeg => jpeg::decode(bytes, name, limits),
        _ => decode_other(bytes, format, name, limits),
    }))
    .unwrap_or_else(|_| {
        Err(Error::Damaged {
            path: name.to_path_buf(),
            reason: "the decoder failed on it".to_owned(),
        })
    })
}

/// The format that the first bytes tell, or what else they look like.
fn sniff(bytes: &[u8]) -> std::result::Result<ImageFormat, String> {
    // BigTIFF, which `guess_format` does not know.
    if bytes.starts_with(b"II+\0") || bytes.starts_with(b"MM\0+") {
        return Ok(ImageFormat::Tiff);
    }
    match image::guess_format(bytes) {
        Ok(
            format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Tiff | ImageFormat::WebP),
        ) => Ok(format),
        Ok(other) => Err(format!("a {other:?} image")
            .replace("Gif", "GIF")
            .replace("Bmp", "BMP")),
        Err(_) if bytes.starts_with(b"%PDF") => Err("a PDF document".to_owned()),
        Err(_) => {
            let head = &bytes[..bytes.len().min(256)];
            let text = head
                .iter()
                .all(|&byte| byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r'));
            Err(if text {
                "text".to_owned()
            } else {
                "of an unknown format".to_owned()
            })
        }
    }
}

/// PNG, TIFF and WebP through the `image` crate.
fn decode_other(
    bytes: &[u8],
    format: ImageFormat,
    name: &Path,
    limits: &DecodeLimits,
) -> Result<Pixels> {
    if format == ImageFormat::WebP {
        check_webp_length(bytes, name)?;
    }
    if format == ImageFormat::Tiff
        && let Some(pixels) = tiff_relabelled::decode(bytes, name, limits)?
    {
        return Ok(pixels);
    }
    let failed = |error| from_image_error(error, name);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    // What pictures themselves need is checked below with a message that names sizes;
    // this bounds all else, such as a packed colour profile.
    let mut bounds = image::Limits::no_limits();
    bounds.max_alloc = Some(limits.max_bytes as u64);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let (width, height) = decoder.dimensions();
    check_size(
        name,
        limits,
        (width.into(), height.into()),
        bytes_per_pixel(&decoder),
    )?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    Ok(flatten(picture).oriented(orientation))
}

/// Compares the length in a WebP's header with the file's: its decoder does not
/// miss what stands behind the picture, such as the orientation.
fn check_webp_length(bytes: &[u8], name: &Path) -> Result<()> {
    let declared = bytes
        .get(4..8)
        .and_then(|length| length.try_into().ok())
        .map_or(u64::MAX, |length| u64::from(u32::from_le_bytes(length)) + 8);
    if (bytes.len() as u64) < declared {
        return Err(Error::Truncated {
            path: name.to_path_buf(),
            reason: format!("{} of {declared} bytes are there", bytes.len()),
        });
    }
    Ok(())
}

/// Bytes a pixel that decoding holds at its peak: the decoded samples and,
/// unless these are RGB already, the conversion.
fn bytes_per_pixel(decoder: &impl ImageDecoder) -> u64 {
    let color = decoder.color_type();
    let decoded = u64::from(color.bytes_per_pixel());
    let source = match decoder.original_color_type() {
        ExtendedColorType::Cmyk8 => 4,
        ExtendedColorType::Cmyk16 => 8,
        _ => 0,
    };
    let converted = match color {
        ColorType::Rgb8 => 0,
        ColorType::L8 | ColorType::L16 | ColorType::Rgb16 | ColorType::Rgb32F => 3,
        // Through RGBA.
        _ => 4 + 3,
    };
    source + decoded + converted
}

/// Any picture to RGB; transparency shows white.
fn flatten(picture: DynamicImage) -> Pixels {
    if !picture.color().has_alpha() {
        return Pixels::from_rgb(picture.into_rgb8());
    }
    let rgba = picture.into_rgba8();
    let (width, height) = rgba.dimensions();
    let data = rgba
        .as_raw()
        .chunks_exact(4)
        .flat_map(|pixel| {
            let alpha = u32::from(pixel[3]);
            let on_white =
                |sample: u8| ((u32::from(sample) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
            [on_white(pixel[0]), on_white(pixel[1]), on_white(pixel[2])]
        })
        .collect();
    Pixels::new(width as usize, height as usize, data)
}

fn from_image_error(error: ImageError, name: &Path) -> Error {
    let path = name.to_path_buf();
    if is_end_of_file(&error) {
        return Error::Truncated {
            path,
            reason: "the file ends before the picture does".to_owned(),
        };
    }
    match error {
        ImageError::Unsupported(error) => Error::Unsupported {
            path,
            reason: error.to_string(),
        },
        ImageError::Limits(error) if matches!(error.kind(), LimitErrorKind::Unsupported { .. }) => {
            Error::Unsupported {
                path,
                reason: error.to_string(),
            }
        }
        error => Error::Damaged {
            path,
            reason: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions() {
        for good in ["a.jpg", "b.JPEG", "c.Tif", "x/y.webp", "z.PNG"] {
            assert!(is_supported_extension(Path::new(good)), "{good}");
        }
        for bad in ["a.gif", "jpg", "b.jpg.txt", ".png"] {
            assert!(!is_supported_extension(Path::new(bad)), "{bad}");
        }
    }

    #[test]
    fn what_is_no_image_is_named() {
        let message = |bytes: &[u8]| {
            decode_bytes(bytes, Path::new("x.jpg"), &DecodeLimits::default())
                .unwrap_err()
                .to_string()
        };
        assert!(message(b"").contains("x.jpg is empty"));
        assert!(message(b"Dear colleague").contains("x.jpg is text"));
        assert!(message(b"GIF89a......").contains("a GIF image"));
        assert!(message(&[0, 1, 2, 3, 4]).contains("unknown format"));
    }
}
