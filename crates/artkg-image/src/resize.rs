use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::pixels::Pixels;

/// Resizes to exactly `width` × `height` with a bilinear filter whose support
/// grows with the reduction (antialiased), as Pillow's `resize(BILINEAR)` and so
/// torchvision's `Resize` on PIL pictures do.
///
/// A zero side of the target counts as one pixel.
pub fn resize_bilinear(pixels: &Pixels, width: usize, height: usize) -> Pixels {
    let (width, height) = (width.max(1), height.max(1));
    if (width, height) == (pixels.width, pixels.height) {
        return pixels.clone();
    }
    let resized = (|| {
        let source = ImageRef::new(
            pixels.width as u32,
            pixels.height as u32,
            &pixels.data,
            PixelType::U8x3,
        )
        .ok()?;
        let mut target = Image::new(width as u32, height as u32, PixelType::U8x3);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
        Resizer::new().resize(&source, &mut target, &options).ok()?;
        Some(target.into_vec())
    })();
    match resized {
        Some(data) => Pixels::new(width, height, data),
        // Both pictures are 8-bit RGB of matching lengths, the resizer's only conditions.
        None => unreachable!("RGB pictures always resize"),
    }
}

/// The longest strip that [`resize_shorter_side`] keeps whole.
const LONGEST_ASPECT: usize = 16;

/// Resizes so that the shorter side is `side`; the longer becomes
/// `⌊side · longer / shorter⌋`, torchvision's rule.
///
/// Of a strip longer than 16 times its shorter side the middle part of that
/// aspect is taken first: a picture of 1 × 60,000 pixels must not become one of
/// 256 × 15 million.
pub fn resize_shorter_side(pixels: &Pixels, side: usize) -> Pixels {
    let longest = pixels.shorter_side() * LONGEST_ASPECT;
    if pixels.width.max(pixels.height) > longest {
        return resize_shorter_side(&pixels.middle(longest), side);
    }
    let (width, height) = shorter_side_size(pixels.width, pixels.height, side);
    resize_bilinear(pixels, width, height)
}

/// The size `(width, height)` that [`resize_shorter_side`] gives.
pub(crate) fn shorter_side_size(width: usize, height: usize, side: usize) -> (usize, usize) {
    // torchvision divides in double precision and truncates; integer division
    // of the same product gives the same number for every size below 2^26.
    if width <= height {
        (side, side * height / width)
    } else {
        (side * width / height, side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_side_is_truncated() {
        assert_eq!(shorter_side_size(300, 400, 256), (256, 341));
        assert_eq!(shorter_side_size(400, 300, 256), (341, 256));
        assert_eq!(shorter_side_size(31, 31, 256), (256, 256));
        assert_eq!(shorter_side_size(224, 146, 256), (392, 256));
    }

    #[test]
    fn long_strips_keep_their_middle() {
        let data = (0..1000u32).flat_map(|x| [(x / 4) as u8; 3]).collect();
        let strip = Pixels::new(1000, 1, data);
        let resized = resize_shorter_side(&strip, 4);
        assert_eq!((resized.width, resized.height), (64, 4));
        assert_eq!(resized.color(0, 0), [123; 3]);
        assert_eq!(resized.color(63, 3), [126; 3]);
    }

    #[test]
    fn a_flat_picture_stays_flat_and_a_same_size_is_a_copy() {
        let flat = Pixels::new(17, 9, [10, 120, 250].repeat(17 * 9));
        let resized = resize_bilinear(&flat, 40, 5);
        assert_eq!((resized.width, resized.height), (40, 5));
        assert!(resized.data.chunks(3).all(|color| color == [10, 120, 250]));
        assert_eq!(resize_bilinear(&flat, 17, 9), flat);
    }
}
