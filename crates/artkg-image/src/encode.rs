use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::error::{Error, Result};
use crate::pixels::Pixels;

/// A JPEG file of the picture; `quality` runs from 1 to 100.
///
/// # Errors
/// A side of zero or above 65,535 pixels.
pub fn encode_jpeg(pixels: &Pixels, quality: u8) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    encode(
        pixels,
        JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100)),
    )?;
    Ok(bytes)
}

/// A PNG file of the picture.
///
/// # Errors
/// A side of zero.
pub fn encode_png(pixels: &Pixels) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    encode(pixels, PngEncoder::new(&mut bytes))?;
    Ok(bytes)
}

fn encode(pixels: &Pixels, encoder: impl ImageEncoder) -> Result<()> {
    encoder
        .write_image(
            &pixels.data,
            pixels.width as u32,
            pixels.height as u32,
            ExtendedColorType::Rgb8,
        )
        .map_err(|error| Error::Encoding {
            width: pixels.width,
            height: pixels.height,
            reason: error.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::decode_bytes;
    use crate::limits::DecodeLimits;

    #[test]
    fn encoded_pictures_decode_again() {
        let data = (0..20 * 10).flat_map(|i| [i as u8, 100, 30]).collect();
        let picture = Pixels::new(20, 10, data);
        let decode = |bytes: Vec<u8>| {
            decode_bytes(&bytes, "made".as_ref(), &DecodeLimits::default()).unwrap()
        };
        assert_eq!(decode(encode_png(&picture).unwrap()), picture);
        let lossy = decode(encode_jpeg(&picture, 95).unwrap());
        assert!(
            lossy
                .data
                .iter()
                .zip(&picture.data)
                .all(|(&a, &b)| a.abs_diff(b) < 24)
        );
        assert!(encode_jpeg(&Pixels::new(0, 0, Vec::new()), 90).is_err());
    }
}
