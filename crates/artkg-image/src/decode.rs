use std::io::{BufRead, BufReader, Cursor, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageReader,
};

use crate::error::{Error, Result, brief, is_end_of_file};
use crate::jpeg;
use crate::limits::{DecodeLimits, check_size};
use crate::pixels::Pixels;
use crate::tiff_relabelled;

/// Bytes that tell the format.
const HEAD: usize = 256;

/// Whether the file's extension is one of a format that is read (`jpg`, `jpeg`,
/// `jpe`, `jfif`, `png`, `tif`, `tiff`, `webp`, in any case).
///
/// Only for picking files out of a folder: decoding goes by content.
pub fn is_supported_extension(path: &Path) -> bool {
    has_extension(
        path,
        &["jpg", "jpeg", "jpe", "jfif", "png", "tif", "tiff", "webp"],
    )
}

/// Whether the file's extension is one of a picture format that is not read: such files
/// in a folder are pictures all the same, and worth a word.
pub fn is_other_picture_extension(path: &Path) -> bool {
    has_extension(
        path,
        &[
            "avif", "bmp", "gif", "heic", "heif", "j2k", "jp2", "jpf", "jpx", "jxl", "psb", "psd",
            // What cameras write.
            "arw", "cr2", "cr3", "dng", "nef", "orf", "raf", "rw2",
        ],
    )
}

fn has_extension(path: &Path, known: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        known
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Decodes a JPEG, PNG, TIFF or WebP file to RGB; the format is told from the
/// content, not from the name.
///
/// # Errors
/// An [`Error`] naming `path`: unreadable, no file, empty, no image, of an unsupported
/// kind, cut short, damaged, or larger than `limits` allow.
pub fn decode_file(path: &Path, limits: &DecodeLimits) -> Result<Pixels> {
    let (mut file, length) = artkg_files::open_regular(path)?;
    let failed = |source| artkg_files::Error::new("read", path, source);
    let mut head = Vec::with_capacity(HEAD);
    (&mut file)
        .take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(failed)?;
    let format = format_of(&head, path)?;
    file.rewind().map_err(failed)?;
    if format != ImageFormat::Jpeg {
        let source = BufReader::with_capacity(1 << 16, file);
        return guarded(path, || decode_other(source, length, format, path, limits));
    }
    // Its structure is checked before it is decoded, and that to the end.
    if length > limits.max_bytes as u64 {
        jpeg::check_header(file, path, limits)?;
        return Err(Error::FileTooLarge {
            path: path.to_path_buf(),
            length,
            limit: limits.max_bytes,
        });
    }
    let mut bytes = Vec::with_capacity(length as usize);
    file.read_to_end(&mut bytes).map_err(failed)?;
    guarded(path, || jpeg::decode(&bytes, path, limits))
}

/// Decodes an image held in memory; `name` is used in errors only.
///
/// # Errors
/// As [`decode_file`].
pub fn decode_bytes(bytes: &[u8], name: &Path, limits: &DecodeLimits) -> Result<Pixels> {
    let format = format_of(&bytes[..bytes.len().min(HEAD)], name)?;
    guarded(name, || match format {
        ImageFormat::Jpeg => jpeg::decode(bytes, name, limits),
        _ => {
            let length = bytes.len() as u64;
            decode_other(Cursor::new(bytes), length, format, name, limits)
        }
    })
}

/// The format of a file that begins with `head`.
fn format_of(head: &[u8], name: &Path) -> Result<ImageFormat> {
    if head.is_empty() {
        return Err(Error::Empty {
            path: name.to_path_buf(),
        });
    }
    sniff(head).map_err(|found| Error::NotAnImage {
        path: name.to_path_buf(),
        found,
    })
}

/// Runs a decoder. One that panics on a file nobody foresaw must cost that file only.
fn guarded(name: &Path, decode: impl FnOnce() -> Result<Pixels>) -> Result<Pixels> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
        Err(Error::Damaged {
            path: name.to_path_buf(),
            reason: "the decoder failed on it".to_owned(),
        })
    })
}

