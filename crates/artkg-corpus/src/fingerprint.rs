//! What is kept of an image to recognise it again.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use artkg_image::{
    ContentHash, DecodeLimits, PerceptualHash, Pixels, decode_file, file_hash, resize_bilinear,
};
use rayon::prelude::*;

use crate::progress::Progress;

/// The side of the thumbnails that near duplicates are confirmed with.
const THUMBNAIL: usize = 24;

/// The longest distance of the perceptual hashes of near duplicates. Two
/// photographs of one painting reach 10; so do many pairs of different
/// paintings, which [`LEAST_AGREEMENT`] then tells apart.
pub(crate) const NEAR_DISTANCE: u32 = 11;

/// The least agreement of near duplicates. Among 7,920 real paintings, whose
/// exact and scaled copies had been removed, the pairs above it were all two
/// reproductions of one painting, and the first below it, at 0.921, were two
/// dark portraits in round frames. Scaled and compressed copies lie above 0.98.
const LEAST_AGREEMENT: f32 = 0.925;

/// What is kept of an image to recognise it again.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    pub(crate) content: ContentHash,
    pub(crate) perceptual: PerceptualHash,
    /// Grey values, `[THUMBNAIL, THUMBNAIL]`.
    thumbnail: [u8; THUMBNAIL * THUMBNAIL],
}

impl Fingerprint {
    /// Reads and decodes an image.
    ///
    /// # Errors
    /// A file that cannot be read or decoded.
    pub fn read(path: &Path) -> artkg_image::Result<Self> {
        let limits = DecodeLimits {
            smallest_side: Some(2 * THUMBNAIL as u32),
            ..DecodeLimits::default()
        };
        let pixels = decode_file(path, &limits)?;
        Ok(Self {
            content: file_hash(path)?,
            perceptual: PerceptualHash::of(&pixels),
            thumbnail: thumbnail(&pixels),
        })
    }

    /// Whether two images show the same picture, as far as hash and thumbnail tell.
    pub(crate) fn resembles(&self, other: &Self) -> bool {
        self.perceptual.distance(other.perceptual) <= NEAR_DISTANCE
            && self.agreement(other) >= LEAST_AGREEMENT
    }

    /// How well the edges of the thumbnails agree: the cosine of their
    /// gradients, 1 for the same picture in any brightness and contrast.
    pub(crate) fn agreement(&self, other: &Self) -> f32 {
        let (mut product, mut left_square, mut right_square) = (0.0_f32, 0.0_f32, 0.0_f32);
        for (left, right) in self.gradients().zip(other.gradients()) {
            product += left * right;
            left_square += left * left;
            right_square += right * right;
        }
        if left_square == 0.0 && right_square == 0.0 {
            // Two empty pictures.
            return 1.0;
        }
        product / (left_square * right_square).sqrt().max(f32::MIN_POSITIVE)
    }

    /// The differences of each pixel to its right and lower neighbour.
    fn gradients(&self) -> impl Iterator<Item = f32> {
        let value = |y: usize, x: usize| f32::from(self.thumbnail[y * THUMBNAIL + x]);
        (0..THUMBNAIL - 1).flat_map(move |y| {
            (0..THUMBNAIL - 1).flat_map(move |x| {
                let here = value(y, x);
                [value(y, x + 1) - here, value(y + 1, x) - here]
            })
        })
    }
}

fn thumbnail(pixels: &Pixels) -> [u8; THUMBNAIL * THUMBNAIL] {
    let small = resize_bilinear(pixels, THUMBNAIL, THUMBNAIL);
    let mut grey = [0; THUMBNAIL * THUMBNAIL];
    for (value, color) in grey.iter_mut().zip(small.data.chunks_exact(3)) {
        let [red, green, blue] = [color[0], color[1], color[2]].map(u32::from);
        // Rec. 601 luma.
        *value = ((299 * red + 587 * green + 114 * blue + 500) / 1000) as u8;
    }
    grey
}

/// The fingerprints of many images, read in parallel; `None` stays `None`.
pub(crate) fn fingerprints(
    paths: &[Option<PathBuf>],
    progress: &Progress<'_>,
) -> Vec<Option<artkg_image::Result<Box<Fingerprint>>>> {
    let total = paths.iter().flatten().count();
    let done = AtomicUsize::new(0);
    progress("decode", 0, total);
    paths
        .par_iter()
        .map(|path| {
            let fingerprint = Fingerprint::read(path.as_ref()?).map(Box::new);
            progress("decode", done.fetch_add(1, Ordering::Relaxed) + 1, total);
            Some(fingerprint)
        })
        .collect()
}
