use artkg_files::seeds::derive_seed;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;

/// Works of four tasks (type, school, timeframe, author) in which authors have
/// schools and timeframes; class 1 of everything never occurs.
fn counts() -> CoOccurrence {
    let mut generator = Pcg64Mcg::seed_from_u64(derive_seed(7, 1));
    let works: Vec<Vec<Option<usize>>> = (0..80)
        .map(|_| {
            let author = *pick(&mut generator, &[0, 2, 3, 4]);
            let mut maybe = |class| generator.random_bool(0.9).then_some(class);
            let work = [
                maybe(2),
                maybe(author % 2 * 2),
                maybe(author / 2 + 1),
                maybe(author),
            ];
            work.to_vec()
        })
        .collect();
    CoOccurrence::of(vec![3, 3, 4, 5], works.into_iter())
}

fn pick<'a, T>(generator: &mut Pcg64Mcg, values: &'a [T]) -> &'a T {
    &values[generator.random_range(0..values.len())]
}

/// What heads might say of some images.
fn heads(classes: &[usize], images: usize) -> Vec<Prediction> {
    let mut generator = Pcg64Mcg::seed_from_u64(3);
    classes
        .iter()
        .map(|&classes| {
            let logits: Vec<f32> = (0..images * classes)
                .map(|_| 4.0 * generator.random::<f32>())
                .collect();
            let values = artkg_measure::probabilities(&logits, classes, 1.0);
            Prediction::most_probable(values, classes)
        })
        .collect()
}

#[test]
fn quotients_agree_with_values_worked_by_hand() {
    let works = [[1, 1], [1, 1], [1, 2], [2, 2]].map(|work| work.map(Some).to_vec());
    let counts = CoOccurrence::of(vec![3, 3], works.into_iter());
    let quotients = quotients(&counts, 0, 1);
    // One work more, spread evenly: frequencies (1/3)/5, (2 + 1/3)/5 twice.
    let (rare, common) = (1.0 / 15.0, 7.0 / 15.0);
    let expected = [
        [1.0, 1.0, 1.0],
        [
            0.25,
            (2.0 + common) / (4.0 * common),
            (1.0 + common) / (4.0 * common),
        ],
        [0.5, 0.5, (1.0 + common) / (2.0 * common)],
    ];
    for (value, expected) in quotients.iter().zip(expected.as_flattened()) {
        assert!((value - expected).abs() < 1e-12, "{value} {expected}");
    }
    // Each row is a distribution divided by another.
    let sum = quotients[3] * rare + (quotients[4] + quotients[5]) * common;
    assert!((sum - 1.0).abs() < 1e-12);
}

#[test]
fn messages_agree_with_a_sum_over_all_combinations() {
    let prior = JointPrior {
        counts: counts(),
        strength: 0.7,
        discount: 0.5,
    };
    let joint = prior.prepare(None);
    let classes = prior.counts.classes().to_vec();
    let heads = heads(&classes, 6);
    let predictions = joint.predict(&heads);
    let edges: Vec<(usize, usize, Vec<f64>)> = dependencies(&prior.counts)
        .iter()
        .map(|edge| {
            (
                edge.parent,
                edge.child,
                quotients(&prior.counts, edge.parent, edge.child),
            )
        })
        .collect();
    assert_eq!(edges.len(), 3);
    for image in 0..6 {
        let mut sums: Vec<Vec<f64>> = classes.iter().map(|count| vec![0.0; *count]).collect();
        let mut best = (0.0, Vec::new());
        for number in 0..classes.iter().product::<usize>() {
            let mut rest = number;
            let tags: Vec<usize> = classes
                .iter()
                .map(|count| (rest % count, rest /= count).0)
                .collect();
            let mut product = 1.0;
            for (task, tag) in tags.iter().enumerate() {
                product *= f64::from(heads[task].row(image)[*tag]).powf(1.0 / 1.35);
            }
            for (parent, child, weights) in &edges {
                product *= weights[tags[*parent] * classes[*child] + tags[*child]].powf(0.7);
            }
            for (task, tag) in tags.iter().enumerate() {
                sums[task][*tag] += product;
            }
            if product > best.0 {
                best = (product, tags);
            }
        }
        for (task, sums) in sums.iter().enumerate() {
            let total: f64 = sums.iter().sum();
            for (sum, value) in sums.iter().zip(predictions[task].row(image)) {
                assert!((sum / total - f64::from(*value)).abs() < 1e-6);
            }
            assert_eq!(predictions[task].chosen[image], best.1[task]);
        }
    }
}

