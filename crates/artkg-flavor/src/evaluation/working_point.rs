use artkg_files::seeds::derive_seed;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use serde::Serialize;

use super::metrics::Scores;

/// How often events are resampled for an error.
const REPLICAS: usize = 200;

/// The background that passes a cut on the signal's probability which keeps a
/// given share of the signal.
#[derive(Clone, Debug, Serialize)]
pub struct WorkingPoint {
    /// The signal class.
    pub signal: String,
    /// The share of the signal that passes.
    pub signal_efficiency: f64,
    /// The background class.
    pub background: String,
    /// The share of the background that passes.
    pub background_efficiency: f64,
    /// Its error: the deviation over samples of the events, with replacement.
    pub error: f64,
}

/// A curve over all cuts on a signal's probability.
#[derive(Clone, Debug, Serialize)]
pub struct Curve {
    /// The signal class.
    pub signal: String,
    /// The background class; `None` for purity against all others.
    pub background: Option<String>,
    /// Signal efficiency, and background efficiency or purity.
    pub points: Vec<(f64, f64)>,
}

/// The share of `background` at or above the cut that `share` of `signal`
/// passes; both in falling order. Where several of the signal are at the cut, and
/// only some of them are to pass, as large a share of the background there does.
fn passing(signal: &[f32], background: &[f32], share: f64) -> f64 {
    let kept = (share * signal.len() as f64).ceil().max(1.0) as usize;
    let kept = kept.min(signal.len());
    let cut = signal[kept - 1];
    let around = |scores: &[f32]| {
        let above = scores.partition_point(|score| *score > cut);
        (above, scores.partition_point(|score| *score >= cut) - above)
    };
    let (signal_above, signal_at) = around(signal);
    let (above, at) = around(background);
    let passing_at = (kept - signal_above) as f64 / signal_at as f64;
    (above as f64 + passing_at * at as f64) / background.len() as f64
}

fn falling(mut scores: Vec<f32>) -> Vec<f32> {
    scores.sort_by(|a, b| b.total_cmp(a));
    scores
}

/// As many of `scores`, in falling order, drawn with replacement.
fn resampled(scores: &[f32], generator: &mut Pcg64Mcg) -> Vec<f32> {
    let mut counts = vec![0u32; scores.len()];
    for _ in 0..scores.len() {
        counts[generator.random_range(0..scores.len())] += 1;
    }
    let drawn = scores.iter().zip(counts);
    drawn
        .flat_map(|(score, count)| std::iter::repeat_n(*score, count as usize))
        .collect()
}

/// The working points of every signal at `efficiencies` against every other
/// class.
pub(crate) fn working_points(
    scores: &Scores,
    classes: &[String],
    efficiencies: &[f64],
    seed: u64,
) -> Vec<WorkingPoint> {
    let mut points = Vec::new();
    for (signal, signal_name) in classes.iter().enumerate() {
        let signal_scores = falling(scores.of_class(signal, signal));
        for (background, background_name) in classes.iter().enumerate() {
            let background_scores = falling(scores.of_class(background, signal));
            if background == signal || signal_scores.is_empty() || background_scores.is_empty() {
                continue;
            }
            let stream = (signal * classes.len() + background) as u64;
            let replicas: Vec<Vec<f64>> = (0..REPLICAS)
                .into_par_iter()
                .map(|replica| {
                    let seed = derive_seed(derive_seed(seed, stream), replica as u64);
                    let mut generator = Pcg64Mcg::seed_from_u64(seed);
                    let signal = resampled(&signal_scores, &mut generator);
                    let background = resampled(&background_scores, &mut generator);
                    let at = |share: &f64| passing(&signal, &background, *share);
                    efficiencies.iter().map(at).collect()
                })
                .collect();
            for (place, &share) in efficiencies.iter().enumerate() {
                points.push(WorkingPoint {
                    signal: signal_name.clone(),
                    signal_efficiency: share,
                    background: background_name.clone(),
                    background_efficiency: passing(&signal_scores, &background_scores, share),
                    error: deviation(replicas.iter().map(|replica| replica[place])),
                });
            }
        }
    }
    points
}

fn deviation(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    (values.map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt()
}

/// The curves of every signal: background efficiency a class, and purity.
pub(crate) fn curves(scores: &Scores, classes: &[String]) -> Vec<Curve> {
    let shares: Vec<f64> = (1..=100)
        .map(|percent| f64::from(percent) / 100.0)
        .collect();
    let mut curves = Vec::new();
    for (signal, signal_name) in classes.iter().enumerate() {
        let signal_scores = falling(scores.of_class(signal, signal));
        if signal_scores.is_empty() {
            continue;
        }
        let mut passed = vec![0.0; shares.len()];
        for (background, background_name) in classes.iter().enumerate() {
            let background_scores = falling(scores.of_class(background, signal));
            if background == signal || background_scores.is_empty() {
                continue;
            }
            let points: Vec<(f64, f64)> = shares
                .iter()
                .map(|share| (*share, passing(&signal_scores, &background_scores, *share)))
                .collect();
            for (passed, point) in passed.iter_mut().zip(&points) {
                *passed += point.1 * background_scores.len() as f64;
            }
            curves.push(Curve {
                signal: signal_name.clone(),
                background: Some(background_name.clone()),
                points,
            });
        }
        let purities = shares.iter().zip(&passed).map(|(share, passed)| {
            let signal = share * signal_scores.len() as f64;
            (*share, signal / (signal + passed))
        });
        curves.push(Curve {
            signal: signal_name.clone(),
            background: None,
            points: purities.collect(),
        });
    }
    curves
}
