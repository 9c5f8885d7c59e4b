//! What decoders make of a file, and the way from there to RGB of 8 bits.

use std::path::Path;

use image::metadata::Orientation;

use crate::error::{Error, Result, brief};
use crate::lab;
use crate::model::Model;
use crate::picture::{Picture, Warning};
use crate::pixels::Pixels;
use crate::profile::{Conversion, conversion};

/// A picture as its file stores it.
pub(crate) struct Raster {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) model: Model,
    /// Whether each pixel ends with its opacity.
    pub(crate) has_alpha: bool,
    /// Interleaved, `[height, width, channels]`.
    pub(crate) samples: Samples,
    /// The embedded colour profile; an empty one where it could not be read.
    pub(crate) profile: Option<Vec<u8>>,
    pub(crate) orientation: Orientation,
}

/// Samples of either depth, using all of it.
pub(crate) enum Samples {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
}

impl Samples {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(samples) => samples.len(),
            Self::Words(samples) => samples.len(),
        }
    }
}

impl Raster {
    /// The picture as RGB of 8 bits, upright, its transparency on white.
    pub(crate) fn into_picture(self, name: &Path) -> Result<Picture> {
        let channels = self.model.channels() + usize::from(self.has_alpha);
        if self.width == 0 || self.samples.len() != self.width * self.height * channels {
            return Err(Error::Damaged {
                path: name.to_path_buf(),
                reason: format!(
                    "{} samples for {} × {} pixels",
                    self.samples.len(),
                    self.width,
                    self.height
                ),
            });
        }
        let outcome = match &self.profile {
            Some(profile) => conversion(profile, self.model),
            None => Ok(None),
        };
        let (conversion, mut reason) = match outcome {
            Ok(conversion) => (conversion, None),
            Err(reason) => (None, Some(reason)),
        };
        let rows = Rows {
            width: self.width,
            model: self.model,
            has_alpha: self.has_alpha,
            conversion: conversion.as_deref(),
        };
        let (data, fault) = match self.samples {
            Samples::Bytes(samples) if self.model == Model::Rgb && !self.has_alpha => {
                rows.in_place(samples)
            }
            Samples::Bytes(samples) => rows.flatten(&samples),
            Samples::Words(samples) => rows.flatten(&samples),
        };
        reason = reason.or(fault);
        Ok(Picture {
            pixels: Pixels::new(self.width, self.height, data).oriented(self.orientation),
            warning: reason.map(|reason| Warning {
                path: name.to_path_buf(),
                reason,
            }),
        })
    }
}

/// How the rows of a picture become RGB.
struct Rows<'a> {
    width: usize,
    model: Model,
    has_alpha: bool,
    conversion: Option<&'a Conversion>,
}

impl Rows<'_> {
    /// Red, green and blue of 8 bits, converted where they lie; and why they could not be.
    fn in_place(&self, mut samples: Vec<u8>) -> (Vec<u8>, Option<String>) {
        let Some(conversion) = self.conversion else {
            return (samples, None);
        };
        let mut stored = vec![0; self.width * 3];
        for row in samples.chunks_exact_mut(self.width * 3) {
            stored.copy_from_slice(row);
            if let Err(error) = conversion.bytes(&stored, row) {
                return (samples, Some(brief(&error)));
            }
        }
        (samples, None)
    }

    /// Red, green and blue of any samples; and why the profile could not be applied.
    fn flatten<S: Sample>(&self, samples: &[S]) -> (Vec<u8>, Option<String>) {
        let channels = self.model.channels();
        let stored = channels + usize::from(self.has_alpha);
        let mut data = vec![0; samples.len() / stored * 3];
        let mut fault = None;
        let mut opaque = Vec::new();
        let rows = samples.chunks_exact(self.width * stored);
        for (row, output) in rows.zip(data.chunks_exact_mut(self.width * 3)) {
            let colors = match self.has_alpha {
                false => row,
                true => {
                    opaque.clear();
                    let pixels = row.chunks_exact(stored);
                    opaque.extend(pixels.flat_map(|pixel| &pixel[..channels]));
                    &opaque[..]
                }
            };
            let converted = self.conversion.filter(|_| fault.is_none());
            match converted.map(|conversion| S::convert(conversion, colors, output)) {
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    fault = Some(brief(&error));
                    self.model.to_rgb(colors, output);
                }
                None => self.model.to_rgb(colors, output),
            }
            if self.has_alpha {
                let pixels = row.chunks_exact(stored);
                for (pixel, output) in pixels.zip(output.chunks_exact_mut(3)) {
                    let alpha = u32::from(pixel[channels].byte());
                    for sample in output {
                        let value = u32::from(*sample) * alpha + 255 * (255 - alpha);
                        *sample = ((value + 127) / 255) as u8;
                    }
                }
            }
        }
        (data, fault)
    }
}

