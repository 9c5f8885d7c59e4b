use artkg_files::seeds::derive_seed;
use artkg_report::{Cloud, ScatterChart};
use bhtsne::{Neighbor, tSNE};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use crate::error::{Error, Result};

/// How many neighbours a point has, about, where there are enough.
const PERPLEXITY: f32 = 30.0;
/// Gradient steps.
const STEPS: usize = 1000;
/// The accuracy of the forces between far points: smaller is more exact.
const THETA: f32 = 0.5;
/// The deviation of the points' first places.
const FIRST_DEVIATION: f32 = 1e-4;
/// Fewer points have no neighbours to speak of.
const FEWEST: usize = 7;

/// A map of vectors, `[works, dimension]`, on which neighbours stay neighbours:
/// t-SNE (van der Maaten and Hinton, JMLR 2008) with the forces of Barnes and
/// Hut, perplexity 30. The same seed gives the same map.
///
/// # Errors
/// With fewer than seven vectors, or values that are not finite.
pub(crate) fn tsne(vectors: &[f32], dimension: usize, seed: u64) -> Result<Vec<(f64, f64)>> {
    let points: Vec<&[f32]> = vectors.chunks_exact(dimension.max(1)).collect();
    if points.len() < FEWEST {
        return Err(Error::Usage(format!(
            "a map needs {FEWEST} works or more, not {}",
            points.len()
        )));
    }
    if let Some(work) = points
        .iter()
        .position(|point| point.iter().any(|value| !value.is_finite()))
    {
        return Err(Error::Usage(format!(
            "vector {work} has values that are not finite"
        )));
    }
    let perplexity = PERPLEXITY.min((points.len() - 1) as f32 / 3.0);
    let neighbours = nearest(&points, (3.0 * perplexity) as usize);
    let mut generator = Pcg64Mcg::seed_from_u64(derive_seed(seed, 0));
    let first: Vec<f32> = (0..2 * points.len())
        .map(|_| FIRST_DEVIATION * normal(&mut generator))
        .collect();
    // On one thread: sums over several come out a little different each time.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .map_err(|error| Error::Usage(format!("cannot start a thread: {error}")))?;
    let places = pool.install(|| {
        let mut map: tSNE<f32, &[f32]> = tSNE::new(&points);
        map.perplexity(perplexity)
            .epochs(STEPS)
            .initial_embedding(first)
            .barnes_hut_with_neighbors(THETA, &neighbours);
        map.embedding()
    });
    let places = places.chunks_exact(2);
    Ok(places
        .map(|place| (f64::from(place[0]), f64::from(place[1])))
        .collect())
}

/// The `count` nearest points of each, by Euclidean distance.
fn nearest(points: &[&[f32]], count: usize) -> Vec<Vec<Neighbor<f32>>> {
    let distance = |one: &[f32], other: &[f32]| -> f32 {
        let squares = one
            .iter()
            .zip(other)
            .map(|(left, right)| (left - right).powi(2));
        squares.sum::<f32>().sqrt()
    };
    let row = |(index, point): (usize, &&[f32])| {
        let others = points
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index);
        let mut row: Vec<Neighbor<f32>> = others
            .map(|(index, other)| Neighbor {
                index,
                distance: distance(point, other),
            })
            .collect();
        row.sort_by(|one, other| one.distance.total_cmp(&other.distance));
        row.truncate(count);
        row
    };
    points.par_iter().enumerate().map(row).collect()
}

/// A draw from the standard normal distribution (Box and Muller, 1958).
fn normal(generator: &mut Pcg64Mcg) -> f32 {
    // 1 - u lies in (0, 1], so the logarithm is finite.
    let radius = (-2.0 * (1.0 - generator.random::<f64>()).ln()).sqrt();
    let angle = std::f64::consts::TAU * generator.random::<f64>();
    (radius * angle.cos()) as f32
}

