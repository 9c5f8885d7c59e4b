use std::path::PathBuf;

use crate::tensor_fault::{Listed, TensorFault};
use crate::tensor_file_fault::{TensorFileFault, Unstorable};

/// Everything that can go wrong in the engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tensor operation failed: shapes, data types or devices do not fit.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A file is not valid safetensors.
    #[error("{}: {fault}", path.display())]
    Safetensors {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        fault: TensorFileFault,
    },
    /// A tensor that cannot be part of a file.
    #[error("{}: cannot save tensor {name}: {fault}", path.display())]
    Unstorable {
        /// The file that was to be written.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Why it cannot.
        fault: Unstorable,
    },
    /// A device that this build cannot use.
    #[error("this build cannot compute on `{name}`, only on {}", known.join(" and "))]
    NoDevice {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: &'static [&'static str],
    },
    /// A precision that does not exist.
    #[error("no precision is named {name:?}; there are {}", known.join(" and "))]
    NoPrecision {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: Vec<&'static str>,
    },
    /// Named tensors do not fit the model.
    #[error("the weights do not fit the model: {}", Listed(.0))]
    Weights(Vec<TensorFault>),
    /// A saved state does not fit the optimiser.
    #[error("the saved state does not fit the optimiser: {}", Listed(.0))]
    State(Vec<TensorFault>),
    /// A second parameter of a name.
    #[error("two parameters are named {0}")]
    NameTaken(String),
    /// A parameter in two groups of an optimiser.
    #[error("parameter {parameter} is in two groups of the optimiser (again in {group})")]
    TwoGroups {
        /// The parameter.
        parameter: String,
        /// The second group.
        group: String,
    },
    /// A gradient holds infinite values or values that are not numbers.
    #[error(
        "the gradient of {parameter} is not finite ({count} of {total} values); \
         lower the learning rate or clip the gradients"
    )]
    NotFinite {
        /// The parameter.
        parameter: String,
        /// How many values are not finite.
        count: usize,
        /// How many values there are.
        total: usize,
    },
    /// A number that a setting cannot have.
    #[error("the {setting} {allowed}, got {}", shortest(*value))]
    Setting {
        /// The setting: `learning rate`.
        setting: String,
        /// What it may be: `lies in [0, 1)`.
        allowed: &'static str,
        /// The number.
        value: f64,
    },
    /// Nesterov's step without a momentum.
    #[error("Nesterov needs a momentum above 0; set one or switch Nesterov off")]
    NoMomentum,
    /// A focal loss of smoothed labels.
    #[error(
        "focal loss has no label smoothing: set the focus of {focus} or the smoothing of \
         {smoothing} to 0"
    )]
    SmoothedFocus {
        /// The focus.
        focus: f32,
        /// The smoothing.
        smoothing: f32,
    },
    /// A target that is no class.
    #[error(
        "row {row} has the target {target}, but the logits have {classes} classes (0 to {})",
        classes.saturating_sub(1)
    )]
    Target {
        /// The row of the batch.
        row: usize,
        /// Its target.
        target: u32,
        /// The number of classes.
        classes: usize,
    },
    /// An image that is smaller than what looks at it.
    #[error("a window of {window} does not fit {size} pixels padded to {padded}")]
    Window {
        /// The height or width of the window.
        window: usize,
        /// That of the image.
        size: usize,
        /// That of the image with its padding.
        padded: usize,
    },
    /// Batch norm cannot train on a batch this small.
    #[error(
        "batch norm can't train on a single value a channel (input of shape {0:?}): use a larger \
         batch or larger images"
    )]
    SingleValue(Vec<usize>),
    /// Part of a recorded network was computed where its gradient would get lost.
    #[error(
        "a tensor of shape {0:?} inside a recorded network was computed by an operation that is \
         not recorded; use this crate's operation instead"
    )]
    NotRecorded(Vec<usize>),
    /// An operand that the operation does not take, by shape, data type or number: a
    /// mistake of the code that calls it, in a sentence.
    #[error("{0}")]
    Argument(String),
}

impl Error {
    /// A number that a setting cannot have.
    pub(crate) fn setting(
        setting: impl Into<String>,
        allowed: &'static str,
        value: impl Into<f64>,
    ) -> Self {
        Self::Setting {
            setting: setting.into(),
            allowed,
            value: value.into(),
        }
    }

    /// The same error, which says what to do where it is that there is no such file.
    #[must_use]
    pub fn advise_if_missing(self, advice: &'static str) -> Self {
        match self {
            Self::File(error) => Self::File(error.advise_if_missing(advice)),
            other => other,
        }
    }
}

/// A number as it was written, which may have been as an `f32`.
fn shortest(value: f64) -> String {
    let single = value as f32;
    match f64::from(single) == value {
        true => single.to_string(),
        false => value.to_string(),
    }
}

/// The engine's result type.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_they_were_written() {
        let shown = |value: f64| Error::setting("rate", "lies in [0, 1)", value).to_string();
        assert_eq!(
            shown(f64::from(1.1_f32)),
            "the rate lies in [0, 1), got 1.1"
        );
        assert_eq!(shown(1.1), "the rate lies in [0, 1), got 1.1");
        assert_eq!(shown(f64::NAN), "the rate lies in [0, 1), got NaN");
    }
}
