//! Small pictures for tests.

use std::path::Path;

use image::RgbImage;
use image::imageops::{FilterType, resize};

/// A picture of soft blobs that depend on `seed`.
pub(crate) fn picture(seed: u32, side: u32) -> RgbImage {
    RgbImage::from_fn(side, side, |x, y| {
        let (x, y) = (x as f32 / side as f32, y as f32 / side as f32);
        let mut level = 0.0;
        for blob in 0..12_u32 {
            let mixed = (seed * 31 + blob + 1).wrapping_mul(2_654_435_761);
            let at = |shift: u32| (mixed >> shift & 0xff) as f32 / 255.0;
            let (dx, dy) = (x - at(0), y - at(8));
            level += (at(16) - 0.4) * (-(dx * dx + dy * dy) * 60.0).exp();
        }
        let level = (128.0 + 160.0 * level).clamp(0.0, 255.0) as u8;
        image::Rgb([level, level / 2 + 40, 255 - level])
    })
}

pub(crate) fn save(picture: &RgbImage, path: &Path) {
    picture.save(path).unwrap();
}

/// The picture scaled down, as somebody else may have saved it.
pub(crate) fn scaled(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    resize(picture, width * 3 / 5, height * 3 / 5, FilterType::Triangle)
}
