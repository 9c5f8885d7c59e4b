use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::pixels::Pixels;
use crate::resize::{resize_bilinear, resize_shorter_side};

/// The longest side of a resized picture: more would be a slip of the keyboard or a
/// damaged file, and take gigabytes a picture.
const LONGEST_SIDE: usize = 8192;

/// How a picture becomes the network's input.
///
/// The result is always `[crop, crop, 3]`, `f32`, each channel
/// `(sample / 255 − mean) / deviation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preprocessing {
    /// Pixels of the shorter side after resizing.
    pub resize: usize,
    /// Pixels of both sides of the crop, at most `resize`. (A larger one makes
    /// the picture be resized to `crop`; see [`Preprocessing::validate`].)
    pub crop: usize,
    /// Mean of red, green and blue on the scale 0 to 1.
    pub mean: [f32; 3],
    /// Standard deviation of red, green and blue on the scale 0 to 1.
    pub deviation: [f32; 3],
}

impl Default for Preprocessing {
    /// The values of ImageNet models: 256, 224 and ImageNet's statistics.
    fn default() -> Self {
        Self {
            resize: 256,
            crop: 224,
            mean: [0.485, 0.456, 0.406],
            deviation: [0.229, 0.224, 0.225],
        }
    }
}

/// A rectangle inside a picture, in shares of its width and height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// Where it begins from the left.
    pub left: f64,
    /// Where it begins from the top.
    pub top: f64,
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
}

/// The part of a resized picture that is used.
struct Window {
    left: usize,
    top: usize,
    side: usize,
    flip: bool,
}

impl Preprocessing {
    /// Checks settings that come from a file or a flag.
    ///
    /// # Errors
    /// A crop that is zero or larger than `resize`; sides above 8192 pixels; a mean or a deviation that
    /// is not finite; a deviation that is not positive.
    pub fn validate(&self) -> Result<()> {
        if self.resize.max(self.crop) > LONGEST_SIDE {
            return Err(Error::Side {
                resize: self.resize,
                crop: self.crop,
                greatest: LONGEST_SIDE,
            });
        }
        if self.crop == 0 || self.crop > self.resize {
            return Err(Error::Crop {
                crop: self.crop,
                resize: self.resize,
            });
        }
        if self.mean.iter().any(|mean| !mean.is_finite()) {
            return Err(Error::Mean(self.mean));
        }
        if self.deviation.iter().any(|&d| !d.is_finite() || d <= 0.0) {
            return Err(Error::Deviation(self.deviation));
        }
        Ok(())
    }

    /// Number of values of one input, `crop · crop · 3`.
    pub fn length(&self) -> usize {
        self.crop * self.crop * 3
    }

    /// The shorter side that pictures are resized to: `resize`, never below `crop`.
    pub fn shorter_side(&self) -> usize {
        self.resize.max(self.crop).max(1)
    }

    /// The evaluation view: shorter side to `resize`, centre crop.
    pub fn evaluate(&self, pixels: &Pixels) -> Vec<f32> {
        self.centred(pixels, false)
    }

    /// The part that the evaluation view shows of what
    /// [`resize_shorter_side`](crate::resize_shorter_side) makes of a picture,
    /// whatever the side.
    pub fn evaluated_region(&self, pixels: &Pixels) -> Region {
        let resized = resize_shorter_side(pixels, self.shorter_side());
        let (width, height) = (resized.width as f64, resized.height as f64);
        Region {
            left: centre(resized.width, self.crop) as f64 / width,
            top: centre(resized.height, self.crop) as f64 / height,
            width: self.crop as f64 / width,
            height: self.crop as f64 / height,
        }
    }

    /// The evaluation view, mirrored left to right.
    pub fn mirrored(&self, pixels: &Pixels) -> Vec<f32> {
        self.centred(pixels, true)
    }

    /// The whole picture, squeezed into a square of `crop`, as models of images and
    /// language such as BLIP see it.
    pub fn whole(&self, pixels: &Pixels) -> Vec<f32> {
        let window = Window {
            left: 0,
            top: 0,
            side: self.crop,
            flip: false,
        };
        self.normalise(&resize_bilinear(pixels, self.crop, self.crop), &window)
    }

    /// The paper's training view: shorter side to `resize`, centre square of
    /// `resize`, a random square of `crop` in it, mirrored half of the time.
    /// The same seed gives the same view.
    pub fn augment(&self, pixels: &Pixels, seed: u64) -> Vec<f32> {
        let side = self.shorter_side();
        let resized = resize_shorter_side(pixels, side);
        let mut generator = Pcg64Mcg::seed_from_u64(seed);
        let slack = side - self.crop;
        let top = generator.random_range(0..=slack);
        let left = generator.random_range(0..=slack);
        let window = Window {
            left: centre(resized.width, side) + left,
            top: centre(resized.height, side) + top,
            side: self.crop,
            flip: generator.random_bool(0.5),
        };
        self.normalise(&resized, &window)
    }

    fn centred(&self, pixels: &Pixels, flip: bool) -> Vec<f32> {
        let resized = resize_shorter_side(pixels, self.shorter_side());
        let window = Window {
            left: centre(resized.width, self.crop),
            top: centre(resized.height, self.crop),
            side: self.crop,
            flip,
        };
        self.normalise(&resized, &window)
    }

