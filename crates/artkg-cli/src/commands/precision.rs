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

    /// A model that is to see so many pictures, in the precision that was asked for.
    /// Says which one it is where that is not plain, and where `bf16` is slow here.
    pub(crate) fn predictor(
        self,
        stored: &StoredModel,
        pictures: usize,
        globals: &Globals,
    ) -> artkg_model::Result<Predictor> {
        let exact = || Predictor::new(stored, Precision::F32);
        if self.precision == Choice::Fixed(Precision::F32) {
            return exact();
        }
        if !Precision::Bf16.is_supported() {
            globals.note("this processor has no bf16 products; using f32");
            return exact();
        }
        let is_auto = self.precision == Choice::Auto;
        if pictures < WORTH_MEASURING {
            if is_auto {
                globals.note(format!(
                    "precision f32: measuring is worth its time from {WORTH_MEASURING} pictures on"
                ));
                return exact();
            }
            return Predictor::new(stored, Precision::Bf16);
        }
        let (exact, rounded) = (exact()?, Predictor::new(stored, Precision::Bf16)?);
        let [f32, bf16] = race([&exact, &rounded])?;
        let speeds = format!("{bf16:.1} images/s in bf16, {f32:.1} in f32");
        if !is_auto {
            if bf16 < f32 {
                globals.note(format!(
                    "bf16 is slower than f32 for this model on this machine: {speeds}"
                ));
            }
            return Ok(rounded);
        }
        let (name, chosen) = match bf16 > WORTH_ROUNDING * f32 {
            true => ("bf16", rounded),
            false => ("f32", exact),
        };
        globals.note(format!("precision {name}, as measured: {speeds}"));
        Ok(chosen)
    }
}

/// The option of other commands that run a network.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PrecisionArgument {
    /// Precision of the network's products: f32, or bf16, about 1.5 times as fast on
    /// processors that have it
    #[arg(long, default_value = "f32")]
    precision: Precision,
}

impl PrecisionArgument {
    /// What was asked for, or `f32` with a note where the processor lacks it.
    pub(crate) fn chosen(self, globals: &Globals) -> Precision {
        if !self.precision.is_supported() {
            globals.note(format!(
                "this processor has no {} products; using f32",
                self.precision
            ));
        }
        self.precision.or_f32()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
