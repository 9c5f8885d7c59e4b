use rayon::prelude::*;
use serde::Serialize;

use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::models::Tagger;
use crate::probabilities::{best_class, probabilities};

/// Class probabilities of events beside the truth.
#[derive(Clone, Debug)]
pub(crate) struct Scores {
    /// `[events, classes]`, row by row.
    pub(crate) probabilities: Vec<f32>,
    pub(crate) labels: Vec<u32>,
    pub(crate) classes: usize,
}

impl Scores {
    /// Runs `tagger` on all events of `dataset`, `together` at a time.
    ///
    /// # Errors
    /// When the network fails, or what it says is no number.
    pub(crate) fn compute(
        tagger: &Tagger,
        dataset: &Dataset,
        classes: usize,
        together: usize,
    ) -> Result<Self> {
        let events: Vec<usize> = (0..dataset.len()).collect();
        let parts: Vec<Vec<f32>> = events
            .par_chunks(together)
            .map(|events| probabilities(tagger, &dataset.inputs(events)?))
            .collect::<Result<_>>()?;
        let probabilities = parts.concat();
        if probabilities.iter().any(|value| !value.is_finite()) {
            return Err(Error::Diverged);
        }
        Ok(Self {
            probabilities,
            labels: dataset.labels.clone(),
            classes,
        })
    }

    /// The probabilities of each event with its class.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&[f32], usize)> {
        let rows = self.probabilities.chunks_exact(self.classes);
        rows.zip(self.labels.iter().map(|label| *label as usize))
    }

    /// The probability of `signal` for each event of `class`.
    pub(crate) fn of_class(&self, class: usize, signal: usize) -> Vec<f32> {
        let rows = self.rows().filter(|(_, label)| *label == class);
        rows.map(|(row, _)| row[signal]).collect()
    }

    /// The events whose number satisfies `wanted`.
    pub(crate) fn select(&self, wanted: impl Fn(usize) -> bool) -> Self {
        let mut selected = Self {
            probabilities: Vec::new(),
            labels: Vec::new(),
            classes: self.classes,
        };
        for (index, (row, label)) in self.rows().enumerate() {
            if wanted(index) {
                selected.probabilities.extend_from_slice(row);
                selected.labels.push(label as u32);
            }
        }
        selected
    }
}

/// The share of events whose most probable class is theirs; NaN for none.
pub(crate) fn accuracy(scores: &Scores) -> f64 {
    let right = scores
        .rows()
        .filter(|(row, label)| best_class(row) == *label);
    right.count() as f64 / scores.labels.len() as f64
}

/// The mean of `-ln p` of the true class.
pub(crate) fn mean_loss(scores: &Scores) -> f64 {
    let losses = scores
        .rows()
        .map(|(row, label)| -f64::from(row[label].max(1e-30)).ln());
    losses.sum::<f64>() / scores.labels.len() as f64
}

/// The area under the curve of `class` against all others: the probability
/// that an event of it scores above another's; NaN without either.
pub(crate) fn area_under_curve(scores: &Scores, class: usize) -> f64 {
    let mut ordered: Vec<(f32, bool)> = scores
        .rows()
        .map(|(row, label)| (row[class], label == class))
        .collect();
    ordered.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Ranks from 1, equal scores share their mean (Mann and Whitney, 1947).
    let (mut rank_sum, mut signals, mut start) = (0.0, 0.0, 0);
    while start < ordered.len() {
        let equal = |other: &&(f32, bool)| other.0.total_cmp(&ordered[start].0).is_eq();
        let length = ordered[start..].iter().take_while(equal).count();
        let here = ordered[start..start + length].iter();
        let here = here.filter(|(_, signal)| *signal).count() as f64;
        rank_sum += here * (start as f64 + 0.5 * (length as f64 + 1.0));
        signals += here;
        start += length;
    }
    let others = ordered.len() as f64 - signals;
    (rank_sum - signals * (signals + 1.0) / 2.0) / (signals * others)
}

/// The figures of one class.
#[derive(Clone, Debug, Serialize)]
pub struct ClassMetrics {
    /// Its name.
    pub class: String,
    /// Events of it.
    pub events: usize,
    /// The share of them that is found.
    pub recall: f64,
    /// The share of what is called so that is.
    pub precision: f64,
    /// The area under the curve against all others.
    pub auc: f64,
}

/// `counts[true][predicted]`.
pub(crate) fn confusion(scores: &Scores) -> Vec<Vec<u64>> {
    let mut counts = vec![vec![0; scores.classes]; scores.classes];
    for (row, label) in scores.rows() {
        counts[label][best_class(row)] += 1;
    }
    counts
}

/// The figures of every class.
pub(crate) fn class_metrics(scores: &Scores, classes: &[String]) -> Vec<ClassMetrics> {
    let counts = confusion(scores);
    let metrics = classes.iter().enumerate().map(|(class, name)| {
        let events: u64 = counts[class].iter().sum();
        let called: u64 = counts.iter().map(|row| row[class]).sum();
        let right = counts[class][class] as f64;
        ClassMetrics {
            class: name.clone(),
            events: events as usize,
            recall: right / events as f64,
            precision: right / called as f64,
            auc: area_under_curve(scores, class),
        }
    });
    metrics.collect()
}