/// The format that the first bytes tell, or what else they look like.
fn sniff(head: &[u8]) -> std::result::Result<ImageFormat, String> {
    // BigTIFF, which `guess_format` does not know.
    if head.starts_with(b"II+\0") || head.starts_with(b"MM\0+") {
        return Ok(ImageFormat::Tiff);
    }
    match image::guess_format(head) {
        Ok(
            format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Tiff | ImageFormat::WebP),
        ) => Ok(format),
        Ok(other) => Err(format!("a {other:?} image")
            .replace("Gif", "GIF")
            .replace("Bmp", "BMP")),
        Err(_) if head.starts_with(b"%PDF") => Err("a PDF document".to_owned()),
        Err(_) => {
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
    mut source: impl BufRead + Seek,
    length: u64,
    format: ImageFormat,
    name: &Path,
    limits: &DecodeLimits,
) -> Result<Pixels> {
    if format == ImageFormat::WebP {
        check_webp_length(&mut source, length, name)?;
    }
    if format == ImageFormat::Tiff
        && let Some(pixels) = tiff_relabelled::decode(&mut source, name, limits)?
    {
        return Ok(pixels);
    }
    source
        .rewind()
        .map_err(|source| artkg_files::Error::new("read", name, source))?;
    let failed = |error| from_image_error(error, name);
    let mut reader = ImageReader::with_format(source, format);
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
fn check_webp_length(source: &mut impl Read, length: u64, name: &Path) -> Result<()> {
    let mut head = [0; 8];
    let declared = match source.read_exact(&mut head) {
        Ok(()) => u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])) + 8,
        Err(_) => u64::MAX,
    };
    if length < declared {
        return Err(Error::Truncated {
            path: name.to_path_buf(),
            reason: format!("{length} of {declared} bytes are there"),
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
            reason: brief(&error),
        },
        ImageError::Limits(error) if matches!(error.kind(), LimitErrorKind::Unsupported { .. }) => {
            Error::Unsupported {
                path,
                reason: brief(&error),
            }
        }
        error => Error::Damaged {
            path,
            reason: brief(&error),
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
        assert!(is_other_picture_extension(Path::new("a.JP2")));
        assert!(!is_other_picture_extension(Path::new("a.txt")));
        assert!(!is_other_picture_extension(Path::new("a.jpg")));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_no_file_or_too_long_is_refused_before_it_is_read() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let decode = |path: &Path| decode_file(path, &DecodeLimits::default()).unwrap_err();
        let error = decode(Path::new("/dev/zero"));
        assert!(matches!(
            error,
            Error::File(artkg_files::Error::NotRegular(_))
        ));
        // Files with holes: nothing of these gigabytes is on the disk.
        let huge = |name: &str, head: &[u8]| {
            let path = folder.path().join(name);
            let mut file = std::fs::File::create(&path).unwrap();
            file.write_all(head).unwrap();
            file.set_len(30 << 30).unwrap();
            path
        };
        let error = decode(&huge("z.jpg", &[0xff, 0xd8, 0xff, 0xe0]));
        assert!(matches!(error, Error::FileTooLarge { length, .. } if length == 30 << 30));
        let error = decode(&huge("zeros.jpg", b""));
        assert!(matches!(error, Error::NotAnImage { .. }), "{error}");
        for (name, head) in [
            ("z.tif", &b"II*\0\x08\0\0\0\0\0"[..]),
            ("z.png", b"\x89PNG\r\n\x1a\n"),
            ("z.webp", b"RIFF\xff\xff\xff\x7fWEBP"),
        ] {
            let message = decode(&huge(name, head)).to_string();
            assert!(message.contains(name), "{message}");
            assert!(message.len() < 400, "{message}");
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
