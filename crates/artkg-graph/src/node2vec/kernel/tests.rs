use pulp::{Simd, WithSimd};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::{TILE, Tile, step};

/// Runs the kernel on an instruction set of the test's choice.
struct Step<'a> {
    contexts: &'a mut [f32],
    rows: &'a [u32],
    tile: Tile<'a>,
    rate: f32,
}

impl WithSimd for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        step(simd, self.contexts, self.rows, self.tile, self.rate);
    }
}

const DIMENSION: usize = 16;

fn loss(contexts: &[f32], rows: &[u32], targets: &[f32], weights: &[f32], labels: &[f32]) -> f64 {
    let mut loss = 0.0;
    for &row in rows {
        let context = &contexts[row as usize * DIMENSION..][..DIMENSION];
        for place in 0..TILE {
            let target = &targets[place * DIMENSION..][..DIMENSION];
            let products = context
                .iter()
                .zip(target)
                .map(|(a, b)| f64::from(*a) * f64::from(*b));
            let score: f64 = products.sum();
            let sign = if labels[place] == 1.0 { 1.0 } else { -1.0 };
            loss += f64::from(weights[place]) * (-sign * score).exp().ln_1p();
        }
    }
    loss
}

/// Changes the contexts or the targets by a number.
type Change<'a> = dyn Fn(&mut [f32], &mut [f32], f32) + 'a;

#[test]
fn the_step_is_the_gradient_by_finite_differences() {
    let mut random = Pcg64Mcg::seed_from_u64(2);
    let mut draw = |count: usize| -> Vec<f32> {
        (0..count)
            .map(|_| random.random::<f32>() * 1.6 - 0.8)
            .collect()
    };
    let weights = [1.0, 1.0, 2.0, 1.0, 0.0, 1.0];
    let labels = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    for row in [0, 2, 4] {
        let rows = [row];
        let (contexts, targets) = (draw(5 * DIMENSION), draw(TILE * DIMENSION));
        let (mut new_contexts, mut new_targets) = (contexts.clone(), targets.clone());
        // A large rate, so that differences of f32 are accurate; the update is
        // linear in it.
        let rate = 8.0;
        let step = Step {
            contexts: &mut new_contexts,
            rows: &rows,
            tile: Tile {
                targets: &mut new_targets,
                weights,
                labels,
            },
            rate,
        };
        pulp::Arch::new().dispatch(step);
        let difference = |change: &Change<'_>| {
            let at = |by: f32| {
                let (mut contexts, mut targets) = (contexts.clone(), targets.clone());
                change(&mut contexts, &mut targets, by);
                loss(&contexts, &rows, &targets, &weights, &labels)
            };
            (at(1e-3) - at(-1e-3)) / 2e-3
        };
        for index in 0..contexts.len() {
            let slope = difference(&|contexts, _, by| contexts[index] += by);
            let step = f64::from((contexts[index] - new_contexts[index]) / rate);
            assert!(
                (slope - step).abs() < 2e-4,
                "context {index}: {slope} and {step}"
            );
        }
        for index in 0..targets.len() {
            let slope = difference(&|_, targets, by| targets[index] += by);
            let step = f64::from((targets[index] - new_targets[index]) / rate);
            assert!(
                (slope - step).abs() < 2e-4,
                "target {index}: {slope} and {step}"
            );
        }
    }
}

#[test]
fn contexts_take_their_steps_in_turn() {
    let mut random = Pcg64Mcg::seed_from_u64(5);
    let mut draw =
        |count: usize| -> Vec<f32> { (0..count).map(|_| random.random::<f32>() - 0.5).collect() };
    let (contexts, targets) = (draw(4 * DIMENSION), draw(TILE * DIMENSION));
    let run = |windows: &[&[u32]]| {
        let (mut contexts, mut targets) = (contexts.clone(), targets.clone());
        for rows in windows {
            let tile = Tile {
                targets: &mut targets,
                weights: [1.0; TILE],
                labels: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            };
            pulp::Arch::new().dispatch(Step {
                contexts: &mut contexts,
                rows,
                tile,
                rate: 0.5,
            });
        }
        (contexts, targets)
    };
    assert_eq!(run(&[&[2, 0, 2]]), run(&[&[2], &[0], &[2]]));
    assert_ne!(run(&[&[2, 0, 2]]), run(&[&[2, 0]]));
}

#[test]
fn every_instruction_set_gives_the_same_step() {
    let mut random = Pcg64Mcg::seed_from_u64(4);
    let mut draw =
        |count: usize| -> Vec<f32> { (0..count).map(|_| random.random::<f32>() - 0.5).collect() };
    let (contexts, targets) = (draw(7 * 48), draw(TILE * 48));
    let (weights, labels) = ([1.0; TILE], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let rows = [1, 5, 3, 5, 0];
    let (mut fast, mut plain) = ((contexts.clone(), targets.clone()), (contexts, targets));
    let rate = 0.5;
    pulp::Arch::new().dispatch(Step {
        contexts: &mut fast.0,
        rows: &rows,
        tile: Tile {
            targets: &mut fast.1,
            weights,
            labels,
        },
        rate,
    });
    Step {
        contexts: &mut plain.0,
        rows: &rows,
        tile: Tile {
            targets: &mut plain.1,
            weights,
            labels,
        },
        rate,
    }
    .with_simd(pulp::Scalar);
    let pairs = fast
        .0
        .iter()
        .zip(&plain.0)
        .chain(fast.1.iter().zip(&plain.1));
    for (fast, plain) in pairs {
        assert!((fast - plain).abs() < 1e-5, "{fast} and {plain}");
    }
}
