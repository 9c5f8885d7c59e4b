//! Embedded colour profiles (ICC): from the colours of the file to those of sRGB, as
//! Pillow's `ImageCms.profileToProfile` gives them with its defaults, the perceptual
//! intent and littleCMS's black point compensation.

use std::collections::VecDeque;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use memchr::memmem;
use moxcms::{
    CmsError, ColorProfile, DataColorSpace, InterpolationMethod, Layout, LutWarehouse,
    ProfileVersion, RenderingIntent, TransformExecutor, TransformOptions,
};

use crate::error::brief;
use crate::inks::InkTable;
use crate::lab;
use crate::model::Model;

/// A collection's photographs have a handful of profiles between them.
const REMEMBERED: usize = 8;

/// A profile that moves no colour further than this, in grey levels, is that of sRGB.
const SAME: u8 = 1;

/// Where the perceptual intent of a table of version 4 puts black, in shares of white, for
/// each of XYZ.
const PERCEPTUAL_BLACK: [f32; 3] = [0.003_36 / 0.9642, 0.003_473_1, 0.002_87 / 0.8249];

/// From the colours of a profile to sRGB of 8 bits.
pub(crate) enum Conversion {
    /// Every grey of 16 bits has its colour.
    Grey(Box<[[u8; 3]]>),
    /// Inks, by a table of theirs.
    Inks(InkTable),
    /// Three or four channels.
    Color {
        bytes: Arc<dyn TransformExecutor<u8> + Send + Sync>,
        words: Arc<dyn TransformExecutor<u16> + Send + Sync>,
        /// What becomes of each sample of 16 bits.
        reduce: Box<[u8]>,
        /// Whether black has to be moved, so that bytes go through words.
        moves_black: bool,
    },
}

/// How a picture with a profile is converted: not at all where that is sRGB's, or why
/// the profile cannot be used.
type Outcome = Result<Option<Arc<Conversion>>, String>;

struct Known {
    profile: Vec<u8>,
    model: Model,
    outcome: Outcome,
}

static KNOWN: Mutex<VecDeque<Known>> = Mutex::new(VecDeque::new());

/// The conversion of pictures of a colour model that have a profile, from those
/// remembered if it is one of them.
pub(crate) fn conversion(profile: &[u8], model: Model) -> Outcome {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let is_this = |known: &Known| known.model == model && known.profile == profile;
    if let Some(known) = known.iter().find(|known| is_this(known)) {
        return known.outcome.clone();
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| Conversion::new(profile, model)))
        .unwrap_or_else(|_| Err("its reader failed on it".to_owned()));
    if known.len() == REMEMBERED {
        known.pop_front();
    }
    known.push_back(Known {
        profile: profile.to_vec(),
        model,
        outcome: outcome.clone(),
    });
    outcome
}

/// Whether a picture file may embed a colour profile: it holds the signature of one, or
/// PNG's name for a packed one. One that does is never missed.
///
/// # Errors
/// An error naming `path` when it is no file or cannot be read.
pub fn may_hold_profile(path: &Path) -> artkg_files::Result<bool> {
    const SIGNATURES: [&[u8]; 2] = [b"acsp", b"iCCP"];
    const LENGTH: usize = 4;
    let (mut file, _) = artkg_files::open_regular(path)?;
    let mut buffer = vec![0; 1 << 16];
    // A signature may lie across two reads.
    let mut kept = 0;
    loop {
        let read = file
            .read(&mut buffer[kept..])
            .map_err(|source| artkg_files::Error::new("read", path, source))?;
        if read == 0 {
            return Ok(false);
        }
        let held = &buffer[..kept + read];
        if SIGNATURES
            .iter()
            .any(|signature| memmem::find(held, signature).is_some())
        {
            return Ok(true);
        }
        let end = held.len();
        kept = end.min(LENGTH - 1);
        buffer.copy_within(end - kept..end, 0);
    }
}

