use std::sync::Arc;

use candle_core::{DType, Device, Tensor, Var};

use super::{CrossEntropy, IGNORED, cross_entropy};
use crate::finite_difference::{assert_gradients, random_tensor};

const TARGETS: [u32; 6] = [0, 4, IGNORED, 2, 2, IGNORED];

fn value(loss: &CrossEntropy, logits: &Tensor, targets: &[u32]) -> f32 {
    let loss = loss.loss(logits, targets).unwrap();
    loss.to_scalar().unwrap()
}

fn weighted(weights: &[f32]) -> CrossEntropy {
    CrossEntropy {
        class_weights: Some(weights.into()),
        ..CrossEntropy::default()
    }
}

fn focused(focus: f32) -> CrossEntropy {
    CrossEntropy {
        focus,
        ..CrossEntropy::default()
    }
}

fn adjusted(adjustment: &[f32]) -> CrossEntropy {
    CrossEntropy {
        adjustment: Some(adjustment.into()),
        ..CrossEntropy::default()
    }
}

#[test]
fn equal_logits_cost_the_logarithm_of_the_classes() {
    let logits = Tensor::zeros((3, 8), DType::F32, &Device::Cpu).unwrap();
    for smoothing in [0.0, 0.3, 1.0] {
        let loss = cross_entropy(&logits, &[0, 7, IGNORED], smoothing).unwrap();
        let loss = loss.to_scalar::<f32>().unwrap();
        assert!((loss - 8f32.ln()).abs() < 1e-6, "{loss}");
    }
}

#[test]
fn large_logits_stay_finite() {
    let logits = Tensor::new(&[[1e4f32, -1e4, 0.0]], &Device::Cpu).unwrap();
    assert_eq!(value(&CrossEntropy::default(), &logits, &[0]), 0.0);
    assert_eq!(value(&CrossEntropy::default(), &logits, &[1]), 2e4);
    for focus in [0.5, 1.0, 2.0] {
        assert_eq!(value(&focused(focus), &logits, &[0]), 0.0);
        assert_eq!(value(&focused(focus), &logits, &[1]), 2e4);
        for target in [0, 1] {
            let logits = Var::from_tensor(&logits).unwrap();
            let loss = focused(focus).loss(&logits, &[target]).unwrap();
            let gradients = loss.backward().unwrap();
            let gradient = gradients.get(&logits).unwrap().to_vec2::<f32>().unwrap();
            let expected = [[0.0, 0.0, 0.0], [1.0, -1.0, 0.0]][target as usize];
            assert_eq!(gradient, [expected], "focus {focus}");
        }
    }
}

#[test]
fn weights_and_adjustments_change_what_they_should() {
    let logits = Tensor::zeros((2, 2), DType::F32, &Device::Cpu).unwrap();
    let close = |value: f32, expected: f32| {
        assert!((value - expected).abs() < 1e-6, "{value}, not {expected}");
    };
    // Odds of 3 to 1 in favour of the first class.
    let loss = adjusted(&[3f32.ln(), 0.0]);
    close(value(&loss, &logits, &[0, IGNORED]), (4f32 / 3.0).ln());
    close(value(&loss, &logits, &[1, IGNORED]), 4f32.ln());
    let loss = CrossEntropy {
        class_weights: Some([1.0, 3.0].into()),
        ..loss
    };
    let expected = 0.25 * (4f32 / 3.0).ln() + 0.75 * 4f32.ln();
    close(value(&loss, &logits, &[0, 1]), expected);
    // A probability of one half, squared.
    close(value(&focused(2.0), &logits, &[0, 1]), 0.25 * 2f32.ln());
}

#[test]
fn settings_without_effect_are_plain() {
    let logits = random_tensor(&[6, 5], 2.0, 1);
    let plain = value(&CrossEntropy::default(), &logits, &TARGETS);
    for loss in [weighted(&[2.0; 5]), adjusted(&[-3.0; 5]), focused(1e-7)] {
        let value = value(&loss, &logits, &TARGETS);
        assert!((value - plain).abs() < 1e-6, "{value}, not {plain}");
    }
}

