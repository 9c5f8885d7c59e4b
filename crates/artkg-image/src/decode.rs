use std::io::{BufRead, BufReader, Cursor, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::ImageFormat;

use crate::error::{Error, Result};
use crate::formats::{Content, sniff};
use crate::limits::DecodeLimits;
use crate::picture::Picture;
use crate::pixels::Pixels;
use crate::{jpeg, jpeg2000, portable, tiff};

/// Bytes that tell the format.
const HEAD: usize = 256;

/// Reads a picture file of any of the formats in [`READ`](crate::READ) as RGB; which of
/// them it is, its content tells, not its name. Of several pictures in one file the
/// first is read.
///
/// # Errors
/// An [`Error`] naming `path`: unreadable, no file, empty, no image, of an unsupported
/// kind, cut short, damaged, or larger than `limits` allow.
pub fn read_picture(path: &Path, limits: &DecodeLimits) -> Result<Picture> {
    let (mut file, length) = artkg_files::open_regular(path)?;
    let failed = |source| artkg_files::Error::new("read", path, source);
    let mut head = Vec::with_capacity(HEAD);
    (&mut file)
        .take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(failed)?;
    let format = format_of(&head, path)?;
    file.rewind().map_err(failed)?;
    if !matches!(format, Content::Jpeg | Content::Jpeg2000) {
        let mut source = BufReader::with_capacity(1 << 16, file);
        return guarded(path, || streamed(&mut source, length, format, path, limits));
    }
    // Their structure is checked before they are decoded, and that to the end.
    if length > limits.max_bytes as u64 {
        match format {
            Content::Jpeg => jpeg::check_header(file, path, limits)?,
            _ => jpeg2000::check_header(&mut file, path, limits)?,
        }
        return Err(Error::FileTooLarge {
            path: path.to_path_buf(),
            length,
            limit: limits.max_bytes,
        });
    }
    if format == Content::Jpeg2000 {
        jpeg2000::check_header(&mut file, path, limits)?;
        file.rewind().map_err(failed)?;
    }
    let mut bytes = Vec::with_capacity(length as usize);
    file.read_to_end(&mut bytes).map_err(failed)?;
    guarded(path, || held(&bytes, format, path, limits))
}

/// Reads a picture that is held in memory; `name` is used in errors only.
///
/// # Errors
/// As [`read_picture`].
pub fn read_picture_bytes(bytes: &[u8], name: &Path, limits: &DecodeLimits) -> Result<Picture> {
    let format = format_of(&bytes[..bytes.len().min(HEAD)], name)?;
    guarded(name, || match format {
        Content::Jpeg | Content::Jpeg2000 => held(bytes, format, name, limits),
        _ => {
            let length = bytes.len() as u64;
            streamed(&mut Cursor::new(bytes), length, format, name, limits)
        }
    })
}

/// The pixels of [`read_picture`], for those who have no use for its warning.
///
/// # Errors
/// As [`read_picture`].
pub fn decode_file(path: &Path, limits: &DecodeLimits) -> Result<Pixels> {
    read_picture(path, limits).map(|picture| picture.pixels)
}

/// The pixels of [`read_picture_bytes`], for those who have no use for its warning.
///
/// # Errors
/// As [`read_picture`].
pub fn decode_bytes(bytes: &[u8], name: &Path, limits: &DecodeLimits) -> Result<Pixels> {
    read_picture_bytes(bytes, name, limits).map(|picture| picture.pixels)
}

/// The formats that are decoded from memory.
fn held(bytes: &[u8], format: Content, name: &Path, limits: &DecodeLimits) -> Result<Picture> {
    let raster = match format {
        Content::Jpeg2000 => jpeg2000::decode(bytes, name, limits)?,
        _ => jpeg::decode(bytes, name, limits)?,
    };
    raster.into_picture(name)
}

/// The formats that are decoded while they are read.
fn streamed(
    source: &mut (impl BufRead + Seek),
    length: u64,
    format: Content,
    name: &Path,
    limits: &DecodeLimits,
) -> Result<Picture> {
    let raster = match format {
        Content::Tiff => tiff::decode(source, name, limits)?,
        Content::Png => portable::decode(source, ImageFormat::Png, length, name, limits)?,
        Content::WebP => portable::decode(source, ImageFormat::WebP, length, name, limits)?,
        Content::Gif => portable::decode(source, ImageFormat::Gif, length, name, limits)?,
        _ => portable::decode(source, ImageFormat::Bmp, length, name, limits)?,
    };
    raster.into_picture(name)
}

/// The format of a file that begins with `head`.
fn format_of(head: &[u8], name: &Path) -> Result<Content> {
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
fn guarded(name: &Path, decode: impl FnOnce() -> Result<Picture>) -> Result<Picture> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
        Err(Error::Damaged {
            path: name.to_path_buf(),
            reason: "the decoder failed on it".to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("z.gif", b"GIF89a\xff\xff\xff\xff"),
            ("z.jp2", b"\0\0\0\x0cjP  \r\n\x87\n"),
            (
                "z.j2k",
                b"\xff\x4f\xff\x51\0\x29\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
            ),
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
        assert!(message(b"\0\0\0\x1cftypheic").contains("a HEIC image"));
        assert!(message(&[0, 1, 2, 3, 4]).contains("unknown format"));
    }
}
