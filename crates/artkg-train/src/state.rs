use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A floating-point number saved as its shortest exact text, because a JSON
/// number need not come back bit by bit, and can't be infinite.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Exact(pub(crate) f64);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:?}", self.0))
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// Sums over the steps of an epoch so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct EpochSums {
    pub(crate) examples: u64,
    /// Loss times examples.
    pub(crate) loss: Exact,
    /// Parts times examples.
    pub(crate) parts: BTreeMap<String, Exact>,
    pub(crate) seconds: Exact,
}

impl EpochSums {
    pub(crate) fn add(&mut self, examples: usize, loss: f64, parts: &[(String, f64)]) {
        let weight = examples as f64;
        self.examples += examples as u64;
        self.loss.0 += loss * weight;
        for (name, value) in parts {
            self.parts.entry(name.clone()).or_default().0 += value * weight;
        }
    }

    pub(crate) fn add_time(&mut self, duration: Duration) {
        self.seconds.0 += duration.as_secs_f64();
    }

    pub(crate) fn mean_loss(&self) -> f64 {
        self.loss.0 / self.examples as f64
    }

    pub(crate) fn mean_parts(&self) -> BTreeMap<String, f64> {
        let mean = |sum: &Exact| sum.0 / self.examples as f64;
        let parts = self.parts.iter();
        parts.map(|(name, sum)| (name.clone(), mean(sum))).collect()
    }
}

/// The best epoch so far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BestEpoch {
    /// The epoch, from 1.
    pub(crate) epoch: usize,
    /// Its value of the deciding metric.
    pub(crate) value: Exact,
}

/// Where a run is. With the parameters and the optimiser's state it decides
/// everything that follows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Finished epochs.
    pub(crate) epoch: usize,
    /// Finished steps of the epoch after them.
    pub(crate) step: usize,
    /// The best epoch so far.
    pub(crate) best: Option<BestEpoch>,
    /// Sums over those finished steps.
    pub(crate) sums: EpochSums,
    /// Length of `metrics.jsonl`.
    pub(crate) metrics_bytes: u64,
    /// Length of the event file.
    pub(crate) events_bytes: u64,
}

impl State {
    /// Epochs since the best one.
    pub(crate) fn epochs_without_improvement(&self) -> usize {
        self.epoch - self.best.map_or(0, |best| best.epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_bit_by_bit() {
        let mut state = State::default();
        // A sum that JSON parsers without exact rounding get wrong.
        state.sums.add(3, 0.1 + 0.2, &[("type".into(), 1.0 / 3.0)]);
        state.sums.add(7, 1e-300, &[("type".into(), 2.0 / 3.0)]);
        state.best = Some(BestEpoch {
            epoch: 2,
            value: Exact(f64::NEG_INFINITY),
        });
        let text = serde_json::to_string(&state).unwrap();
        let back: State = serde_json::from_str(&text).unwrap();
        assert_eq!(back, state);
        assert_eq!(back.sums.loss.0.to_bits(), state.sums.loss.0.to_bits());
    }
}
