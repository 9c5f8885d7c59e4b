//! The outline of a JPEG file, read without decoding it: its size, its kind and
//! whether it goes on to its end marker. Decoders are lenient about files that
//! are cut short (they paint the rest grey), so completeness is checked here.

use std::fmt;

/// What the markers of a complete JPEG file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// Bits of a sample; decoders read 8.
    pub(crate) bits: u8,
    /// 1 grey, 3 colour, 4 CMYK.
    pub(crate) components: u8,
    /// Every pass refines the whole picture; coefficients of all are held at once.
    pub(crate) progressive: bool,
    /// The number of scans; a baseline picture has one, rarely one a component.
    pub(crate) scans: usize,
    /// Bytes between segments that belong to none; tolerated.
    pub(crate) stray_bytes: bool,
    /// Offset of the end marker.
    pub(crate) end: usize,
}

/// Why a file has no [`Outline`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The file ends inside this part.
    EndsIn(&'static str),
    /// The rules are broken.
    Damaged(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndsIn(part) => write!(formatter, "the file ends in {part}"),
            Self::Damaged(reason) => formatter.write_str(reason),
        }
    }
}

const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: u8 = 0xD9;

/// Walks over all segments and scans up to the end marker.
pub(crate) fn outline(bytes: &[u8]) -> Result<Outline, Fault> {
    let mut outline = Outline {
        width: 0,
        height: 0,
        bits: 8,
        components: 0,
        progressive: false,
        scans: 0,
        stray_bytes: false,
        end: 0,
    };
    // After the two bytes of the start marker.
    let mut position = 2;
    loop {
        let part = if outline.scans == 0 {
            "its header"
        } else {
            "its picture data"
        };
        let (marker, after) =
            next_marker(bytes, position, &mut outline.stray_bytes).ok_or(Fault::EndsIn(part))?;
        position = after;
        match marker {
            END_OF_IMAGE => {
                outline.end = after - 2;
                break;
            }
            // Markers without a body: restart, start of image, temporary.
            0xD0..=0xD8 | 0x01 => continue,
            _ => {}
        }
        let segment = segment(bytes, position).ok_or(Fault::EndsIn(part))?;
        position += 2 + segment.len();
        match marker {
            // Frame headers; C4, C8 and CC are tables and extensions.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                let &[
                    bits,
                    height_high,
                    height_low,
                    width_high,
                    width_low,
                    components,
                    ..,
                ] = segment
                else {
                    return Err(Fault::Damaged("its frame header is too short".to_owned()));
                };
                outline.height = u16::from_be_bytes([height_high, height_low]);
                outline.width = u16::from_be_bytes([width_high, width_low]);
                outline.bits = bits;
                outline.components = components;
                outline.progressive = matches!(marker, 0xC2 | 0xC6 | 0xCA | 0xCE);
            }
            START_OF_SCAN => {
                outline.scans += 1;
                position = end_of_scan(bytes, position).ok_or(Fault::EndsIn("its picture data"))?;
            }
            _ => {}
        }
    }
    if outline.components == 0 || outline.scans == 0 {
        return Err(Fault::Damaged("it holds no picture".to_owned()));
    }
    Ok(outline)
}

/// The colour profile that the header of a file embeds, its parts put together; an empty
/// one where parts are missing.
pub(crate) fn color_profile(bytes: &[u8]) -> Option<Vec<u8>> {
    const APPLICATION_2: u8 = 0xE2;
    const NAME: &[u8] = b"ICC_PROFILE\0";
    let mut parts: Vec<(u8, u8, &[u8])> = Vec::new();
    let (mut position, mut stray) = (2, false);
    while let Some((marker, after)) = next_marker(bytes, position, &mut stray) {
        position = after;
        match marker {
            START_OF_SCAN | END_OF_IMAGE => break,
            0xD0..=0xD8 | 0x01 => continue,
            _ => {}
        }
        let Some(segment) = segment(bytes, position) else {
            break;
        };
        position += 2 + segment.len();
        let part = segment.strip_prefix(NAME);
        if let (APPLICATION_2, Some([number, count, part @ ..])) = (marker, part) {
            parts.push((*number, *count, part));
        }
    }
    parts.sort_by_key(|(number, ..)| *number);
    let (_, count, _) = *parts.first()?;
    let is_whole = parts.len() == usize::from(count)
        && (1..=count)
            .zip(&parts)
            .all(|(place, part)| part.0 == place && part.1 == count);
    let profile = parts.iter().flat_map(|(.., part)| part.iter().copied());
    Some(if is_whole {
        profile.collect()
    } else {
        Vec::new()
    })
}

/// The next marker at or after `position` and the offset behind it.
fn next_marker(bytes: &[u8], mut position: usize, stray: &mut bool) -> Option<(u8, usize)> {
    loop {
        match *bytes.get(position..position + 2)? {
            [0xFF, 0xFF] => position += 1,
            [0xFF, marker] if marker != 0 => return Some((marker, position + 2)),
            _ => {
                *stray = true;
                position += 1;
            }
        }
    }
}

/// The body of a segment whose two length bytes are at `position`.
fn segment(bytes: &[u8], position: usize) -> Option<&[u8]> {
    let length = bytes.get(position..position + 2)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
    bytes.get(position + 2..position + length)
}

/// The offset of the first marker behind entropy-coded data that is neither a
/// stuffed byte nor a restart.
fn end_of_scan(bytes: &[u8], mut position: usize) -> Option<usize> {
    loop {
        position += bytes
            .get(position..)?
            .iter()
            .position(|&byte| byte == 0xFF)?;
        match *bytes.get(position + 1)? {
            0x00 | 0xD0..=0xD7 => position += 2,
            0xFF => position += 1,
            _ => return Some(position),
        }
    }
}