/// A chart of a map: the `most` largest classes in colours of their own, the
/// others and the works without a class (`None`) in grey.
pub(crate) fn class_map(
    title: impl Into<String>,
    places: &[(f64, f64)],
    classes: &[Option<usize>],
    names: &[String],
    most: usize,
) -> ScatterChart {
    let mut counts = vec![0usize; names.len()];
    for class in classes.iter().flatten() {
        counts[*class] += 1;
    }
    let mut largest: Vec<usize> = (0..names.len())
        .filter(|class| counts[*class] > 0)
        .collect();
    // Of classes of one size the first.
    largest.sort_by_key(|class| std::cmp::Reverse(counts[*class]));
    largest.truncate(most);
    let of = |wanted: &dyn Fn(Option<usize>) -> bool| -> Vec<(f64, f64)> {
        let works = places.iter().zip(classes);
        works
            .filter(|(_, class)| wanted(**class))
            .map(|(place, _)| *place)
            .collect()
    };
    let clouds = largest
        .iter()
        .map(|class| Cloud::new(&names[*class], of(&|other| other == Some(*class))))
        .collect();
    let rest = of(&|class| class.is_none_or(|class| !largest.contains(&class)));
    let rest = (!rest.is_empty()).then(|| Cloud::new("other", rest));
    ScatterChart::map(title, clouds, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three groups of points far apart in ten dimensions.
    fn groups(count: usize) -> (Vec<f32>, Vec<Option<usize>>) {
        let mut generator = Pcg64Mcg::seed_from_u64(4);
        let mut vectors = Vec::new();
        let classes: Vec<Option<usize>> = (0..count).map(|work| Some(work % 3)).collect();
        for class in classes.iter().flatten() {
            for axis in 0..10 {
                let centre = if axis == *class { 8.0 } else { 0.0 };
                vectors.push(centre + normal(&mut generator));
            }
        }
        (vectors, classes)
    }

    #[test]
    fn groups_stay_together_and_the_seed_decides() {
        let (vectors, classes) = groups(150);
        let places = tsne(&vectors, 10, 1).unwrap();
        assert_eq!(places, tsne(&vectors, 10, 1).unwrap());
        assert_ne!(places, tsne(&vectors, 10, 2).unwrap());
        let mut same = 0;
        for (index, place) in places.iter().enumerate() {
            let distance = |other: &(f64, f64)| (other.0 - place.0).hypot(other.1 - place.1);
            let others = (0..places.len()).filter(|other| *other != index);
            let nearest = others
                .min_by(|one, other| distance(&places[*one]).total_cmp(&distance(&places[*other])))
                .unwrap();
            same += usize::from(classes[nearest] == classes[index]);
        }
        assert!(same >= 148, "{same} of 150");
    }

    #[test]
    fn few_points_have_a_map_and_fewer_are_refused() {
        let (vectors, _) = groups(7);
        let places = tsne(&vectors, 10, 0).unwrap();
        assert!(
            places
                .iter()
                .all(|place| place.0.is_finite() && place.1.is_finite())
        );
        assert!(tsne(&vectors[..60], 10, 0).is_err());
        let message = tsne(&[f32::NAN; 70], 10, 0).unwrap_err().to_string();
        assert!(message.contains("vector 0"), "{message}");
    }

    #[test]
    fn the_largest_classes_have_colours() {
        let places = vec![(0.0, 0.0); 7];
        let classes = [Some(2), Some(2), Some(0), Some(1), Some(1), Some(1), None];
        let names = ["a", "b", "c", "d"].map(str::to_owned);
        let chart = class_map("Map", &places, &classes, &names, 2);
        let clouds: Vec<(&str, usize)> = chart
            .clouds
            .iter()
            .map(|cloud| (cloud.name.as_str(), cloud.points.len()))
            .collect();
        assert_eq!(clouds, [("b", 3), ("c", 2)]);
        assert_eq!(chart.rest.unwrap().points.len(), 2);
    }
}
