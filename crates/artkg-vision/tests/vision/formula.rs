//! Weights and images by formula, as `fixtures/make_fixtures.py` makes them.

use std::collections::HashMap;

use artkg_nn::{Device, ParameterStore, Tensor};
use artkg_vision::{Architecture, Backbone, BackboneOptions, Bottleneck, create_backbone};

/// The number of outputs of the formula networks' classifiers.
pub(crate) const CLASSES: usize = 10;

/// `count` values in [-1, 1): FNV-1a of the name, then SplitMix64 by index.
pub(crate) fn uniform(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |seed, byte| {
        (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (1..=count as u64).map(move |index| {
        let z = seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let z = z ^ (z >> 31);
        (z >> 40) as f64 / f64::from(1 << 23) - 1.0
    })
}

/// The value of a parameter, in PyTorch's layout.
fn parameter(name: &str, shape: &[usize]) -> Tensor {
    let values = uniform(name, shape.iter().product());
    // As `shift + factor * value`.
    let (shift, factor) = match *shape {
        [outputs, _, height, width] => (0.0, (6.0 / (outputs * height * width) as f64).sqrt()),
        [_, inputs] if inputs > 2048 => (0.0, (6.0 / inputs as f64).sqrt()),
        _ if name.ends_with("running_var") => (1.0, 0.5),
        // Modest residual branches: with full ones the gradients of a network
        // this deep amplify rounding until PyTorch differs from itself.
        [_] if name.ends_with("bn3.weight") => (0.2, 0.04),
        [_] if name.ends_with("weight") => (1.0, 0.2),
        _ => (0.0, 0.1),
    };
    let values: Vec<f32> = values
        .map(|value| (shift + factor * value) as f32)
        .collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// Every tensor of a backbone by formula, in PyTorch's layout.
pub(crate) fn tensors(store: &ParameterStore) -> HashMap<String, Tensor> {
    let exported = store.export().unwrap();
    exported
        .into_iter()
        .map(|(name, tensor)| {
            let value = parameter(&name, tensor.dims());
            (name, value)
        })
        .collect()
}

/// A backbone with the formula's weights, without dropout.
pub(crate) fn backbone(
    architecture: Architecture,
    bottleneck: Bottleneck,
) -> (ParameterStore, Backbone) {
    let store = ParameterStore::blank(&Device::Cpu);
    let options = BackboneOptions {
        classes: Some(CLASSES),
        dropout: Some(0.0),
        auxiliary: true,
        ..BackboneOptions::default()
    };
    let backbone = create_backbone(&store.root(), architecture, bottleneck, options).unwrap();
    let tensors = tensors(&store);
    assert_eq!(store.load(&tensors).unwrap(), Vec::<String>::new());
    (store, backbone)
}

/// Waves of several lengths, `[count, size, size, 3]`.
pub(crate) fn images(count: usize, size: usize) -> Tensor {
    let mut values = Vec::with_capacity(count * size * size * 3);
    for b in 0..count {
        for h in 0..size {
            for w in 0..size {
                for c in 0..3 {
                    let (b, c, h, w) = (b as f64, c as f64, h as f64, w as f64);
                    let slow = (0.02 * (b + 1.0) * h + 0.03 * (c + 1.0) * w).sin();
                    let fast = (0.4 * h * (c + 1.0) - 0.3 * w * (b + 1.0)).sin();
                    values.push((1.2 * slow + 0.8 * fast) as f32);
                }
            }
        }
    }
    Tensor::from_vec(values, (count, size, size, 3), &Device::Cpu).unwrap()
}

/// The largest difference between two tensors, relative to the largest value.
pub(crate) fn relative_difference(found: &Tensor, expected: &Tensor) -> f32 {
    let flat = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    assert_eq!(found.dims(), expected.dims());
    let (found, expected) = (flat(found), flat(expected));
    let scale = expected.iter().fold(0.0_f32, |max, v| max.max(v.abs()));
    let difference = found
        .iter()
        .zip(&expected)
        // NaN compares false, so it must count as a difference by itself.
        .map(|(f, e)| {
            if f.is_nan() {
                f32::INFINITY
            } else {
                (f - e).abs()
            }
        })
        .fold(0.0_f32, f32::max);
    difference / scale
}
