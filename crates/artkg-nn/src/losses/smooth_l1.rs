use std::ops::Range;

use candle_core::{DType, Shape, Tensor};

use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};

/// Smooth L1 loss of `prediction` against `target`, both `[batch, features]`,
/// averaged over all values of the rows that `rows` keeps (all without it).
///
/// A difference `d` costs `d² / (2 delta)` below `delta` and `|d| - delta / 2`
/// from there on (Girshick, ICCV 2015; PyTorch's `beta`). Without any kept row
/// the loss is 0 with gradients of 0. The result is a scalar, differentiable in
/// `prediction` and `target`.
///
/// # Errors
/// When the shapes differ, `rows` has the wrong length, or `delta` is negative
/// or not a number.
pub fn smooth_l1(
    prediction: &Tensor,
    target: &Tensor,
    rows: Option<&[bool]>,
    delta: f32,
) -> Result<Tensor> {
    let (batch, features) = prediction.dims2()?;
    if target.dims() != prediction.dims() {
        return Err(Error::Argument(format!(
            "smooth L1 needs a target of the prediction's shape {:?}, got {:?}",
            prediction.dims(),
            target.dims()
        )));
    }
    if !(delta >= 0.0 && delta.is_finite()) {
        return Err(Error::setting(
            "delta of smooth L1",
            "is a number from 0 up",
            delta,
        ));
    }
    let kept = match rows {
        None => batch,
        Some(rows) if rows.len() == batch => rows.iter().filter(|keep| **keep).count(),
        Some(rows) => {
            return Err(Error::Argument(format!(
                "smooth L1 of {batch} rows needs as many mask entries, got {}",
                rows.len()
            )));
        }
    };
    let operation = SmoothL1 {
        rows: rows.map(Box::from),
        features,
        count: kept * features,
        delta,
    };
    let prediction = prediction.to_dtype(DType::F32)?;
    let target = target.to_dtype(DType::F32)?;
    apply(&[&prediction, &target], operation)
}

struct SmoothL1 {
    rows: Option<Box<[bool]>>,
    features: usize,
    /// How many values are averaged.
    count: usize,
    delta: f32,
}

impl SmoothL1 {
    /// The ranges among `length` values that count, row by row.
    fn kept_ranges(&self, length: usize) -> impl Iterator<Item = Range<usize>> {
        (0..length / self.features.max(1))
            .filter(|row| self.rows.as_ref().is_none_or(|rows| rows[*row]))
            .map(|row| row * self.features..(row + 1) * self.features)
    }

    /// What a difference costs.
    fn loss(&self, difference: f32) -> f32 {
        let distance = difference.abs();
        if distance < self.delta {
            0.5 * distance * distance / self.delta
        } else {
            distance - 0.5 * self.delta
        }
    }

    /// The derivative of [`Self::loss`].
    fn slope(&self, difference: f32) -> f32 {
        if difference.abs() < self.delta {
            difference / self.delta
        } else if difference == 0.0 {
            0.0 // delta is 0: the kink of |d|
        } else {
            difference.signum()
        }
    }
}

impl Operation for SmoothL1 {
    fn name(&self) -> &'static str {
        "smooth L1"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from(()))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let (prediction, target) = (operands[0], operands[1]);
        let mut sum = 0.0;
        for range in self.kept_ranges(prediction.len()) {
            for (prediction, target) in prediction[range.clone()].iter().zip(&target[range]) {
                sum += f64::from(self.loss(prediction - target));
            }
        }
        let mean = sum / self.count.max(1) as f64;
        Ok(vec![mean as f32])
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (prediction, target) = (pass.operands[0], pass.operands[1]);
        let scale = pass.gradient[0] / self.count.max(1) as f32;
        let mut gradient = vec![0.0; prediction.len()];
        for range in self.kept_ranges(prediction.len()) {
            let pairs = prediction[range.clone()].iter().zip(&target[range.clone()]);
            for (gradient, (prediction, target)) in gradient[range].iter_mut().zip(pairs) {
                *gradient = scale * self.slope(prediction - target);
            }
        }
        let for_target =
            pass.when_wanted(1, || gradient.iter().map(|gradient| -gradient).collect());
        Ok(vec![Some(gradient), for_target])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    fn loss(prediction: &[f32], rows: Option<&[bool]>, delta: f32) -> f32 {
        let shape = (prediction.len(), 1);
        let prediction = Tensor::from_slice(prediction, shape, &Device::Cpu).unwrap();
        let target = prediction.zeros_like().unwrap();
        let loss = smooth_l1(&prediction, &target, rows, delta).unwrap();
        loss.to_scalar().unwrap()
    }

    #[test]
    fn quadratic_below_delta_and_linear_above() {
        assert_eq!(loss(&[0.5], None, 1.0), 0.125);
        assert_eq!(loss(&[-3.0], None, 1.0), 2.5);
        assert_eq!(loss(&[1.0], None, 2.0), 0.25);
        assert_eq!(loss(&[-3.0], None, 0.0), 3.0);
        assert_eq!(loss(&[0.5, 3.0], None, 1.0), (0.125 + 2.5) / 2.0);
    }

    #[test]
    fn masked_rows_do_not_count() {
        let rows = [true, false, true];
        assert_eq!(
            loss(&[0.5, 1e9, 3.0], Some(&rows), 1.0),
            (0.125 + 2.5) / 2.0
        );
        assert_eq!(
            loss(&[0.5, f32::NAN, 3.0], Some(&rows), 1.0),
            (0.125 + 2.5) / 2.0
        );
        assert_eq!(loss(&[0.5, 1.0, 3.0], Some(&[false; 3]), 1.0), 0.0);
    }

    #[test]
    fn gradients_match_differences() {
        // Steps across the kink at delta cost accuracy in the difference only.
        let arguments = [
            random_tensor(&[6, 5], 3.0, 1),
            random_tensor(&[6, 5], 3.0, 2),
        ];
        let rows = [true, true, false, true, false, true];
        for rows in [None, Some(&rows[..])] {
            for delta in [0.5, 1.0, 2.0] {
                assert_gradients(&arguments, 1e-2, |a| smooth_l1(&a[0], &a[1], rows, delta));
            }
        }
    }

    #[test]
    fn a_batch_without_rows_costs_nothing() {
        let prediction = Var::from_tensor(&random_tensor(&[2, 3], 1.0, 1)).unwrap();
        let target = random_tensor(&[2, 3], 1.0, 2);
        let loss = smooth_l1(&prediction, &target, Some(&[false; 2]), 1.0).unwrap();
        let gradients = loss.backward().unwrap();
        let gradient = gradients
            .get(&prediction)
            .unwrap()
            .to_vec2::<f32>()
            .unwrap();
        assert_eq!(gradient, [[0.0; 3]; 2]);
        assert!(gradients.get(&target).is_none());
    }

    #[test]
    fn wrong_arguments_are_named() {
        let prediction = random_tensor(&[2, 3], 1.0, 1);
        let other = random_tensor(&[2, 4], 1.0, 1);
        let text = smooth_l1(&prediction, &other, None, 1.0)
            .unwrap_err()
            .to_string();
        assert!(text.contains("[2, 3]") && text.contains("[2, 4]"), "{text}");
        let text = smooth_l1(&prediction, &prediction, Some(&[true]), 1.0)
            .unwrap_err()
            .to_string();
        assert!(text.contains("2 rows") && text.contains("got 1"), "{text}");
        assert!(smooth_l1(&prediction, &prediction, None, -1.0).is_err());
        assert!(smooth_l1(&prediction, &prediction, None, f32::NAN).is_err());
    }
}
