use serde::{Deserialize, Serialize};

/// Whether larger or smaller values are better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Larger values are better: accuracies.
    #[default]
    Maximise,
    /// Smaller values are better: losses.
    Minimise,
}

impl Direction {
    /// Whether `value` is better than `other`.
    pub fn is_better(self, value: f64, other: f64) -> bool {
        match self {
            Self::Maximise => value > other,
            Self::Minimise => value < other,
        }
    }
}