impl Conversion {
    fn new(profile: &[u8], model: Model) -> Outcome {
        let failed = |error: CmsError| brief(&error);
        let profile = ColorProfile::new_from_slice(profile).map_err(failed)?;
        let conversion = match (model, profile.color_space) {
            (Model::Grey, DataColorSpace::Gray) => Self::grey(&profile),
            (Model::Grey, DataColorSpace::Rgb) => Self::grey_of_colors(&profile),
            (Model::Rgb, DataColorSpace::Rgb) => Self::color(&profile, Layout::Rgb),
            (Model::Cmyk, DataColorSpace::Cmyk) => match Self::inks(&profile) {
                Some(inks) => Ok(inks),
                None => Self::color(&profile, Layout::Rgba),
            },
            // What its lightness and opponents mean needs no profile.
            (Model::Lab, DataColorSpace::Lab) => return Ok(None),
            (_, space) => {
                return Err(format!("it is one of {space:?}, the picture is {model}"));
            }
        };
        let conversion = conversion.map_err(failed)?;
        let is_srgb = model == Model::Rgb && conversion.moves_little().map_err(failed)?;
        Ok((!is_srgb).then(|| Arc::new(conversion)))
    }

    /// Greys by their curve, which gives light, or lightness.
    fn grey(profile: &ColorProfile) -> Result<Self, CmsError> {
        let curve = profile.build_gray_linearize_table::<u16, 65536, 16>()?;
        let light = |value: f32| match profile.pcs {
            DataColorSpace::Lab => lab::relative([100.0 * value, 0.0, 0.0])[1],
            _ => value,
        };
        let black = light(curve[0]).clamp(0.0, 0.5);
        let colors = curve.iter().map(|&value| {
            let moved = (light(value) - black) / (1.0 - black);
            [(lab::encode(moved) * 255.0).round() as u8; 3]
        });
        Ok(Self::Grey(colors.collect()))
    }

    /// The greys of three channels.
    fn grey_of_colors(profile: &ColorProfile) -> Result<Self, CmsError> {
        let words = transform::<u16>(profile, Layout::Rgb)?;
        let ramp: Vec<u16> = (0..=u16::MAX).flat_map(|grey| [grey; 3]).collect();
        let mut colors = vec![0; ramp.len()];
        words.transform(&ramp, &mut colors)?;
        let reduce = reduction(black(profile, &*words, 3)?);
        let colors = colors.chunks_exact(3);
        let reduced = colors.map(|color| [0, 1, 2].map(|at| reduce[usize::from(color[at])]));
        Ok(Self::Grey(reduced.collect()))
    }

    /// Inks by a table to CIELab, if that is what the profile has.
    fn inks(profile: &ColorProfile) -> Option<Self> {
        let tables = [
            &profile.lut_a_to_b_perceptual,
            &profile.lut_a_to_b_colorimetric,
        ];
        let table = tables.into_iter().flatten().next()?;
        let black = (profile.version() >= ProfileVersion::V4_0).then_some(PERCEPTUAL_BLACK);
        match table {
            LutWarehouse::Lut(table) if profile.pcs == DataColorSpace::Lab => {
                InkTable::new(table, black).map(Self::Inks)
            }
            _ => None,
        }
    }

    fn color(profile: &ColorProfile, layout: Layout) -> Result<Self, CmsError> {
        let words = transform::<u16>(profile, layout)?;
        let channels = if layout == Layout::Rgb { 3 } else { 4 };
        let black = black(profile, &*words, channels)?;
        Ok(Self::Color {
            bytes: transform::<u8>(profile, layout)?,
            words,
            reduce: reduction(black),
            moves_black: black > 0.0,
        })
    }

    /// Whether it leaves the colours as they are.
    fn moves_little(&self) -> Result<bool, CmsError> {
        let steps = || (0..=255_u8).step_by(15);
        let mut colors = Vec::new();
        for red in steps() {
            for green in steps() {
                steps().for_each(|blue| colors.extend([red, green, blue]));
            }
        }
        (0..=255).for_each(|grey| colors.extend([grey; 3]));
        let mut converted = vec![0; colors.len()];
        self.bytes(&colors, &mut converted)?;
        let mut pairs = colors.iter().zip(&converted);
        Ok(pairs.all(|(&from, &to)| from.abs_diff(to) <= SAME))
    }

