//! Temperature scaling: one number a task that makes confidences honest.

use crate::golden_section::golden_section;

/// Fits the temperature that minimises the negative log likelihood of the
/// targets under `softmax(logits / temperature)` (Guo et al., ICML 2017,
/// section 4.2).
///
/// `logits` is `[examples, classes]`; examples without a target do not count.
/// Returns 1 when there is nothing to fit.
pub fn fit_temperature(logits: &[f32], classes: usize, targets: &[Option<usize>]) -> f32 {
    if targets.iter().all(Option::is_none) {
        return 1.0;
    }
    let loss = |log_temperature: f64| {
        negative_log_likelihood(logits, classes, targets, log_temperature.exp())
    };
    // The likelihood is unimodal in the temperature, so golden-section search
    // on its logarithm converges; the bounds keep a perfect fit from running off.
    golden_section((0.05f64.ln(), 20f64.ln()), 1e-4, loss).exp() as f32
}

/// Turns logits into probabilities: `softmax(logits / temperature)`, row by row.
pub fn probabilities(logits: &[f32], classes: usize, temperature: f32) -> Vec<f32> {
    let mut output = Vec::with_capacity(logits.len());
    for row in logits.chunks_exact(classes) {
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let start = output.len();
        output.extend(
            row.iter()
                .map(|logit| ((logit - largest) / temperature).exp()),
        );
        let total: f32 = output[start..].iter().sum();
        output[start..].iter_mut().for_each(|value| *value /= total);
    }
    output
}

fn negative_log_likelihood(
    logits: &[f32],
    classes: usize,
    targets: &[Option<usize>],
    temperature: f64,
) -> f64 {
    let mut total = 0.0;
    for (row, target) in logits.chunks_exact(classes).zip(targets) {
        let Some(target) = *target else { continue };
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let scaled = |logit: f32| f64::from(logit - largest) / temperature;
        let normaliser: f64 = row.iter().map(|logit| scaled(*logit).exp()).sum();
        total += normaliser.ln() - scaled(row[target]);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn recovers_the_temperature_that_made_the_targets() {
        let mut generator = rand_pcg::Pcg64Mcg::seed_from_u64(5);
        let (classes, temperature) = (4, 2.5f32);
        let logits: Vec<f32> = (0..20_000 * classes)
            .map(|_| 8.0 * generator.random::<f32>())
            .collect();
        let targets: Vec<Option<usize>> = probabilities(&logits, classes, temperature)
            .chunks_exact(classes)
            .map(|row| {
                let mut draw = generator.random::<f32>();
                let class = row.iter().position(|probability| {
                    draw -= probability;
                    draw < 0.0
                });
                Some(class.unwrap_or(classes - 1))
            })
            .collect();
        let fitted = fit_temperature(&logits, classes, &targets);
        assert!((fitted - temperature).abs() < 0.1, "{fitted}");
    }

    #[test]
    fn probabilities_sum_to_one_for_huge_logits() {
        let row = probabilities(&[1e4, -1e4, 0.0], 3, 1.0);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(row[0], 1.0);
    }

    #[test]
    fn nothing_to_fit_changes_nothing() {
        assert_eq!(fit_temperature(&[1.0, 2.0], 2, &[None]), 1.0);
    }
}
