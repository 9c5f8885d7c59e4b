use super::counts::CoOccurrence;

/// Works that each class of the centre is taken to have beside those counted, of the
/// kind that is expected of them or else of the average kind: additive smoothing, so
/// that nothing is impossible.
const PSEUDO_WORKS: f64 = 1.0;

/// The factors of a random field on the logits of `centre` and `leaf`:
/// `P(leaf class | centre class) / P(leaf class)` among the counted works,
/// `[centre classes, leaf classes]` row by row. 1 says that the one says nothing
/// of the other.
pub(crate) fn star_factors(counts: &CoOccurrence, centre: usize, leaf: usize) -> Vec<f32> {
    let classes = counts.classes()[leaf];
    let pairs = counts.pairs(centre, leaf);
    let mut shares = vec![1.0; classes];
    for row in pairs.chunks_exact(classes) {
        for (share, count) in shares.iter_mut().zip(row) {
            *share += count;
        }
    }
    let total: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= total);
    pairs
        .chunks_exact(classes)
        .zip(counts.expected(centre, leaf))
        .flat_map(|(row, expected)| {
            let works: f64 = row.iter().sum();
            let added = expected.unwrap_or(&shares).iter();
            let smoothed = row.iter().zip(added).zip(&shares);
            let smoothed = smoothed.map(move |((count, added), share)| {
                let probability = (count + PSEUDO_WORKS * added) / (works + PSEUDO_WORKS);
                (probability / share) as f32
            });
            smoothed.collect::<Vec<f32>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_say_what_is_more_frequent_than_usual() {
        let works = [(1, 1), (1, 1), (1, 1), (2, 2)];
        let works = works.map(|(centre, leaf)| vec![Some(centre), Some(leaf)]);
        let mut counts = CoOccurrence::of(vec![3, 3], works.into_iter());
        let factors = star_factors(&counts, 0, 1);
        // The leaf's classes have 1, 4 and 2 of 7 works, one of each added.
        let expected =
            |count: f64, works: f64, share: f64| ((count + share) / (works + 1.0) / share) as f32;
        assert_eq!(factors[..3], [1.0; 3], "a class without works says nothing");
        assert_eq!(factors[4], expected(3.0, 3.0, 4.0 / 7.0));
        assert_eq!(factors[5], expected(0.0, 3.0, 2.0 / 7.0));
        assert_eq!(factors[8], expected(1.0, 1.0, 2.0 / 7.0));
        // What is expected of the works of a class stands in for the average.
        counts.expect((0, 2), 1, vec![0.1, 0.1, 0.8]);
        let factors = star_factors(&counts, 0, 1);
        assert_eq!(factors[4], expected(3.0, 3.0, 4.0 / 7.0));
        assert_eq!(factors[7], (0.1 / 2.0 / (4.0 / 7.0)) as f32);
        assert_eq!(factors[8], (1.8 / 2.0 / (2.0 / 7.0)) as f32);
    }
}
