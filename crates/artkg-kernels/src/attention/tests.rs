use super::*;
use crate::kernel::{all_kernels, all_outer_kernels};

const SIZES: [(usize, usize, usize, usize); 7] = [
    (2, 5, 2, 3),
    (1, 1, 1, 4),
    (2, 17, 5, 8),
    (1, 70, 2, 64),
    (3, 33, 3, 7),
    (1, 131, 1, 40),
    (2, 64, 2, 33),
];

fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count)
        .map(|index| ((index * 7 + seed * 13) * 2_654_435_761 % 4001) as f32 / 1000.0 - 2.0)
        .collect()
}

fn sizes((batch, tokens, heads, channels): (usize, usize, usize, usize)) -> Attention {
    Attention {
        batch,
        tokens,
        heads,
        width: heads * channels,
    }
}

/// By the definition, in `f64`: the result, and the gradient of `projected`.
fn definition(sizes: Attention, projected: &[f32], gradient: &[f32]) -> (Vec<f64>, Vec<f64>) {
    let (tokens, width, channels) = (sizes.tokens, sizes.width, sizes.channels());
    let mut output = vec![0.0; gradient.len()];
    let mut result = vec![0.0; projected.len()];
    let scale = 1.0 / (channels as f64).sqrt();
    for item in 0..sizes.batch {
        for head in 0..sizes.heads {
            let at = |token: usize, part: Part, channel: usize| {
                sizes.start(item, head, part) + token * 3 * width + channel
            };
            let from = |token: usize, part: Part, channel: usize| {
                f64::from(projected[at(token, part, channel)])
            };
            let place = |token: usize, channel: usize| {
                (item * tokens + token) * width + head * channels + channel
            };
            for query in 0..tokens {
                let scores = (0..tokens).map(|key| {
                    let products = (0..channels)
                        .map(|c| from(query, Part::Query, c) * from(key, Part::Key, c));
                    (products.sum::<f64>() * scale).exp()
                });
                let scores: Vec<f64> = scores.collect();
                let sum: f64 = scores.iter().sum();
                let shares: Vec<f64> = scores.iter().map(|score| score / sum).collect();
                let mut gradients = vec![0.0; tokens];
                for c in 0..channels {
                    let wanted = f64::from(gradient[place(query, c)]);
                    for key in 0..tokens {
                        output[place(query, c)] += shares[key] * from(key, Part::Value, c);
                        result[at(key, Part::Value, c)] += shares[key] * wanted;
                        gradients[key] += wanted * from(key, Part::Value, c);
                    }
                }
                let average: f64 = shares.iter().zip(&gradients).map(|(p, g)| p * g).sum();
                for key in 0..tokens {
                    let slope = shares[key] * (gradients[key] - average) * scale;
                    for c in 0..channels {
                        result[at(query, Part::Query, c)] += slope * from(key, Part::Key, c);
                        result[at(key, Part::Key, c)] += slope * from(query, Part::Query, c);
                    }
                }
            }
        }
    }
    (output, result)
}

fn assert_close(found: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(*found) - expected).abs();
        assert!(error <= tolerance, "value {index}: {found} {expected}");
    }
}

#[test]
fn values_and_gradients_are_those_of_the_definition() {
    for case in SIZES {
        let sizes = sizes(case);
        let rows = sizes.batch * sizes.tokens;
        let projected = numbers(rows * 3 * sizes.width, 1);
        let gradient = numbers(rows * sizes.width, 2);
        let (output, expected) = definition(sizes, &projected, &gradient);
        for (kernel, outer) in all_kernels().into_iter().zip(all_outer_kernels()) {
            assert_close(&forward::forward(kernel, sizes, &projected), &output, 1e-5);
            let found = backward::backward((kernel, outer), sizes, &projected, &gradient);
            assert_close(&found, &expected, 3e-5);
        }
    }
}

#[test]
#[ignore = "needs a processor with bf16 products"]
fn values_in_bf16() {
    for case in SIZES {
        let sizes = sizes(case);
        let rows = sizes.batch * sizes.tokens;
        let projected: Vec<bf16> = numbers(rows * 3 * sizes.width, 1)
            .into_iter()
            .map(bf16::from_f32)
            .collect();
        let found = sizes.forward_bf16(&projected).expect("bf16 products");
        let found: Vec<f32> = found.into_iter().map(bf16::to_f32).collect();
        let projected: Vec<f32> = projected.into_iter().map(bf16::to_f32).collect();
        let (expected, _) = definition(sizes, &projected, &numbers(found.len(), 2));
        // Results and probabilities are rounded to 8 bits.
        assert_close(&found, &expected, 2.0 / 100.0);
    }
}

#[test]
fn large_scores_neither_overflow_nor_vanish() {
    let sizes = sizes((1, 3, 1, 2));
    let mut projected = vec![0.0; 18];
    // The queries are alike; the second key wins by far, the first by nothing.
    for token in 0..3 {
        projected[token * 6] = 1e4;
        projected[token * 6 + 2] = [1.0, 50.0, -50.0][token];
        projected[token * 6 + 4] = [1.0, 2.0, 3.0][token];
    }
    for value in sizes.forward(&projected).chunks_exact(2) {
        assert_eq!(value, [2.0, 0.0]);
    }
}

#[test]
fn what_is_not_a_number_stays_in_its_item() {
    let sizes = sizes((2, 20, 1, 4));
    for bad in [f32::NAN, f32::INFINITY] {
        let mut projected = numbers(2 * 20 * 12, 1);
        // A value of the first item, then a key.
        for place in [9, 5] {
            projected[place] = bad;
            let output = sizes.forward(&projected);
            assert!(
                output[..80].iter().any(|value| !value.is_finite()),
                "{place}"
            );
            assert!(
                output[80..].iter().all(|value| value.is_finite()),
                "{place}"
            );
        }
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let sizes = sizes((3, 40, 2, 16));
    let projected = numbers(3 * 40 * 96, 1);
    let gradient = numbers(3 * 40 * 32, 2);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| {
            (
                sizes.forward(&projected),
                sizes.gradient(&projected, &gradient),
            )
        })
    };
    assert_eq!(with(1), with(3));
}
