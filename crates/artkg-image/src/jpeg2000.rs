//! JPEG 2000, as a file of boxes or the bare codestream.

use std::io::{Read, Seek};
use std::path::Path;

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};
use image::metadata::Orientation;

use crate::error::{Error, Result, brief};
use crate::jpeg2000_structure::{self, Outline};
use crate::limits::{DecodeLimits, REDUCED_MARGIN, check_size};
use crate::model::Model;
use crate::raster::{Raster, Samples};

/// Bytes that a sample takes at the peak: four as decoded, and two as a word.
const BYTES_PER_SAMPLE: u64 = 4 + 2;

/// Bytes that a pixel takes besides: the coefficients of one component and their
/// transform, and the colour made of it. Measured, 25 of the 28 bytes of RGB are used.
const BYTES_PER_PIXEL: u64 = 10;

/// Refuses a file whose header says that the picture is beyond `limits`, before it is
/// read whole.
pub(crate) fn check_header(
    source: &mut (impl Read + Seek),
    name: &Path,
    limits: &DecodeLimits,
) -> Result<()> {
    let Some(outline) = jpeg2000_structure::outline(source) else {
        return Err(damaged(name, "it has no header of a picture".to_owned()));
    };
    let halvings = halvings(&outline, limits.smallest_side);
    let reduced = (outline.width >> halvings, outline.height >> halvings);
    check(name, limits, &outline, reduced)
}

/// Decodes a file, at reduced scale where `limits` allow it.
pub(crate) fn decode(bytes: &[u8], name: &Path, limits: &DecodeLimits) -> Result<Raster> {
    let failed = |error: hayro_jpeg2000::DecodeError| damaged(name, brief(&error));
    let mut source = std::io::Cursor::new(bytes);
    let Some(outline) = jpeg2000_structure::outline(&mut source) else {
        return Err(damaged(name, "it has no header of a picture".to_owned()));
    };
    if !jpeg2000_structure::is_complete(&bytes[outline.start..]) {
        return Err(Error::Truncated {
            path: name.to_path_buf(),
            reason: "the file ends in its picture data".to_owned(),
        });
    }
    let halvings = halvings(&outline, limits.smallest_side);
    let settings = DecodeSettings {
        target_resolution: (halvings > 0).then(|| {
            let reduced = |length: u64| (length >> halvings) as u32;
            (reduced(outline.width), reduced(outline.height))
        }),
        ..DecodeSettings::default()
    };
    let image = Image::new(bytes, &settings).map_err(failed)?;
    let (width, height) = (image.width(), image.height());
    check(name, limits, &outline, (width.into(), height.into()))?;
    let (model, profile) = model_of(image.color_space(), name)?;
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(failed)?;
    let components = decoded.components();
    let pixels = width as usize * height as usize;
    if components
        .iter()
        .any(|component| component.samples().len() != pixels)
    {
        let reason = "its components are of several sizes".to_owned();
        return Err(unsupported(name, reason));
    }
    let samples = match components
        .iter()
        .all(|component| component.bit_depth() <= 8)
    {
        true => Samples::Bytes(decoded.data_u8()),
        false => {
            let full = |bits: u8| 65535.0 / ((1_u64 << bits) - 1) as f32;
            let mut words = Vec::with_capacity(pixels * components.len());
            let planes: Vec<(&[f32], f32)> = components
                .iter()
                .map(|component| (component.samples(), full(component.bit_depth())))
                .collect();
            for pixel in 0..pixels {
                // The cast clamps to 0..=65535.
                let planes = planes.iter();
                words.extend(planes.map(|(plane, full)| (plane[pixel] * full).round() as u16));
            }
            Samples::Words(words)
        }
    };
    Ok(Raster {
        width: width as usize,
        height: height as usize,
        model,
        has_alpha: image.has_alpha(),
        samples,
        profile,
        orientation: Orientation::NoTransforms,
    })
}

/// What the components are, and their profile.
fn model_of(space: &ColorSpace, name: &Path) -> Result<(Model, Option<Vec<u8>>)> {
    Ok(match space {
        ColorSpace::Gray => (Model::Grey, None),
        ColorSpace::RGB => (Model::Rgb, None),
        ColorSpace::CMYK => (Model::Cmyk, None),
        ColorSpace::Icc { profile, .. } if profile.get(16..20) == Some(b"Lab ") => {
            (Model::Lab, None)
        }
        ColorSpace::Icc {
            profile,
            num_channels,
        } => {
            let model = match num_channels {
                1 => Model::Grey,
                3 => Model::Rgb,
                4 => Model::Cmyk,
                other => return Err(unsupported(name, format!("a profile of {other} channels"))),
            };
            (model, Some(profile.clone()))
        }
        ColorSpace::Unknown { num_channels } => {
            return Err(unsupported(
                name,
                format!("{num_channels} unnamed channels"),
            ));
        }
    })
}

/// How often both sides may be halved.
fn halvings(outline: &Outline, smallest_side: Option<u32>) -> u32 {
    let shorter = outline.width.min(outline.height);
    let wanted = smallest_side.map(|side| u64::from(side.max(1)) * REDUCED_MARGIN);
    let times = wanted.and_then(|wanted| (shorter / wanted).checked_ilog2());
    times.unwrap_or(0)
}

fn check(name: &Path, limits: &DecodeLimits, outline: &Outline, size: (u64, u64)) -> Result<()> {
    let of_pixel = u64::from(outline.components) * BYTES_PER_SAMPLE + BYTES_PER_PIXEL;
    check_size(name, limits, size, of_pixel)
}

fn damaged(name: &Path, reason: String) -> Error {
    Error::Damaged {
        path: name.to_path_buf(),
        reason,
    }
}

fn unsupported(name: &Path, reason: String) -> Error {
    Error::Unsupported {
        path: name.to_path_buf(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_keeps_twice_the_wanted_side() {
        let outline = Outline {
            start: 0,
            width: 3000,
            height: 2050,
            components: 3,
        };
        for (side, times) in [(None, 0), (Some(1100), 0), (Some(512), 1), (Some(256), 2)] {
            assert_eq!(halvings(&outline, side), times, "{side:?}");
        }
    }
}
