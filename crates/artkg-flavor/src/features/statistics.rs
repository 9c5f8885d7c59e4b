use serde::{Deserialize, Serialize};

use crate::error::{ModelFault, Result};

/// Means and deviations that bring inputs to mean 0 and deviation 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standardisation {
    /// The mean of each input.
    pub means: Vec<f32>,
    /// The deviation of each input; 1 for those that never change.
    pub deviations: Vec<f32>,
}

impl Standardisation {
    /// Measures `rows` of `width` values each.
    pub fn measure(rows: &[f32], width: usize) -> Self {
        let count = (rows.len() / width.max(1)).max(1) as f64;
        let mut means = vec![0.0; width];
        for row in rows.chunks_exact(width) {
            for (mean, value) in means.iter_mut().zip(row) {
                *mean += f64::from(*value) / count;
            }
        }
        let mut variances = vec![0.0; width];
        for row in rows.chunks_exact(width) {
            for ((variance, mean), value) in variances.iter_mut().zip(&means).zip(row) {
                *variance += (f64::from(*value) - mean).powi(2) / count;
            }
        }
        let deviation = |variance: &f64| match variance.sqrt() {
            deviation if deviation > 1e-6 => deviation as f32,
            _ => 1.0,
        };
        Self {
            means: means.iter().map(|mean| *mean as f32).collect(),
            deviations: variances.iter().map(deviation).collect(),
        }
    }

    /// Brings `rows` to mean 0 and deviation 1.
    pub fn apply(&self, rows: &mut [f32]) {
        for row in rows.chunks_exact_mut(self.means.len().max(1)) {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.means).zip(&self.deviations)
            {
                *value = (*value - mean) / deviation;
            }
        }
    }

    /// Checks statistics read from a file.
    ///
    /// # Errors
    /// [`ModelFault::Statistics`] where they are not of `width` inputs or make no sense.
    pub fn check(&self, inputs: &'static str, width: usize) -> Result<(), ModelFault> {
        let fits = self.means.len() == width
            && self.deviations.len() == width
            && self.means.iter().all(|mean| mean.is_finite())
            && self
                .deviations
                .iter()
                .all(|deviation| *deviation > 0.0 && deviation.is_finite());
        match fits {
            true => Ok(()),
            false => Err(ModelFault::Statistics { inputs, width }),
        }
    }
}