#[test]
fn gradients_match_differences() {
    let logits = random_tensor(&[6, 5], 2.0, 1);
    let weights: Arc<[f32]> = [0.2, 1.0, 0.5, 4.0, 0.0].into();
    let adjustment: Arc<[f32]> = [-0.3, -2.0, 0.0, 1.5, -1.0].into();
    for class_weights in [None, Some(weights)] {
        for adjustment in [None, Some(adjustment.clone())] {
            for (label_smoothing, focus) in [
                (0.0, 0.0),
                (0.2, 0.0),
                (1.0, 0.0),
                (0.0, 0.5),
                (0.0, 1.0),
                (0.0, 2.0),
            ] {
                let loss = CrossEntropy {
                    label_smoothing,
                    focus,
                    class_weights: class_weights.clone(),
                    adjustment: adjustment.clone(),
                };
                assert_gradients(std::slice::from_ref(&logits), 2e-3, |a| {
                    loss.loss(&a[0], &TARGETS)
                });
            }
        }
    }
    // The loss's own gradient is not always one.
    assert_gradients(&[logits], 2e-3, |a| {
        Ok((cross_entropy(&a[0], &TARGETS, 0.1)?.affine(-3.0, 0.0))?)
    });
}

#[test]
fn a_batch_without_targets_costs_nothing() {
    let smoothed = CrossEntropy {
        label_smoothing: 0.1,
        ..CrossEntropy::default()
    };
    for (loss, targets) in [
        (smoothed, [IGNORED; 2]),
        (focused(2.0), [IGNORED; 2]),
        (weighted(&[1.0, 0.0, 1.0]), [1, IGNORED]),
    ] {
        let logits = Var::from_tensor(&random_tensor(&[2, 3], 1.0, 1)).unwrap();
        let loss = loss.loss(&logits, &targets).unwrap();
        assert_eq!(loss.to_scalar::<f32>().unwrap(), 0.0);
        let gradients = loss.backward().unwrap();
        let gradient = gradients.get(&logits).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(gradient, [[0.0; 3]; 2]);
    }
}

#[test]
fn wrong_arguments_are_named() {
    let logits = random_tensor(&[3, 4], 1.0, 1);
    let message = |targets: &[u32], smoothing| {
        cross_entropy(&logits, targets, smoothing)
            .unwrap_err()
            .to_string()
    };
    let text = message(&[0, IGNORED, 4], 0.0);
    assert!(text.contains("row 2 has the target 4"), "{text}");
    let text = message(&[0, 1], 0.0);
    assert!(text.contains("3 rows") && text.contains("got 2"), "{text}");
    assert!(message(&[0, 1, 2], 1.5).contains("1.5"));
    assert!(message(&[0, 1, 2], f32::NAN).contains("NaN"));
}

#[test]
fn wrong_settings_are_named() {
    let logits = random_tensor(&[3, 4], 1.0, 1);
    let message = |loss: &CrossEntropy| {
        let error = loss.loss(&logits, &[0, 1, 2]).unwrap_err();
        error.to_string()
    };
    for focus in [-1.0, f32::NAN, f32::INFINITY] {
        let text = message(&focused(focus));
        assert!(text.contains("focus"), "{text}");
        assert!(text.contains(&focus.to_string()), "{text}");
    }
    let text = message(&CrossEntropy {
        label_smoothing: 0.1,
        ..focused(2.0)
    });
    assert!(
        text.contains("focus of 2") && text.contains("0.1"),
        "{text}"
    );
    let text = message(&weighted(&[1.0; 3]));
    assert!(
        text.contains("4 classes") && text.contains("got 3"),
        "{text}"
    );
    let text = message(&weighted(&[1.0, 1.0, -1.0, 1.0]));
    assert!(text.contains("class 2 has -1"), "{text}");
    let text = message(&adjusted(&[0.0; 5]));
    assert!(
        text.contains("4 classes") && text.contains("got 5"),
        "{text}"
    );
    // The logarithm of the share of a class without examples.
    let text = message(&adjusted(&[0.0, f32::NEG_INFINITY, 0.0, 0.0]));
    assert!(text.contains("class 1 has -inf"), "{text}");
}

#[test]
fn a_logit_that_is_no_number_shows_in_the_loss() {
    let logits = Tensor::new(&[[0f32, f32::NAN], [0.0, 1.0]], &Device::Cpu).unwrap();
    for loss in [CrossEntropy::default(), focused(2.0), weighted(&[1.0, 2.0])] {
        assert!(value(&loss, &logits, &[0, 0]).is_nan());
        assert!(value(&loss, &logits, &[1, 0]).is_nan());
        assert!(value(&loss, &logits, &[IGNORED, 0]).is_finite());
    }
}