#[test]
fn without_strength_each_head_chooses_for_itself() {
    let prior = JointPrior {
        counts: counts(),
        strength: 0.7,
        discount: 0.5,
    };
    let heads = heads(prior.counts.classes(), 20);
    for (alone, joint) in heads.iter().zip(prior.prepare(Some(0.0)).predict(&heads)) {
        assert_eq!(alone.chosen, joint.chosen);
        let pairs = alone.probabilities.iter().zip(&joint.probabilities);
        assert!(
            pairs
                .into_iter()
                .all(|(left, right)| (left - right).abs() < 1e-6)
        );
    }
}

#[test]
fn one_sure_head_corrects_another() {
    // Authors 2 and 3 paint in timeframes of their own.
    let works = [[1, 1], [2, 2]]
        .iter()
        .flat_map(|work| vec![work.map(Some).to_vec(); 20]);
    let counts = CoOccurrence::of(vec![3, 3], works);
    let prior = JointPrior {
        counts,
        strength: 1.0,
        discount: 0.0,
    };
    let heads = [
        Prediction::most_probable(vec![0.02, 0.95, 0.03], 3),
        Prediction::most_probable(vec![0.0, 0.4, 0.6], 3),
    ];
    let joint = prior.prepare(None);
    assert_eq!(joint.counts().conflicts(&[1, 2]), [(0, 1)]);
    let predictions = joint.predict(&heads);
    assert_eq!((predictions[0].chosen[0], predictions[1].chosen[0]), (1, 1));
    assert!(predictions[1].confidence(0) > 0.9);
    assert_eq!(
        predictions[1].probabilities[0], 0.0,
        "what a head rules out stays so"
    );
}

#[test]
fn strength_is_what_the_validation_works_bear_out() {
    let counts = counts();
    let classes = counts.classes().to_vec();
    let heads = heads(&classes, 300);
    // Truth drawn from the joint model itself, and from the heads alone.
    let draw = |strength: f64| -> Vec<Vec<Option<usize>>> {
        let prior = JointPrior {
            counts: counts.clone(),
            strength,
            discount: 0.0,
        };
        let joint = prior.prepare(None);
        let mut generator = Pcg64Mcg::seed_from_u64(11);
        let tasks = joint.predict(&heads);
        let choose = |row: &[f32], generator: &mut Pcg64Mcg| {
            let mut draw = generator.random::<f32>();
            let class = row.iter().position(|value| {
                draw -= value;
                draw < 0.0
            });
            Some(class.unwrap_or(row.len() - 1))
        };
        let images = 0..300;
        tasks
            .iter()
            .map(|task| {
                images
                    .clone()
                    .map(|image| choose(task.row(image), &mut generator))
                    .collect()
            })
            .collect()
    };
    let fitted = |targets: &[Vec<Option<usize>>]| {
        let targets: Vec<&[Option<usize>]> = targets.iter().map(Vec::as_slice).collect();
        JointPrior::fit(counts.clone(), &heads, &targets)
    };
    let (strong, none) = (fitted(&draw(1.0)), fitted(&draw(0.0)));
    assert!((0.7..1.4).contains(&strong.strength), "{strong:?}");
    assert!(none.strength < 0.2, "{none:?}");
    let text = serde_json::to_string(&strong).unwrap();
    let read: JointPrior = serde_json::from_str(&text).unwrap();
    assert_eq!(read.counts, strong.counts);
    assert!((read.strength - strong.strength).abs() < 1e-12);
    strong.check(&classes).unwrap();
    let missing = vec![vec![None; 300]; 4];
    assert_eq!(fitted(&missing).strength, 0.0);
}
