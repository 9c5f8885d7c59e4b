use serde::{Deserialize, Serialize};

/// How node embeddings become targets: `(value - mean) / deviation`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standardisation {
    /// The mean of all values.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
}

impl Standardisation {
    /// One mean and one deviation over all values, so that directions and
    /// relative lengths stay as the walks made them.
    pub fn of<'a>(values: impl Iterator<Item = &'a f32> + Clone) -> Self {
        let count = values.clone().count().max(1) as f64;
        let mean = values.clone().map(|value| f64::from(*value)).sum::<f64>() / count;
        let squares: f64 = values.map(|value| (f64::from(*value) - mean).powi(2)).sum();
        Self {
            mean,
            deviation: (squares / count).sqrt().max(f64::MIN_POSITIVE),
        }
    }

    /// A vector in the space of the targets.
    pub fn apply(self, vector: &[f32]) -> Vec<f32> {
        vector
            .iter()
            .map(|value| ((f64::from(*value) - self.mean) / self.deviation) as f32)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standardised_vectors_have_unit_deviation() {
        let values = [1.0f32, 3.0, 5.0, 7.0];
        let standardisation = Standardisation::of(values.iter());
        let values = standardisation.apply(&values);
        assert!(values.iter().sum::<f32>().abs() < 1e-6);
        let variance = values.iter().map(|value| value * value).sum::<f32>() / 4.0;
        assert!((variance - 1.0).abs() < 1e-6);
        assert!(values.is_sorted());
    }
}
