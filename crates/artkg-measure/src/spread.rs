use std::fmt;

use serde::{Deserialize, Serialize};

/// Mean and deviation of a figure over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The sample standard deviation, with `n - 1`; `None` for a single value.
    pub deviation: Option<f64>,
    /// The number of values.
    pub count: usize,
}

impl Spread {
    /// The spread of `values`; `None` where there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len();
        if count == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Some(Self {
            mean,
            deviation: (count > 1).then(|| (squares / (count - 1) as f64).sqrt()),
            count,
        })
    }
}

impl fmt::Display for Spread {
    /// `0.532 ± 0.004`, in the precision asked for.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = formatter.precision().unwrap_or(3);
        write!(formatter, "{:.decimals$}", self.mean)?;
        match self.deviation {
            Some(deviation) => write!(formatter, " ± {deviation:.decimals$}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_is_that_of_a_sample() {
        // numpy.std([0.61, 0.64, 0.62], ddof=1)
        let spread = Spread::of(&[0.61, 0.64, 0.62]).unwrap();
        assert!((spread.deviation.unwrap() - 0.015_275_252_316_519_463).abs() < 1e-15);
        assert_eq!(format!("{spread:.4}"), "0.6233 ± 0.0153");
        let one = Spread::of(&[0.5]).unwrap();
        assert_eq!((one.deviation, one.to_string().as_str()), (None, "0.500"));
        assert_eq!(Spread::of(&[]), None);
    }
}
