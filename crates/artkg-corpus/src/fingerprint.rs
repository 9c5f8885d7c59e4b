//! What is kept of an image to recognise it again.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use artkg_image::{
    ContentHash, DecodeLimits, PerceptualHash, Pixels, content_hash, decode_bytes, resize_bilinear,
};
use rayon::prelude::*;

use crate::progress::Progress;

/// The side of the thumbnails that near duplicates are confirmed with.
const THUMBNAIL: usize = 16;

/// The longest distance of the perceptual hashes of near duplicates.
pub(crate) const NEAR_DISTANCE: u32 = 6;

/// The largest mean difference of the thumbnails of near duplicates, in grey
/// levels. Copies that were scaled and compressed again stay below 4; different
/// pictures whose hashes happen to agree, mostly flat ones, lie above 15.
const NEAR_DIFFERENCE: f32 = 10.0;

/// What is kept of an image to recognise it again.
#[derive(Clone, Debug)]
pub(crate) struct Fingerprint {
    pub(crate) content: ContentHash,
    pub(crate) perceptual: PerceptualHash,
    /// Grey values, `[THUMBNAIL, THUMBNAIL]`.
    thumbnail: [u8; THUMBNAIL * THUMBNAIL],
}

impl Fingerprint {
    /// Reads and decodes an image.
    pub(crate) fn read(path: &Path) -> artkg_image::Result<Self> {
        let bytes = artkg_files::read_bytes(path)?;
        let limits = DecodeLimits {
            smallest_side: Some(4 * THUMBNAIL as u32),
            ..DecodeLimits::default()
        };
        let pixels = decode_bytes(&bytes, path, &limits)?;
        Ok(Self {
            content: content_hash(&bytes),
            perceptual: PerceptualHash::of(&pixels),
            thumbnail: thumbnail(&pixels),
        })
    }

    /// Whether two images show the same picture, as far as hash and thumbnail tell.
    pub(crate) fn resembles(&self, other: &Self) -> bool {
        self.perceptual.distance(other.perceptual) <= NEAR_DISTANCE
            && self.difference(other) <= NEAR_DIFFERENCE
    }

    /// The mean absolute difference of the thumbnails in grey levels.
    pub(crate) fn difference(&self, other: &Self) -> f32 {
        let sum: u32 = self
            .thumbnail
            .iter()
            .zip(&other.thumbnail)
            .map(|(left, right)| u32::from(left.abs_diff(*right)))
            .sum();
        sum as f32 / self.thumbnail.len() as f32
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
) -> Vec<Option<artkg_image::Result<Fingerprint>>> {
    let total = paths.iter().flatten().count();
    let done = AtomicUsize::new(0);
    progress("decode", 0, total);
    paths
        .par_iter()
        .map(|path| {
            let fingerprint = Fingerprint::read(path.as_ref()?);
            progress("decode", done.fetch_add(1, Ordering::Relaxed) + 1, total);
            Some(fingerprint)
        })
        .collect()
}
