use artkg_files::seeds::derive_seed;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A difference between two systems on the same works.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedDifference {
    /// The difference on the works themselves.
    pub difference: f64,
    /// The lower end of the confidence interval.
    pub low: f64,
    /// The upper end of the confidence interval.
    pub high: f64,
    /// How often chance alone would give a difference at least as large.
    pub p: f64,
}

/// The paired bootstrap of a difference between two systems.
///
/// `differences[task][work]` is what the first system scores on a work minus
/// what the second does: 1, 0 or -1 where an answer is right or wrong, `None`
/// where the truth is missing. The statistic is the mean over the tasks of the
/// mean over the works; works are resampled with all their tasks, since a work
/// that is hard is hard for all of them.
///
/// The interval of the given `level` (0.95) is that of the percentiles; `p` is
/// two-sided, from the resampled differences shifted to mean zero (Efron and
/// Tibshirani, 1993, sections 13.3 and 16.4), and never below
/// `1 / (resamples + 1)`. `None` where a task has no work with a truth, or the
/// tasks differ in their works.
pub fn paired_bootstrap(
    differences: &[Vec<Option<f64>>],
    resamples: usize,
    level: f64,
    seed: u64,
) -> Option<PairedDifference> {
    let works = differences.first()?.len();
    if resamples == 0 || differences.iter().any(|task| task.len() != works) {
        return None;
    }
    let difference = statistic(differences, 0..works)?;
    let mut drawn: Vec<f64> = (0..resamples)
        .into_par_iter()
        .map(|resample| {
            let mut generator = Pcg64Mcg::seed_from_u64(derive_seed(seed, resample as u64));
            let draws: Vec<usize> = (0..works)
                .map(|_| generator.random_range(0..works))
                .collect();
            // A draw may leave out all works of a small task: no difference is seen.
            statistic(differences, draws.into_iter()).unwrap_or(0.0)
        })
        .collect();
    // Rounding must not decide whether a difference is as large.
    let as_large = |value: &&f64| (**value - difference).abs() >= difference.abs() - 1e-12;
    let beyond = drawn.iter().filter(as_large).count();
    drawn.sort_by(f64::total_cmp);
    let tail = (1.0 - level) / 2.0;
    Some(PairedDifference {
        difference,
        low: quantile(&drawn, tail),
        high: quantile(&drawn, 1.0 - tail),
        p: (beyond + 1) as f64 / (resamples + 1) as f64,
    })
}

/// The mean over the tasks of the mean over `works`, as often as they occur.
fn statistic(
    differences: &[Vec<Option<f64>>],
    works: impl Iterator<Item = usize> + Clone,
) -> Option<f64> {
    let mut sum = 0.0;
    for task in differences {
        let (mut total, mut count) = (0.0, 0usize);
        for difference in works.clone().filter_map(|work| task[work]) {
            total += difference;
            count += 1;
        }
        if count == 0 {
            return None;
        }
        sum += total / count as f64;
    }
    Some(sum / differences.len() as f64)
}

/// The quantile of sorted values, interpolated between neighbours.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One task in which the first system alone is right on some works, and the
    /// second alone on others.
    fn task(first: usize, second: usize, both: usize) -> Vec<Option<f64>> {
        let ones = std::iter::repeat_n(Some(1.0), first);
        let minus = std::iter::repeat_n(Some(-1.0), second);
        let zeros = std::iter::repeat_n(Some(0.0), both);
        ones.chain(minus).chain(zeros).collect()
    }

    #[test]
    fn interval_and_p_agree_with_the_normal_approximation() {
        let result = paired_bootstrap(&[task(60, 40, 700)], 10_000, 0.95, 1).unwrap();
        assert_eq!(result.difference, 20.0 / 800.0);
        // Of a mean of -1, 0, 1: sqrt((100/800 - 0.025²) / 800).
        let deviation = ((0.125f64 - 0.025 * 0.025) / 800.0).sqrt();
        assert!(
            (result.low - (0.025 - 1.96 * deviation)).abs() < 1.5e-3,
            "{result:?}"
        );
        assert!(
            (result.high - (0.025 + 1.96 * deviation)).abs() < 1.5e-3,
            "{result:?}"
        );
        // 2 Φ(-2.005) with ties of a lattice of 1/800 on both sides.
        assert!((result.p - 0.047).abs() < 0.012, "{result:?}");
    }

    #[test]
    fn equal_systems_do_not_differ_and_clear_ones_do() {
        let equal = paired_bootstrap(&[task(30, 30, 40)], 2_000, 0.95, 0).unwrap();
        assert_eq!((equal.difference, equal.p), (0.0, 1.0));
        assert!(equal.low < 0.0 && 0.0 < equal.high);
        let clear = paired_bootstrap(&[task(80, 10, 10)], 2_000, 0.95, 0).unwrap();
        assert!(clear.low > 0.4 && clear.p < 0.001, "{clear:?}");
        let turned = paired_bootstrap(&[task(10, 80, 10)], 2_000, 0.95, 0).unwrap();
        assert!(turned.high < -0.4 && turned.p < 0.001, "{turned:?}");
    }

    #[test]
    fn tasks_count_alike_and_missing_truths_not_at_all() {
        let mut small = vec![None; 98];
        small.extend([Some(1.0), Some(0.0)]);
        let large = task(10, 0, 90);
        let result = paired_bootstrap(&[large, small], 500, 0.9, 0).unwrap();
        assert!((result.difference - (0.1 + 0.5) / 2.0).abs() < 1e-12);
        assert!(paired_bootstrap(&[vec![None; 4]], 10, 0.95, 0).is_none());
        assert!(paired_bootstrap(&[task(1, 1, 1), task(1, 1, 0)], 10, 0.95, 0).is_none());
        assert!(paired_bootstrap(&[], 10, 0.95, 0).is_none());
    }

    #[test]
    fn works_keep_their_tasks_together() {
        // Two tasks that always agree are one: the interval is no narrower.
        let one = paired_bootstrap(&[task(40, 20, 40)], 4_000, 0.95, 3).unwrap();
        let two = paired_bootstrap(&[task(40, 20, 40), task(40, 20, 40)], 4_000, 0.95, 3).unwrap();
        assert_eq!(one, two);
    }
}
