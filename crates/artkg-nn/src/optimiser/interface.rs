use std::collections::HashMap;

use candle_core::Tensor;

use crate::error::Result;
use crate::gradients::Gradients;

/// A rule that updates parameters from their gradients.
///
/// Parameters without a gradient in a step keep their values and their state.
pub trait Optimiser: Send {
    /// Updates every parameter that has a gradient.
    ///
    /// # Errors
    /// When a gradient does not fit its parameter.
    fn step(&mut self, gradients: &Gradients) -> Result<()>;

    /// The learning rate before the groups' scales.
    fn learning_rate(&self) -> f64;

    /// Sets the learning rate before the groups' scales.
    fn set_learning_rate(&mut self, learning_rate: f64);

    /// A copy of the state between steps, as tensors named `<buffer>.<parameter>`.
    /// The learning rate is not part of it: it belongs to the schedule.
    ///
    /// # Errors
    /// When a tensor cannot be copied.
    fn state(&self) -> Result<HashMap<String, Tensor>>;

    /// Continues from a state that [`Optimiser::state`] gave.
    ///
    /// Nothing is changed unless everything fits.
    ///
    /// # Errors
    /// [`crate::Error::State`] naming each tensor that is missing, left over
    /// or of the wrong shape.
    fn load_state(&mut self, state: &HashMap<String, Tensor>) -> Result<()>;
}
