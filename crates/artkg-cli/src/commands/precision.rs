use std::path::Path;
use std::str::FromStr;

use artkg_model::{Predictor, StoredModel, race};
use artkg_nn::Precision;
use clap::Args;

use crate::globals::Globals;

/// How many pictures make measuring worth its time.
const WORTH_MEASURING: usize = 256;

/// How much faster `bf16` has to be for what it costs in exactness.
const WORTH_ROUNDING: f64 = 1.05;

/// A precision, or the faster one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Fixed(Precision),
    Auto,
}

impl FromStr for Choice {
    type Err = artkg_nn::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            _ => text.parse().map(Self::Fixed),
        }
    }
}

/// The option of commands that run a model over many pictures.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct MeasuredPrecisionArgument {
    /// Precision of the network's products: f32; bf16, faster on most processors that have it;
    /// or auto, the faster one here for this model, as a short measurement finds
    #[arg(long, default_value = "f32")]
    precision: Choice,
}

impl MeasuredPrecisionArgument {
    /// What was asked for: `f32`, `bf16` or `auto`.
    pub(crate) fn name(self) -> &'static str {
        match self.precision {
            Choice::Fixed(precision) => precision.name(),
            Choice::Auto => "auto",
        }
    }

    /// A model that is to see so many pictures, in the precision that was asked for; with
    /// `auto` in the one in which `begun` began, where an interrupted run did. Says which
    /// one it is where that is not plain, and where `bf16` is slow here.
    pub(crate) fn predictor(
        self,
        stored: &StoredModel,
        pictures: usize,
        begun: Option<&Begun<'_>>,
        globals: &Globals,
    ) -> artkg_model::Result<Predictor> {
        let exact = || Predictor::new(stored, Precision::F32);
        if self.precision == Choice::Fixed(Precision::F32) {
            return exact();
        }
        if self.precision == Choice::Auto
            && let Some(Begun { output, precision }) = begun
        {
            globals.note(format!(
                "precision {precision}, in which {} was begun",
                output.display()
            ));
            return Predictor::new(stored, *precision);
        }
        if !Precision::Bf16.is_supported() {
            globals.note("this processor has no bf16 products; using f32");
            return exact();
        }
        if pictures < WORTH_MEASURING {
            if self.precision == Choice::Auto {
                globals.note(format!(
                    "precision f32: measuring is worth its time from {WORTH_MEASURING} pictures on"
                ));
                return exact();
            }
            return Predictor::new(stored, Precision::Bf16);
        }
        let (exact, rounded) = (exact()?, Predictor::new(stored, Precision::Bf16)?);
        let decided = self.precision.decide(race([&exact, &rounded])?);
        if let Some(said) = decided.said {
            globals.note(said);
        }
        Ok(match decided.precision {
            Precision::F32 => exact,
            Precision::Bf16 => rounded,
        })
    }
}

/// What an interrupted run with `--precision auto` left.
pub(crate) struct Begun<'a> {
    /// What it was to become.
    pub(crate) output: &'a Path,
    /// In what it was computed.
    pub(crate) precision: Precision,
}

/// What measured speeds decide.
#[derive(Debug, PartialEq, Eq)]
struct Decided {
    precision: Precision,
    /// What has to be said of it.
    said: Option<String>,
}

impl Choice {
    /// What follows from the images per second in `f32` and in `bf16`.
    fn decide(self, [f32, bf16]: [f64; 2]) -> Decided {
        let speeds = format!("{bf16:.1} images/s in bf16, {f32:.1} in f32");
        let (precision, said) = match self {
            Self::Fixed(Precision::Bf16) if bf16 < f32 => (
                Precision::Bf16,
                Some(format!(
                    "bf16 is slower than f32 for this model on this machine: {speeds}"
                )),
            ),
            Self::Fixed(precision) => (precision, None),
            Self::Auto => {
                let precision = match bf16 > WORTH_ROUNDING * f32 {
                    true => Precision::Bf16,
                    false => Precision::F32,
                };
                let said = format!("precision {precision}, as measured: {speeds}");
                (precision, Some(said))
            }
        };
        Decided { precision, said }
    }
}

/// The option of other commands that run a network.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PrecisionArgument {
    /// Precision of the network's products: f32, or bf16, faster on most processors that have it
    #[arg(long, default_value = "f32")]
    precision: Unmeasured,
}

impl PrecisionArgument {
    /// What was asked for, or `f32` with a note where the processor lacks it.
    pub(crate) fn chosen(self, globals: &Globals) -> Precision {
        let Unmeasured(precision) = self.precision;
        if !precision.is_supported() {
            globals.note(format!(
                "this processor has no {precision} products; using f32"
            ));
        }
        precision.or_f32()
    }

    /// Whether the network multiplies exactly.
    #[cfg(feature = "train")]
    pub(crate) fn is_exact(self) -> bool {
        self.precision.0 == Precision::F32
    }
}

/// A precision that a command takes as it is given.
#[derive(Clone, Copy, Debug)]
struct Unmeasured(Precision);

impl FromStr for Unmeasured {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Err(
                "this command does not measure which one is faster; choose f32 or bf16".to_owned(),
            );
        }
        let precision = text.parse().map(Self);
        precision.map_err(|error: artkg_nn::Error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_speeds_decide_what_is_taken_and_said() {
        let bf16 = Choice::Fixed(Precision::Bf16);
        let decided = |choice: Choice, speeds| {
            let Decided { precision, said } = choice.decide(speeds);
            (precision, said.unwrap_or_default())
        };
        let slower = "bf16 is slower than f32 for this model on this machine: 24.0 images/s in \
                      bf16, 39.0 in f32";
        for (choice, speeds, precision, said) in [
            (bf16, [39.0, 24.0], Precision::Bf16, slower),
            (bf16, [24.0, 39.0], Precision::Bf16, ""),
            (
                Choice::Auto,
                [39.0, 24.0],
                Precision::F32,
                "precision f32, as measured: 24.0 images/s in bf16, 39.0 in f32",
            ),
            (
                Choice::Auto,
                [251.0, 384.6],
                Precision::Bf16,
                "precision bf16, as measured: 384.6 images/s in bf16, 251.0 in f32",
            ),
            // Not worth its rounding.
            (
                Choice::Auto,
                [100.0, 104.0],
                Precision::F32,
                "precision f32, as measured: 104.0 images/s in bf16, 100.0 in f32",
            ),
        ] {
            assert_eq!(decided(choice, speeds), (precision, said.to_owned()));
        }
    }

    #[test]
    fn commands_that_do_not_measure_say_so() {
        let error = "auto".parse::<Unmeasured>().unwrap_err();
        let words = "this command does not measure which one is faster; choose f32 or bf16";
        assert_eq!(error.to_string(), words);
        assert_eq!("bf16".parse::<Unmeasured>().unwrap().0, Precision::Bf16);
    }

    #[test]
    fn auto_is_a_choice_beside_the_precisions() {
        assert_eq!("auto".parse::<Choice>().unwrap(), Choice::Auto);
        let fixed: Choice = "bf16".parse().unwrap();
        assert_eq!(fixed, Choice::Fixed(Precision::Bf16));
        assert!("f16".parse::<Choice>().is_err());
        let name = |precision| MeasuredPrecisionArgument { precision }.name();
        assert_eq!((name(Choice::Auto), name(fixed)), ("auto", "bf16"));
    }
}
