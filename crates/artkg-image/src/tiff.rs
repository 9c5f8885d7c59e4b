//! TIFF and BigTIFF: grey, RGB, CMYK, CIELab, colour tables and JPEG's luma and chroma,
//! of 1 to 64 bits and floating-point samples, interleaved or in planes, in strips or
//! tiles. Only the first picture of a file is read.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use image::metadata::Orientation;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use crate::error::{Error, Result, of_decoder};
use crate::limits::{DecodeLimits, check_size};
use crate::model::Model;
use crate::raster::{Raster, Samples};
use crate::tiff_relabelled::{Interpretation, Relabelled};

/// Kinds of extra samples that are opacities.
const ALPHA: [u16; 2] = [1, 2];

/// Decodes the first picture of a file.
pub(crate) fn decode(
    source: &mut (impl Read + Seek),
    name: &Path,
    limits: &DecodeLimits,
) -> Result<Raster> {
    let failed = |error: TiffError| error_of(error, name);
    let (file, interpretation) =
        Relabelled::new(source).map_err(|error| artkg_files::Error::new("read", name, error))?;
    // A damaged tag may count four thousand million values.
    let mut bounds = Limits::default();
    bounds.decoding_buffer_size = limits.max_bytes;
    bounds.intermediate_buffer_size = limits.max_bytes;
    bounds.ifd_value_size = limits.max_bytes;
    let mut decoder = Decoder::new(file).map_err(failed)?.with_limits(bounds);
    let (width, height) = decoder.dimensions().map_err(failed)?;
    let header = Header::read(&mut decoder, interpretation, name)?;
    check_jpeg_parts(&mut decoder, name)?;
    let size = (u64::from(width), u64::from(height));
    check_size(name, limits, size, header.bytes_per_pixel())?;
    let (width, height) = (width as usize, height as usize);

    let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation);
    let orientation = orientation.ok().flatten().and_then(Orientation::from_exif);
    let profile = match decoder.find_tag(Tag::IccProfile) {
        Ok(profile) => profile.map(|profile| profile.into_u8_vec().unwrap_or_default()),
        Err(_) => Some(Vec::new()),
    };
    let table = match header.interpretation {
        Interpretation::Table => decoder.get_tag_u16_vec(Tag::ColorMap).map_err(failed)?,
        _ => Vec::new(),
    };
    let mut buffer = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut buffer).map_err(failed)?;
    // Of extra samples the decoder may have left some out.
    let row = layout.row_stride.map_or(0, |bytes| bytes.get());
    let in_pixel = 8 * row / (usize::from(header.bits) * width);
    let samples = header.samples(buffer, in_pixel * width, name)?;
    let (samples, stored) = match layout.planes {
        0 | 1 => (samples, in_pixel),
        planes => (interleaved(samples, planes, width * height), planes),
    };
    let has_alpha = header.has_alpha && stored > header.model.channels();
    let wanted = header.model.channels() + usize::from(has_alpha);
    let samples = match samples {
        samples if stored <= wanted => samples,
        Samples::Bytes(samples) => Samples::Bytes(first_of(&samples, wanted, stored)),
        Samples::Words(samples) => Samples::Words(first_of(&samples, wanted, stored)),
    };
    let samples = match (header.interpretation, samples) {
        (Interpretation::Table, Samples::Bytes(indices)) => {
            Samples::Bytes(table_colors(&table, &indices))
        }
        (Interpretation::LumaChroma, Samples::Bytes(samples)) => {
            let colors = samples.chunks_exact(3);
            let rgb = colors.flat_map(|color| luma_chroma_to_rgb([color[0], color[1], color[2]]));
            Samples::Bytes(rgb.collect())
        }
        (Interpretation::SignedLab, samples) => with_middle(samples, wanted),
        (_, samples) => samples,
    };
    Ok(Raster {
        width,
        height,
        model: match header.interpretation {
            Interpretation::Table => Model::Rgb,
            _ => header.model,
        },
        has_alpha,
        samples,
        profile,
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
    })
}

