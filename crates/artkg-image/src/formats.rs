//! Which picture formats are read, and which are known and are not: the one list.

use std::path::Path;

/// A picture format, by the endings of its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureFormat {
    /// What it is called.
    pub name: &'static str,
    /// Endings of its files, in small letters.
    pub endings: &'static [&'static str],
}

/// Those that are read, whatever the ending says.
pub const READ: &[PictureFormat] = &[
    of("JPEG", &["jpg", "jpeg", "jpe", "jfif"]),
    of("PNG", &["png"]),
    of("TIFF", &["tif", "tiff", "btf", "tf8"]),
    of("WebP", &["webp"]),
    of("GIF", &["gif"]),
    of("BMP", &["bmp", "dib"]),
    of("JPEG 2000", &["jp2", "j2k", "j2c", "jpc", "jpf", "jpx"]),
];

/// Those that are not read. Files of theirs in a folder are pictures all the same, and
/// worth a word.
pub const UNREAD: &[PictureFormat] = &[
    of("AVIF", &["avif"]),
    of("HEIC and HEIF", &["heic", "heif", "hif"]),
    of("JPEG XL", &["jxl"]),
    of("Photoshop", &["psd", "psb"]),
    of("DjVu", &["djvu", "djv"]),
    of("OpenEXR", &["exr"]),
    of("Radiance HDR", &["hdr"]),
    of("Targa", &["tga"]),
    of(
        "raw photographs of cameras",
        &["arw", "cr2", "cr3", "dng", "nef", "orf", "raf", "rw2"],
    ),
];

const fn of(name: &'static str, endings: &'static [&'static str]) -> PictureFormat {
    PictureFormat { name, endings }
}

/// Whether the file's extension is one of a format that is read, in any case.
///
/// Only for picking files out of a folder: decoding goes by content.
pub fn is_supported_extension(path: &Path) -> bool {
    has_ending(path, READ)
}

/// Whether the file's extension is one of a picture format that is not read: such files
/// in a folder are pictures all the same, and worth a word.
pub fn is_other_picture_extension(path: &Path) -> bool {
    has_ending(path, UNREAD)
}

/// The names of the formats that are read: `JPEG, PNG, … or BMP`.
pub fn read_formats() -> String {
    let mut names: Vec<&str> = READ.iter().map(|format| format.name).collect();
    let last = names.pop().unwrap_or_default();
    format!("{} or {last}", names.join(", "))
}

fn has_ending(path: &Path, formats: &[PictureFormat]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        let mut endings = formats.iter().flat_map(|format| format.endings);
        endings.any(|ending| extension.eq_ignore_ascii_case(ending))
    })
}

/// A format that is read, told from the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Jpeg,
    Png,
    Tiff,
    WebP,
    Gif,
    Bmp,
    Jpeg2000,
}

/// The format of a file that begins with `head`, or what else it looks like.
///
/// # Errors
/// What the content looks like, where it is of no format that is read.
pub fn recognise(head: &[u8]) -> Result<PictureFormat, String> {
    sniff(head).map(|content| {
        READ[match content {
            Content::Jpeg => 0,
            Content::Png => 1,
            Content::Tiff => 2,
            Content::WebP => 3,
            Content::Gif => 4,
            Content::Bmp => 5,
            Content::Jpeg2000 => 6,
        }]
    })
}

/// The format that the first bytes of a file tell, or what else they look like.
pub(crate) fn sniff(head: &[u8]) -> Result<Content, String> {
    let starts = |magics: &[&[u8]]| magics.iter().any(|magic| head.starts_with(magic));
    let at = |place: usize, magics: &[&[u8]]| {
        let rest = head.get(place..).unwrap_or_default();
        magics.iter().any(|magic| rest.starts_with(magic))
    };
    // Two letters begin many a text: a bitmap's header has a length that is one of few.
    let is_bitmap = starts(&[b"BM"])
        && matches!(
            head.get(14..18),
            Some([12 | 16 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0])
        );
    if starts(&[b"\xff\xd8\xff"]) {
        Ok(Content::Jpeg)
    } else if starts(&[b"\x89PNG\r\n\x1a\n"]) {
        Ok(Content::Png)
    } else if starts(&[b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"]) {
        Ok(Content::Tiff)
    } else if starts(&[b"RIFF"]) && at(8, &[b"WEBP"]) {
        Ok(Content::WebP)
    } else if starts(&[b"GIF87a", b"GIF89a"]) {
        Ok(Content::Gif)
    } else if is_bitmap {
        Ok(Content::Bmp)
    } else if starts(&[b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"]) {
        Ok(Content::Jpeg2000)
    } else if at(4, &[b"ftypavif", b"ftypavis"]) {
        Err("an AVIF image".to_owned())
    } else if at(4, &[b"ftyphei", b"ftyphev", b"ftypmif1"]) {
        Err("a HEIC image".to_owned())
    } else if starts(&[b"\xff\x0a", b"\0\0\0\x0cJXL "]) {
        Err("a JPEG XL image".to_owned())
    } else if starts(&[b"8BPS"]) {
        Err("a Photoshop file".to_owned())
    } else if starts(&[b"AT&TFORM"]) {
        Err("a DjVu document".to_owned())
    } else if starts(&[b"\x76\x2f\x31\x01"]) {
        Err("an OpenEXR image".to_owned())
    } else if starts(&[b"#?RADIANCE", b"#?RGBE"]) {
        Err("a Radiance HDR image".to_owned())
    } else if starts(&[b"%PDF"]) {
        Err("a PDF document".to_owned())
    } else {
        let head = &head[..head.len().min(256)];
        let is_text = |&byte: &u8| byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r');
        Err(match head.iter().all(is_text) {
            true => "text".to_owned(),
            false => "of an unknown format".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions() {
        for good in [
            "a.jpg", "b.JPEG", "c.Tif", "x/y.webp", "z.PNG", "a.JP2", "a.gif",
        ] {
            assert!(is_supported_extension(Path::new(good)), "{good}");
        }
        for bad in ["a.heic", "jpg", "b.jpg.txt", ".png"] {
            assert!(!is_supported_extension(Path::new(bad)), "{bad}");
        }
        assert!(is_other_picture_extension(Path::new("a.AVIF")));
        assert!(!is_other_picture_extension(Path::new("a.txt")));
        assert!(!is_other_picture_extension(Path::new("a.jpg")));
    }

    #[test]
    fn the_guide_names_every_format() {
        let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images.md");
        let guide = std::fs::read_to_string(guide).unwrap();
        for format in READ.iter().chain(UNREAD) {
            let endings: Vec<String> = format.endings.iter().map(|e| format!("`.{e}`")).collect();
            let row = format!("| {} | {} |", format.name, endings.join(", "));
            assert!(guide.contains(&row), "docs/images.md lacks the row {row}");
        }
    }

    #[test]
    fn content_tells_the_format() {
        assert_eq!(sniff(b"GIF89a"), Ok(Content::Gif));
        let name = |head| recognise(head).unwrap().name;
        assert_eq!(name(b"\xff\xd8\xff"), "JPEG");
        assert_eq!(name(b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), "BMP");
        assert_eq!(name(b"\xff\x4f\xff\x51"), "JPEG 2000");
        assert!(recognise(b"<html>").is_err());
        assert_eq!(sniff(b"\xff\x4f\xff\x51\0"), Ok(Content::Jpeg2000));
        assert_eq!(sniff(b"BM and PSV are trams"), Err("text".to_owned()));
        let avif = b"\0\0\0\x20ftypavif\0\0";
        assert_eq!(sniff(avif), Err("an AVIF image".to_owned()));
    }
}
