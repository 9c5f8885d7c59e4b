/// The Davies–Bouldin index of classes in a space of vectors (Davies and
/// Bouldin, IEEE PAMI 1979): for each class the ratio of scatter to distance
/// from the class it is most mixed up with, in the mean. Smaller is better; 0
/// is perfect.
///
/// `vectors` is `[works, dimension]`, `classes` one class a work. `None` with
/// fewer than two classes. As in scikit-learn, classes of one point have no
/// scatter, and classes in one place are left out of each other's comparison.
///
/// # Panics
/// Where `vectors` are not as many as `classes` times `dimension`.
pub fn davies_bouldin(vectors: &[f32], dimension: usize, classes: &[usize]) -> Option<f64> {
    assert_eq!(
        vectors.len(),
        classes.len() * dimension,
        "one vector a class"
    );
    let mut names = classes.to_vec();
    names.sort_unstable();
    names.dedup();
    let place = |class: &usize| names.binary_search(class).unwrap_or_default();
    if names.len() < 2 || dimension == 0 {
        return None;
    }
    let mut counts = vec![0usize; names.len()];
    let mut centres = vec![vec![0f64; dimension]; names.len()];
    for (vector, class) in vectors.chunks_exact(dimension).zip(classes) {
        counts[place(class)] += 1;
        for (sum, value) in centres[place(class)].iter_mut().zip(vector) {
            *sum += f64::from(*value);
        }
    }
    for (centre, count) in centres.iter_mut().zip(&counts) {
        for value in centre {
            *value /= *count as f64;
        }
    }
    let mut scatters = vec![0f64; names.len()];
    for (vector, class) in vectors.chunks_exact(dimension).zip(classes) {
        let place = place(class);
        let squares = vector.iter().zip(&centres[place]);
        let squares = squares.map(|(value, centre)| (f64::from(*value) - centre).powi(2));
        scatters[place] += squares.sum::<f64>().sqrt() / counts[place] as f64;
    }
    let worst = |one: usize| {
        let others = (0..names.len()).filter(|other| *other != one);
        others
            .map(|other| {
                let squares = centres[one].iter().zip(&centres[other]);
                let squares = squares.map(|(left, right)| (left - right).powi(2));
                match squares.sum::<f64>().sqrt() {
                    0.0 => 0.0,
                    distance => (scatters[one] + scatters[other]) / distance,
                }
            })
            .fold(0.0, f64::max)
    };
    let sum: f64 = (0..names.len()).map(worst).sum();
    Some(sum / names.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_that_of_scikit_learn() {
        let fixture: serde_json::Value =
            serde_json::from_str(include_str!("../tests/fixtures/davies_bouldin.json")).unwrap();
        let cases = fixture.as_array().unwrap();
        assert!(cases.len() >= 4);
        for case in cases {
            let vectors: Vec<f32> = serde_json::from_value(case["vectors"].clone()).unwrap();
            let classes: Vec<usize> = serde_json::from_value(case["classes"].clone()).unwrap();
            let dimension = vectors.len() / classes.len();
            let index = davies_bouldin(&vectors, dimension, &classes).unwrap();
            let expected = case["index"].as_f64().unwrap();
            assert!(
                (index - expected).abs() < 1e-9,
                "{} {index} {expected}",
                case["name"]
            );
        }
    }

    #[test]
    fn closer_classes_have_a_larger_index() {
        let index = |gap: f32| {
            let vectors = [0.0, 0.0, 0.0, 1.0, gap, 0.0, gap, 1.0];
            davies_bouldin(&vectors, 2, &[7, 7, 3, 3]).unwrap()
        };
        assert!((index(4.0) - 0.25).abs() < 1e-12);
        assert!(index(1.0) > index(2.0));
        assert_eq!(davies_bouldin(&[1.0, 2.0], 1, &[0, 0]), None);
    }
}