/// Refuses a file that ends within one of its JPEG-compressed strips or tiles: the decoder
/// would make up what is missing.
fn check_jpeg_parts<R: Read + Seek>(decoder: &mut Decoder<R>, name: &Path) -> Result<()> {
    const JPEG: u16 = 7;
    let failed = |error: TiffError| error_of(error, name);
    if decoder
        .find_tag_unsigned(Tag::Compression)
        .map_err(failed)?
        != Some(JPEG)
    {
        return Ok(());
    }
    let end = decoder.inner().seek(SeekFrom::End(0));
    let end = end.map_err(|error| artkg_files::Error::new("read", name, error))?;
    for (offsets, lengths) in [
        (Tag::StripOffsets, Tag::StripByteCounts),
        (Tag::TileOffsets, Tag::TileByteCounts),
    ] {
        let mut numbers = |tag| decoder.find_tag_unsigned_vec::<u64>(tag).map_err(failed);
        let (offsets, lengths) = (numbers(offsets)?, numbers(lengths)?);
        let parts = offsets
            .into_iter()
            .flatten()
            .zip(lengths.into_iter().flatten());
        for (offset, length) in parts {
            if offset.saturating_add(length) > end {
                return Err(Error::Truncated {
                    path: name.to_path_buf(),
                    reason: "the file ends before the picture does".to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// What a pixel is made of.
struct Header {
    interpretation: Interpretation,
    model: Model,
    has_alpha: bool,
    /// Samples that the file has for each pixel, wanted or not.
    stored: usize,
    /// Of each sample.
    bits: u8,
}

impl Header {
    fn read<R: Read + Seek>(
        decoder: &mut Decoder<R>,
        interpretation: Interpretation,
        name: &Path,
    ) -> Result<Self> {
        let failed = |error: TiffError| error_of(error, name);
        let color = decoder.colortype().map_err(failed)?;
        let stored = decoder.find_tag_unsigned::<u16>(Tag::SamplesPerPixel);
        let stored = usize::from(stored.map_err(failed)?.unwrap_or(1));
        let extra = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples);
        let extra = extra.map_err(failed)?.unwrap_or_default();
        let is_lab = matches!(
            interpretation,
            Interpretation::SignedLab | Interpretation::Lab
        );
        let model = match color {
            _ if is_lab => Model::Lab,
            ColorType::Gray(_) | ColorType::GrayA(_) | ColorType::Multiband { .. } => Model::Grey,
            ColorType::RGB(_) | ColorType::RGBA(_) | ColorType::YCbCr(_) => Model::Rgb,
            ColorType::CMYK(_) | ColorType::CMYKA(_) => Model::Cmyk,
            ColorType::Lab(_) => Model::Lab,
            other => return Err(unsupported(name, format!("its colours are {other:?}"))),
        };
        if stored < model.channels() {
            return Err(Error::Damaged {
                path: name.to_path_buf(),
                reason: format!("{stored} samples for a colour of {model}"),
            });
        }
        // A fourth sample of RGB is its opacity even where nobody says so.
        let is_rgba = model == Model::Rgb && stored == 4 && extra.is_empty();
        let is_alpha = extra.first().is_some_and(|kind| ALPHA.contains(kind));
        let bits = color.bit_depth();
        let is_byte_only = matches!(
            interpretation,
            Interpretation::Table | Interpretation::LumaChroma
        );
        if is_byte_only && bits > 8 {
            return Err(unsupported(name, format!("a colour table of {bits} bits")));
        }
        Ok(Self {
            interpretation,
            model,
            has_alpha: stored > model.channels() && (is_alpha || is_rgba),
            stored,
            bits,
        })
    }

    /// Held at the peak of decoding: the samples as stored, as they are once spread out,
    /// and the colours made of them.
    fn bytes_per_pixel(&self) -> u64 {
        let stored = self.stored as u64;
        let spread = match self.bits {
            8 if self.stored == self.model.channels() => 0,
            ..=8 => stored,
            16 if self.stored == self.model.channels() => 0,
            _ => 2 * stored,
        };
        (stored * u64::from(self.bits)).div_ceil(8) + spread + 3
    }

    /// Samples of all their depth, `in_row` of them in a row.
    fn samples(&self, buffer: DecodingResult, in_row: usize, name: &Path) -> Result<Samples> {
        let word = |share: f64| (share.clamp(0.0, 1.0) * 65535.0).round() as u16;
        Ok(match buffer {
            DecodingResult::U8(samples) => match self.bits {
                8 => Samples::Bytes(samples),
                1 | 2 | 4 => {
                    let full = match self.interpretation {
                        Interpretation::Table => 1,
                        _ => 255 / ((1 << self.bits) - 1),
                    };
                    Samples::Bytes(spread(&samples, self.bits, in_row, full))
                }
                bits => return Err(unsupported(name, format!("samples of {bits} bits"))),
            },
            DecodingResult::U16(samples) if self.bits == 16 => Samples::Words(samples),
            DecodingResult::U32(samples) if self.bits == 32 => {
                Samples::Words(samples.iter().map(|sample| (sample >> 16) as u16).collect())
            }
            DecodingResult::U64(samples) if self.bits == 64 => {
                Samples::Words(samples.iter().map(|sample| (sample >> 48) as u16).collect())
            }
            // Floating-point samples are shares of the brightest; what is brighter is clipped.
            DecodingResult::F16(samples) => {
                Samples::Words(samples.iter().map(|sample| word(sample.to_f64())).collect())
            }
            DecodingResult::F32(samples) => {
                Samples::Words(samples.iter().map(|&sample| word(sample.into())).collect())
            }
            DecodingResult::F64(samples) => {
                Samples::Words(samples.iter().map(|&sample| word(sample)).collect())
            }
            DecodingResult::I8(samples) if self.interpretation == Interpretation::SignedLab => {
                Samples::Bytes(samples.iter().map(|&sample| sample as u8).collect())
            }
            DecodingResult::I16(samples) if self.interpretation == Interpretation::SignedLab => {
                Samples::Words(samples.iter().map(|&sample| sample as u16).collect())
            }
            _ => {
                let reason = format!("signed samples, or such of {} bits", self.bits);
                return Err(unsupported(name, reason));
            }
        })
    }
}

/// The first `wanted` of every `stored` samples.
fn first_of<S: Copy>(samples: &[S], wanted: usize, stored: usize) -> Vec<S> {
    let pixels = samples.chunks_exact(stored);
    pixels
        .flat_map(|pixel| pixel[..wanted].iter().copied())
        .collect()
}

/// Samples of 1, 2 or 4 bits, `in_row` of them in rows of whole bytes, each times `full`.
fn spread(packed: &[u8], bits: u8, in_row: usize, full: u8) -> Vec<u8> {
    let each = 8 / usize::from(bits);
    let mask = (1_u16 << bits) as u8 - 1;
    let rows = packed.chunks_exact(in_row.div_ceil(each).max(1));
    rows.flat_map(|row| {
        (0..in_row).map(move |at| {
            let shift = 8 - bits - (at % each) as u8 * bits;
            (row[at / each] >> shift & mask) * full
        })
    })
    .collect()
}

/// Planes of `pixels` samples each, one after another, as pixels.
fn interleaved(samples: Samples, planes: usize, pixels: usize) -> Samples {
    fn of<S: Copy>(samples: &[S], planes: usize, pixels: usize) -> Vec<S> {
        // A file that ends early has fewer samples, which the caller finds out.
        let whole = (samples.len() / planes).min(pixels);
        (0..whole)
            .flat_map(|pixel| (0..planes).map(move |plane| samples[plane * whole + pixel]))
            .collect()
    }
    match samples {
        Samples::Bytes(samples) => Samples::Bytes(of(&samples, planes, pixels)),
        Samples::Words(samples) => Samples::Words(of(&samples, planes, pixels)),
    }
}

/// CIELab whose opponents are numbers with a sign, as such whose middle is in the middle.
fn with_middle(samples: Samples, channels: usize) -> Samples {
    match samples {
        Samples::Bytes(mut samples) => {
            for color in samples.chunks_exact_mut(channels) {
                color[1] ^= 0x80;
                color[2] ^= 0x80;
            }
            Samples::Bytes(samples)
        }
        Samples::Words(mut samples) => {
            for color in samples.chunks_exact_mut(channels) {
                color[1] ^= 0x8000;
                color[2] ^= 0x8000;
            }
            Samples::Words(samples)
        }
    }
}

/// The colours of `indices`. The table holds all reds, then greens, then blues,
/// of 16 bits; indices beyond it are black.
fn table_colors(table: &[u16], indices: &[u8]) -> Vec<u8> {
    let entries = table.len() / 3;
    let colors: [[u8; 3]; 256] = std::array::from_fn(|index| {
        std::array::from_fn(|channel| {
            if index < entries {
                (table[channel * entries + index] >> 8) as u8
            } else {
                0
            }
        })
    });
    let colors = indices.iter().flat_map(|&index| colors[usize::from(index)]);
    colors.collect()
}

/// The full-range conversion of JFIF.
fn luma_chroma_to_rgb([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let (luma, blue, red) = (
        f32::from(luma),
        f32::from(blue) - 128.0,
        f32::from(red) - 128.0,
    );
    [
        luma + 1.402 * red,
        luma - 0.344_136 * blue - 0.714_136 * red,
        luma + 1.772 * blue,
    ]
    // The cast clamps to 0..=255.
    .map(|value| value.round() as u8)
}

fn unsupported(name: &Path, reason: String) -> Error {
    Error::Unsupported {
        path: name.to_path_buf(),
        reason,
    }
}

fn error_of(error: TiffError, name: &Path) -> Error {
    let is_unsupported = matches!(error, TiffError::UnsupportedError(_));
    of_decoder(&error, is_unsupported, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_has_no_chroma_and_primaries_come_out() {
        assert_eq!(luma_chroma_to_rgb([77, 128, 128]), [77; 3]);
        assert_eq!(luma_chroma_to_rgb([76, 85, 255]), [254, 0, 0]);
        assert_eq!(luma_chroma_to_rgb([29, 255, 107]), [0, 0, 254]);
    }

    #[test]
    fn a_short_table_leaves_black() {
        let table = [0x1200, 0xFF00, 0x3400, 0x0000, 0x5600, 0x0100];
        assert_eq!(
            table_colors(&table, &[0, 1, 2]),
            [0x12, 0x34, 0x56, 0xFF, 0, 1, 0, 0, 0]
        );
    }

    #[test]
    fn packed_samples_are_spread() {
        assert_eq!(
            spread(&[0b1010_0000, 0b0100_0000], 1, 3, 255),
            [255, 0, 255, 0, 255, 0]
        );
        assert_eq!(spread(&[0x1F, 0x20], 4, 3, 17), [17, 255, 34]);
        assert_eq!(spread(&[0b0001_1011], 2, 4, 1), [0, 1, 2, 3]);
    }

    #[test]
    fn planes_become_pixels() {
        let planes = Samples::Bytes(vec![1, 2, 3, 11, 12, 13]);
        let Samples::Bytes(pixels) = interleaved(planes, 2, 3) else {
            panic!("bytes stay bytes");
        };
        assert_eq!(pixels, [1, 11, 2, 12, 3, 13]);
    }
}
