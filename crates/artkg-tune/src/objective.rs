use crate::error::BoxError;
use crate::trial::Outcome;
use crate::value::Assignment;

/// What came of running a trial.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluation {
    /// It ended.
    Ended(Outcome),
    /// It was asked to stop before its end. Nothing is recorded; a resumed
    /// study runs it again, with the same number and parameters.
    Interrupted,
}

/// What a study searches the best parameters of.
pub trait Objective {
    /// Runs trial `number`, from 1, with `parameters`. An error ends the study:
    /// whatever is due to the parameters is an [`Outcome`].
    ///
    /// # Errors
    /// Where no trial could be run, whatever its parameters: a full disk.
    fn evaluate(&mut self, number: usize, parameters: &Assignment) -> Result<Evaluation, BoxError>;

    /// The complete settings of a run with `parameters`, for `best.toml`.
    ///
    /// # Errors
    /// When there are none.
    fn settings(&self, parameters: &Assignment) -> Result<toml::Table, BoxError>;

    /// Called when trial `number` is not, or no longer, the best one: what it has
    /// left on disk for that case can go.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn discard(&mut self, _number: usize) -> Result<(), BoxError> {
        Ok(())
    }
}
