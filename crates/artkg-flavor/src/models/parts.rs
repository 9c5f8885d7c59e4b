//! What several taggers are made of.

use artkg_nn::{Tensor, concatenate_channels, reshape};

use crate::error::{Error, Result};
use crate::features::EVENT_NAMES;

/// What pooled sums are divided by: about the number of tracks of an event.
pub(super) const TYPICAL_TRACKS: f32 = 32.0;

/// The number of inputs of the dense net an event, after pooling.
pub(super) fn pooled_inputs(width: usize) -> usize {
    2 * width + EVENT_NAMES.len()
}

/// `first` and `second` side by side.
pub(super) fn beside(first: &Tensor, second: &Tensor) -> Result<Tensor> {
    let as_image = |rows: &Tensor| {
        let (events, features) = rows.dims2()?;
        reshape(rows, &[events, 1, 1, features])
    };
    let joined = concatenate_channels(&[as_image(first)?, as_image(second)?])?;
    let (events, _, _, features) = joined.dims4()?;
    Ok(reshape(&joined, &[events, features])?)
}

/// An input that the kind of model has asked for.
pub(super) fn wanted(input: &Option<Tensor>) -> Result<&Tensor> {
    input.as_ref().ok_or(Error::Inputs)
}