    fn normalise(&self, pixels: &Pixels, window: &Window) -> Vec<f32> {
        // 768 values at most, so a table is both exact and fast.
        let tables: [[f32; 256]; 3] = std::array::from_fn(|channel| {
            std::array::from_fn(|sample| {
                (sample as f32 / 255.0 - self.mean[channel]) / self.deviation[channel]
            })
        });
        let mut output = Vec::with_capacity(window.side * window.side * 3);
        let mut push = |color: &[u8]| {
            for (table, &sample) in tables.iter().zip(color) {
                output.push(table[usize::from(sample)]);
            }
        };
        for row in window.top..window.top + window.side {
            let start = (row * pixels.width + window.left) * 3;
            let samples = &pixels.data[start..start + window.side * 3];
            if window.flip {
                samples.rchunks_exact(3).for_each(&mut push);
            } else {
                samples.chunks_exact(3).for_each(&mut push);
            }
        }
        output
    }
}

/// First row or column of a centred crop: torchvision's
/// `int(round((length - crop) / 2))`, which rounds halves to even.
fn centre(length: usize, crop: usize) -> usize {
    let difference = length - crop;
    let half = difference / 2;
    half + usize::from(difference % 2 == 1 && half % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(resize: usize, crop: usize) -> Preprocessing {
        Preprocessing {
            resize,
            crop,
            mean: [0.0; 3],
            deviation: [1.0 / 255.0; 3],
        }
    }

    /// Red is the column, green the row.
    fn coordinates(width: usize, height: usize) -> Pixels {
        let data = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 7]))
            .collect();
        Pixels::new(width, height, data)
    }

    #[test]
    fn centre_rounds_halves_to_even() {
        // Python: [int(round(d / 2)) for d in range(8)] == [0, 0, 1, 2, 2, 2, 3, 4]
        let starts: Vec<_> = (0..8)
            .map(|difference| centre(10 + difference, 10))
            .collect();
        assert_eq!(starts, [0, 0, 1, 2, 2, 2, 3, 4]);
    }

    #[test]
    fn evaluate_takes_the_centre_and_mirrored_flips_it() {
        let picture = coordinates(12, 8);
        let preprocessing = small(8, 4);
        let plain = preprocessing.evaluate(&picture);
        assert_eq!(plain.len(), preprocessing.length());
        // Columns 4..8, rows 2..6.
        assert!((plain[0] - 4.0).abs() < 1e-3 && (plain[1] - 2.0).abs() < 1e-3);
        let mirrored = preprocessing.mirrored(&picture);
        for row in 0..4 {
            for column in 0..4 {
                for channel in 0..3 {
                    let at = |x: usize| (row * 4 + x) * 3 + channel;
                    assert_eq!(plain[at(column)], mirrored[at(3 - column)]);
                }
            }
        }
    }

    #[test]
    fn whole_squeezes_the_picture_into_the_square() {
        let view = small(8, 6).whole(&coordinates(12, 6));
        assert_eq!(view.len(), 6 * 6 * 3);
        // Each column is the mean of about two, each row is one.
        let (first, last) = (&view[..3], &view[view.len() - 3..]);
        assert!(first[0] < 1.5 && last[0] > 9.5, "{first:?} {last:?}");
        assert_eq!((first[1].round(), last[1].round()), (0.0, 5.0));
    }

    #[test]
    fn the_region_is_what_evaluate_takes() {
        let region = small(8, 4).evaluated_region(&coordinates(12, 8));
        let expected = Region {
            left: 4.0 / 12.0,
            top: 2.0 / 8.0,
            width: 4.0 / 12.0,
            height: 4.0 / 8.0,
        };
        assert_eq!(region, expected);
    }

    #[test]
    fn augment_is_seeded_and_covers_every_offset_and_both_directions() {
        let picture = coordinates(30, 8);
        let preprocessing = small(8, 6);
        assert_eq!(
            preprocessing.augment(&picture, 5),
            preprocessing.augment(&picture, 5)
        );
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let view = preprocessing.augment(&picture, seed);
            let flip = view[0] > view[3];
            let left = if flip { view[5 * 3] } else { view[0] };
            // The centre square covers columns 11..19.
            seen.insert((left.round() as i32 - 11, view[1].round() as i32, flip));
        }
        assert_eq!(seen.len(), 3 * 3 * 2);
        assert!(
            seen.iter()
                .all(|&(x, y, _)| (0..3).contains(&x) && (0..3).contains(&y))
        );
    }

    #[test]
    fn normalises_with_mean_and_deviation() {
        let preprocessing = Preprocessing {
            resize: 2,
            crop: 2,
            ..Preprocessing::default()
        };
        let view = preprocessing.evaluate(&Pixels::new(2, 2, vec![255; 12]));
        assert!((view[0] - (1.0 - 0.485) / 0.229).abs() < 1e-6);
        assert!((view[2] - (1.0 - 0.406) / 0.225).abs() < 1e-6);
    }

    #[test]
    fn a_crop_above_resize_is_refused_and_still_total() {
        let preprocessing = small(4, 6);
        assert!(preprocessing.validate().is_err());
        assert_eq!(preprocessing.evaluate(&coordinates(9, 7)).len(), 6 * 6 * 3);
        assert_eq!(
            preprocessing.augment(&coordinates(9, 7), 1).len(),
            6 * 6 * 3
        );
        assert!(Preprocessing::default().validate().is_ok());
        assert!(small(4, 0).validate().is_err());
        let message = small(100_000, 224).validate().unwrap_err().to_string();
        assert!(message.contains("resize 100000"), "{message}");
    }
}
