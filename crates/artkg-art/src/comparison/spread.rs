use std::fmt;

/// The mean and the sample standard deviation of accuracies over seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The mean; `None` of nothing.
    pub mean: Option<f64>,
    /// The sample standard deviation; `None` of fewer than two.
    pub deviation: Option<f64>,
}

impl Spread {
    /// Of these values.
    pub fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = (!values.is_empty()).then(|| values.iter().sum::<f64>() / count);
        let deviation = mean.filter(|_| values.len() > 1).map(|mean| {
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            (squares / (count - 1.0)).sqrt()
        });
        Self { mean, deviation }
    }
}

impl fmt::Display for Spread {
    /// In percent: `67.5 ± 0.3`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match (self.mean, self.deviation) {
            (None, _) => "–".to_owned(),
            (Some(mean), None) => format!("{:.1}", 100.0 * mean),
            (Some(mean), Some(deviation)) => {
                format!("{:.1} ± {:.1}", 100.0 * mean, 100.0 * deviation)
            }
        };
        formatter.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_are_those_of_samples() {
        assert_eq!(Spread::of(&[0.5, 0.7]).to_string(), "60.0 ± 14.1");
        assert_eq!(Spread::of(&[0.675]).to_string(), "67.5");
        assert_eq!(Spread::of(&[]).to_string(), "–");
    }
}
