use serde::Serialize;

use super::metrics::{Scores, accuracy, area_under_curve};

/// Performance in bins of one quantity.
#[derive(Clone, Debug, Serialize)]
pub struct Binning {
    /// The quantity.
    pub quantity: String,
    /// The bins, rising.
    pub bins: Vec<Bin>,
}

/// Events of one bin.
#[derive(Clone, Debug, Serialize)]
pub struct Bin {
    /// Smallest and largest value of the quantity.
    pub range: (f64, f64),
    /// Events in it.
    pub events: usize,
    /// Accuracy.
    pub accuracy: f64,
    /// The area under the curve of each class against the others; `None` where
    /// the bin has no such events.
    pub auc: Vec<Option<f64>>,
}

/// Cuts the events into `count` bins of about equal size by `values`.
pub(crate) fn binning(scores: &Scores, quantity: &str, values: &[f64], count: usize) -> Binning {
    let mut ordered: Vec<usize> = (0..values.len()).collect();
    ordered.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut edges: Vec<f64> = (1..count)
        .map(|bin| values[ordered[bin * ordered.len() / count]])
        .collect();
    edges.dedup();
    let bin_of = |value: f64| edges.partition_point(|edge| *edge <= value);
    let bins = (0..=edges.len()).filter_map(|bin| {
        let inside: Vec<f64> = values
            .iter()
            .copied()
            .filter(|value| bin_of(*value) == bin)
            .collect();
        let low = inside.iter().copied().reduce(f64::min)?;
        let high = inside.iter().copied().reduce(f64::max)?;
        let selected = scores.select(|event| bin_of(values[event]) == bin);
        let auc = |class| Some(area_under_curve(&selected, class)).filter(|area| area.is_finite());
        Some(Bin {
            range: (low, high),
            events: inside.len(),
            accuracy: accuracy(&selected),
            auc: (0..scores.classes).map(auc).collect(),
        })
    });
    Binning {
        quantity: quantity.to_owned(),
        bins: bins.collect(),
    }
}