    /// Converts colours of 8 bits; `output` has three samples for each.
    pub(crate) fn bytes(&self, colors: &[u8], output: &mut [u8]) -> Result<(), CmsError> {
        match self {
            Self::Inks(table) => {
                for (inks, output) in colors.chunks_exact(4).zip(output.chunks_exact_mut(3)) {
                    let inks = [0, 1, 2, 3].map(|at| f32::from(inks[at]) / 255.0);
                    output.copy_from_slice(&table.color(inks));
                }
                Ok(())
            }
            Self::Color {
                bytes,
                moves_black: false,
                ..
            } => bytes.transform(colors, output),
            _ => {
                let wide: Vec<u16> = colors.iter().map(|&byte| u16::from(byte) * 257).collect();
                self.words(&wide, output)
            }
        }
    }

    /// Converts colours of 16 bits; `output` has three samples for each.
    pub(crate) fn words(&self, colors: &[u16], output: &mut [u8]) -> Result<(), CmsError> {
        match self {
            Self::Grey(table) => {
                for (&grey, output) in colors.iter().zip(output.chunks_exact_mut(3)) {
                    output.copy_from_slice(&table[usize::from(grey)]);
                }
            }
            Self::Inks(table) => {
                for (inks, output) in colors.chunks_exact(4).zip(output.chunks_exact_mut(3)) {
                    let inks = [0, 1, 2, 3].map(|at| f32::from(inks[at]) / 65535.0);
                    output.copy_from_slice(&table.color(inks));
                }
            }
            Self::Color { words, reduce, .. } => {
                let mut converted = vec![0; output.len()];
                words.transform(colors, &mut converted)?;
                for (&word, output) in converted.iter().zip(output) {
                    *output = reduce[usize::from(word)];
                }
            }
        }
        Ok(())
    }
}

/// A sample that profiles convert.
trait Depth: Copy + Default {
    fn transform(
        profile: &ColorProfile,
        source: Layout,
        target: &ColorProfile,
        options: TransformOptions,
    ) -> Result<Arc<dyn TransformExecutor<Self> + Send + Sync>, CmsError>;
}

impl Depth for u8 {
    fn transform(
        profile: &ColorProfile,
        source: Layout,
        target: &ColorProfile,
        options: TransformOptions,
    ) -> Result<Arc<dyn TransformExecutor<Self> + Send + Sync>, CmsError> {
        profile.create_transform_8bit(source, target, Layout::Rgb, options)
    }
}

impl Depth for u16 {
    fn transform(
        profile: &ColorProfile,
        source: Layout,
        target: &ColorProfile,
        options: TransformOptions,
    ) -> Result<Arc<dyn TransformExecutor<Self> + Send + Sync>, CmsError> {
        profile.create_transform_16bit(source, target, Layout::Rgb, options)
    }
}

fn transform<D: Depth>(
    profile: &ColorProfile,
    source: Layout,
) -> Result<Arc<dyn TransformExecutor<D> + Send + Sync>, CmsError> {
    // A profile without a perceptual table is used by the one that it has.
    let intent = match &profile.lut_a_to_b_perceptual {
        None if profile.lut_a_to_b_colorimetric.is_some() => RenderingIntent::RelativeColorimetric,
        _ => RenderingIntent::Perceptual,
    };
    let options = TransformOptions {
        rendering_intent: intent,
        // The curves that are there, not those that a code point names.
        allow_use_cicp_transfer: false,
        // As littleCMS does.
        interpolation_method: InterpolationMethod::Tetrahedral,
        ..TransformOptions::default()
    };
    D::transform(profile, source, &ColorProfile::new_srgb(), options)
}

/// The luminance of the darkest colour of a profile, 0 where black is black: what
/// littleCMS's `cmsDetectBlackPoint` takes it for.
fn black(
    profile: &ColorProfile,
    words: &(dyn TransformExecutor<u16> + Send + Sync),
    channels: usize,
) -> Result<f32, CmsError> {
    /// A lightness of 50: nothing brighter is black.
    const BRIGHTEST: f32 = 0.184_187;
    let has_table = profile.lut_a_to_b_perceptual.is_some();
    if profile.version() >= ProfileVersion::V4_0 && has_table {
        return Ok(PERCEPTUAL_BLACK[1]);
    }
    // All inks, or no light.
    let darkest = if channels == 4 { u16::MAX } else { 0 };
    let mut color = [0; 3];
    words.transform(&vec![darkest; channels], &mut color)?;
    let luminance: f32 = color
        .iter()
        .zip([0.2126, 0.7152, 0.0722])
        .map(|(&sample, weight)| weight * lab::decode(f32::from(sample) / 65535.0))
        .sum();
    Ok(match luminance < 1e-5 {
        true => 0.0,
        false => luminance.min(BRIGHTEST),
    })
}

