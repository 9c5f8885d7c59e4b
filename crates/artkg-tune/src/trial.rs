use serde::{Deserialize, Serialize};

use crate::value::Assignment;

/// The outcome of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    /// It has a value.
    Finished {
        /// How good its parameters are: a finite number.
        value: f64,
    },
    /// What was computed left the finite numbers; as bad as can be.
    Diverged {
        /// Where and how.
        reason: String,
    },
    /// It could not be computed with these parameters.
    Failed {
        /// Why.
        reason: String,
    },
}

/// A trial, as `trials.jsonl` records it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Its number, from 1.
    pub number: usize,
    /// The values that were tried.
    pub parameters: Assignment,
    /// Its outcome.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Trial {
    /// The value of a finished trial.
    pub fn value(&self) -> Option<f64> {
        match self.outcome {
            Outcome::Finished { value } => Some(value),
            Outcome::Diverged { .. } | Outcome::Failed { .. } => None,
        }
    }
}