impl Model {
    /// What colours show without a profile.
    fn to_rgb<S: Sample>(self, colors: &[S], output: &mut [u8]) {
        let colors = colors.chunks_exact(self.channels());
        for (color, output) in colors.zip(output.chunks_exact_mut(3)) {
            let rgb = match self {
                Self::Grey => [color[0].byte(); 3],
                Self::Rgb => [color[0].byte(), color[1].byte(), color[2].byte()],
                Self::Cmyk => S::ink_to_light([color[0], color[1], color[2], color[3]]),
                Self::Lab => {
                    let [a, b] = [color[1], color[2]].map(S::opponent);
                    lab::to_srgb([color[0].share() * 100.0, a, b])
                        .map(|value| (value * 255.0).round() as u8)
                }
            };
            output.copy_from_slice(&rgb);
        }
    }
}

/// A sample of either depth.
trait Sample: Copy {
    fn byte(self) -> u8;
    /// From 0 to 1.
    fn share(self) -> f32;
    /// From −128 to 127, with a middle.
    fn opponent(self) -> f32;
    /// Amounts of ink to the light that is left.
    fn ink_to_light(inks: [Self; 4]) -> [u8; 3];
    fn convert(
        conversion: &Conversion,
        colors: &[Self],
        output: &mut [u8],
    ) -> std::result::Result<(), moxcms::CmsError>;
}

impl Sample for u8 {
    fn byte(self) -> u8 {
        self
    }

    fn share(self) -> f32 {
        f32::from(self) / 255.0
    }

    fn opponent(self) -> f32 {
        f32::from(self) - 128.0
    }

    fn ink_to_light([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
        [cyan, magenta, yellow].map(|ink| {
            let product = u32::from(255 - ink) * u32::from(255 - black);
            ((product + 127) / 255) as u8
        })
    }

    fn convert(
        conversion: &Conversion,
        colors: &[Self],
        output: &mut [u8],
    ) -> std::result::Result<(), moxcms::CmsError> {
        conversion.bytes(colors, output)
    }
}

impl Sample for u16 {
    fn byte(self) -> u8 {
        ((u32::from(self) + 128) / 257) as u8
    }

    fn share(self) -> f32 {
        f32::from(self) / 65535.0
    }

    fn opponent(self) -> f32 {
        f32::from(self) / 256.0 - 128.0
    }

    fn ink_to_light([cyan, magenta, yellow, black]: [u16; 4]) -> [u8; 3] {
        let left = 1.0 - black.share();
        [cyan, magenta, yellow].map(|ink| ((1.0 - ink.share()) * left * 255.0).round() as u8)
    }

    fn convert(
        conversion: &Conversion,
        colors: &[Self],
        output: &mut [u8],
    ) -> std::result::Result<(), moxcms::CmsError> {
        conversion.words(colors, output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(model: Model, has_alpha: bool, samples: Samples) -> Picture {
        let raster = Raster {
            width: 1,
            height: 1,
            model,
            has_alpha,
            samples,
            profile: None,
            orientation: Orientation::NoTransforms,
        };
        raster.into_picture("x".as_ref()).unwrap()
    }

    #[test]
    fn ink_to_light() {
        assert_eq!(u8::ink_to_light([0, 0, 0, 0]), [255, 255, 255]);
        assert_eq!(u8::ink_to_light([255, 0, 0, 0]), [0, 255, 255]);
        assert_eq!(u8::ink_to_light([0, 0, 0, 255]), [0, 0, 0]);
        assert_eq!(u8::ink_to_light([128, 0, 255, 128]), [63, 127, 0]);
        assert_eq!(u16::ink_to_light([32896, 0, 65535, 32896]), [63, 127, 0]);
    }

    #[test]
    fn every_model_shows_its_colours() {
        let shown = |model, samples: &[u8]| {
            let samples = Samples::Bytes(samples.to_vec());
            picture(model, samples.len() > model.channels(), samples)
                .pixels
                .color(0, 0)
        };
        assert_eq!(shown(Model::Grey, &[7]), [7; 3]);
        assert_eq!(shown(Model::Grey, &[0, 55]), [200; 3]);
        assert_eq!(shown(Model::Rgb, &[1, 2, 3]), [1, 2, 3]);
        assert_eq!(shown(Model::Rgb, &[1, 2, 3, 0]), [255; 3]);
        assert_eq!(shown(Model::Cmyk, &[255, 0, 0, 0, 255]), [0, 255, 255]);
        assert_eq!(shown(Model::Lab, &[255, 128, 128]), [255; 3]);
        let words = Samples::Words(vec![0, 128, 65535]);
        assert_eq!(picture(Model::Rgb, false, words).pixels.data, [0, 0, 255]);
    }

    #[test]
    fn a_broken_profile_is_told_and_the_picture_is_there() {
        let raster = Raster {
            width: 1,
            height: 1,
            model: Model::Rgb,
            has_alpha: false,
            samples: Samples::Bytes(vec![1, 2, 3]),
            profile: Some(b"broken".to_vec()),
            orientation: Orientation::NoTransforms,
        };
        let picture = raster.into_picture("x.png".as_ref()).unwrap();
        assert_eq!(picture.pixels.data, [1, 2, 3]);
        let message = picture.warning.unwrap().to_string();
        assert!(
            message.starts_with("the colour profile of x.png"),
            "{message}"
        );
    }
}
