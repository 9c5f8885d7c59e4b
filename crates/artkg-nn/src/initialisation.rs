use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// How a parameter starts out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initialisation {
    /// All zero.
    Zeros,
    /// All one.
    Ones,
    /// Uniform in `[-bound, bound]`; PyTorch's linear layers use
    /// `1 / sqrt(inputs)`.
    Uniform {
        /// The largest magnitude.
        bound: f32,
    },
    /// Normal with mean zero; He et al. (ICCV 2015) use
    /// `sqrt(2 / (kernel area * outputs))` for convolutions before ReLU.
    Normal {
        /// The standard deviation.
        deviation: f32,
    },
}

impl Initialisation {
    /// Whether drawing takes random numbers.
    pub(crate) fn is_random(self) -> bool {
        matches!(self, Self::Uniform { .. } | Self::Normal { .. })
    }

    /// Draws `count` values; the same seed gives the same values.
    pub(crate) fn draw(self, count: usize, seed: u64) -> Vec<f32> {
        let mut generator = Pcg64Mcg::seed_from_u64(seed);
        match self {
            Self::Zeros => vec![0.0; count],
            Self::Ones => vec![1.0; count],
            Self::Uniform { bound } => (0..count)
                .map(|_| bound * (2.0 * generator.random::<f32>() - 1.0))
                .collect(),
            Self::Normal { deviation } => (0..count)
                .map(|_| deviation * standard_normal(&mut generator))
                .collect(),
        }
    }
}

/// One draw from the standard normal distribution (Box and Muller, 1958).
fn standard_normal(generator: &mut Pcg64Mcg) -> f32 {
    // 1 - u lies in (0, 1], so the logarithm is finite.
    let radius = (-2.0 * (1.0 - generator.random::<f64>()).ln()).sqrt();
    let angle = std::f64::consts::TAU * generator.random::<f64>();
    (radius * angle.cos()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_has_its_moments() {
        let values = Initialisation::Normal { deviation: 0.5 }.draw(40_000, 3);
        let mean = values.iter().sum::<f32>() / 40_000.0;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 40_000.0;
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((variance.sqrt() - 0.5).abs() < 0.01, "{variance}");
    }

    #[test]
    fn uniform_stays_within_its_bound() {
        let values = Initialisation::Uniform { bound: 0.2 }.draw(10_000, 1);
        assert!(values.iter().all(|value| value.abs() <= 0.2));
        assert!(values.iter().any(|value| *value < -0.19));
        assert!(values.iter().any(|value| *value > 0.19));
    }

    #[test]
    fn seeds_decide() {
        let normal = Initialisation::Normal { deviation: 1.0 };
        assert_eq!(normal.draw(9, 5), normal.draw(9, 5));
        assert_ne!(normal.draw(9, 5), normal.draw(9, 6));
    }
}