/// Samples of 16 bits to 8, with the given luminance moved to black and white left where
/// it is. In linear light this is one line for all channels, as black is taken for grey.
fn reduction(black: f32) -> Box<[u8]> {
    let reduced = |sample: u16| {
        if black == 0.0 {
            return ((u32::from(sample) + 128) / 257) as u8;
        }
        let linear = lab::decode(f32::from(sample) / 65535.0);
        (lab::encode((linear - black) / (1.0 - black)) * 255.0).round() as u8
    };
    (0..=u16::MAX).map(reduced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(profile: &ColorProfile) -> Vec<u8> {
        profile.encode().unwrap()
    }

    #[test]
    fn srgb_is_recognised_and_others_are_not() {
        let srgb = encoded(&ColorProfile::new_srgb());
        assert!(conversion(&srgb, Model::Rgb).unwrap().is_none());
        for other in [
            ColorProfile::new_adobe_rgb(),
            ColorProfile::new_display_p3(),
            ColorProfile::new_pro_photo_rgb(),
        ] {
            let converted = conversion(&encoded(&other), Model::Rgb).unwrap().unwrap();
            let mut color = [0; 3];
            converted.bytes(&[200, 100, 50], &mut color).unwrap();
            assert!(color[0] > 205 && color[2] < 50, "{color:?}");
        }
    }

    #[test]
    fn greys_follow_their_curve() {
        let grey = encoded(&ColorProfile::new_gray_with_gamma(1.0));
        let conversion = conversion(&grey, Model::Grey).unwrap().unwrap();
        let mut colors = [0; 9];
        conversion.bytes(&[0, 55, 255], &mut colors).unwrap();
        // 55 of 255 is 0.2157 of the light; the curve of sRGB makes 128 of it.
        assert_eq!(colors, [0, 0, 0, 128, 128, 128, 255, 255, 255]);
    }

    #[test]
    fn a_profile_of_another_model_or_none_at_all_is_refused_with_a_reason() {
        let grey = encoded(&ColorProfile::new_gray_with_gamma(2.2));
        let reason = conversion(&grey, Model::Rgb).err().unwrap();
        assert_eq!(reason, "it is one of Gray, the picture is RGB");
        for bytes in [&b""[..], b"no profile", &grey[..130]] {
            assert!(conversion(bytes, Model::Rgb).is_err());
        }
    }

    #[test]
    fn files_with_profiles_are_told_by_their_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let holds = |bytes: &[u8]| {
            let path = folder.path().join("picture");
            std::fs::write(&path, bytes).unwrap();
            may_hold_profile(&path).unwrap()
        };
        let srgb = encoded(&ColorProfile::new_srgb());
        // Wherever it lies, across the end of a read too.
        for before in [0, 1000, 65_496, 65_497, 65_498, 65_499, 65_500] {
            assert!(
                holds(&[&vec![0; before], &srgb[..], &[0; 1000]].concat()),
                "{before}"
            );
        }
        assert!(holds(b"\x89PNG....iCCPname"));
        assert!(!holds(b"\xff\xd8\xff\xe0 no such thing"));
        assert!(!holds(b""));
    }

    #[test]
    fn black_is_moved_and_white_stays() {
        let reduce = reduction(0.01);
        let sample = |linear: f32| (lab::encode(linear) * 65535.0).round() as usize;
        assert_eq!(reduce[sample(0.01)], 0);
        assert_eq!(reduce[sample(0.005)], 0);
        assert_eq!(reduce[65535], 255);
        assert_eq!(reduction(0.0)[257 * 77], 77);
    }
}
