use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Shape};

use crate::values::contiguous;
use crate::{DType, Error, Result, Tensor};

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
        return Err(Error::Argument(format!(
            "the delta of smooth L1 is a number from 0 up, got {delta}"
        )));
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
        rows: rows.map(Arc::from),
        features,
        count: kept * features,
        delta,
    };
    let prediction = prediction.to_dtype(DType::F32)?.contiguous()?;
    let target = target.to_dtype(DType::F32)?.contiguous()?;
    Ok(prediction.apply_op2(&target, operation)?)
}

#[derive(Clone)]
struct SmoothL1 {
    rows: Option<Arc<[bool]>>,
    features: usize,
    /// How many values are averaged.
    count: usize,
    delta: f32,
}

impl SmoothL1 {
    /// The ranges of values that count, row by row.
    fn kept_ranges(&self, batch: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
        (0..batch)
            .filter(|row| self.rows.as_ref().is_none_or(|rows| rows[*row]))
            .map(|row| row * self.features..(row + 1) * self.features)
    }
}

impl CustomOp2 for SmoothL1 {
    fn name(&self) -> &'static str {
        "smooth L1"
    }

    fn cpu_fwd(
        &self,
        prediction: &CpuStorage,
        prediction_layout: &Layout,
        target: &CpuStorage,
        target_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let batch = prediction_layout.dims()[0];
        let prediction = contiguous(prediction, prediction_layout)?;
        let target = contiguous(target, target_layout)?;
        let mut sum = 0.0;
        for range in self.kept_ranges(batch) {
            for (prediction, target) in prediction[range.clone()].iter().zip(&target[range]) {
                let distance = (prediction - target).abs();
                sum += f64::from(if distance < self.delta {
                    0.5 * distance * distance / self.delta
                } else {
                    distance - 0.5 * self.delta
                });
            }
        }
        let mean = sum / self.count.max(1) as f64;
        Ok((CpuStorage::F32(vec![mean as f32]), Shape::from(())))
    }

    fn bwd(
        &self,
        prediction: &Tensor,
        target: &Tensor,
        _loss: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let operation = SmoothL1Gradient(self.clone());
        let gradient = gradient.contiguous()?;
        let for_prediction = prediction.apply_op3_no_bwd(target, &gradient, &operation)?;
        let for_target = target
            .track_op()
            .then(|| for_prediction.neg())
            .transpose()?;
        Ok((Some(for_prediction), for_target))
    }
}

/// The gradient of [`SmoothL1`] in the prediction, from the prediction, the
/// target and the loss's gradient.
struct SmoothL1Gradient(SmoothL1);

impl CustomOp3 for SmoothL1Gradient {
    fn name(&self) -> &'static str {
        "gradient of smooth L1"
    }

    fn cpu_fwd(
        &self,
        prediction: &CpuStorage,
        prediction_layout: &Layout,
        target: &CpuStorage,
        target_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let batch = prediction_layout.dims()[0];
        let prediction = contiguous(prediction, prediction_layout)?;
        let target = contiguous(target, target_layout)?;
        let scale = contiguous(gradient, gradient_layout)?[0] / self.0.count.max(1) as f32;
        let mut output = vec![0.0; prediction.len()];
        for range in self.0.kept_ranges(batch) {
            let pairs = prediction[range.clone()].iter().zip(&target[range.clone()]);
            for (output, (prediction, target)) in output[range].iter_mut().zip(pairs) {
                let difference = prediction - target;
                *output = scale
                    * if difference.abs() < self.0.delta {
                        difference / self.0.delta
                    } else if difference == 0.0 {
                        0.0 // delta is 0: the kink of |d|
                    } else {
                        difference.signum()
                    };
            }
        }
        Ok((CpuStorage::F32(output), prediction_layout.shape().clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};
    use crate::{Device, Var};

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
