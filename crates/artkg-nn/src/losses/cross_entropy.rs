use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Shape};
use rayon::prelude::*;

use crate::values::contiguous;
use crate::{DType, Error, Result, Tensor};

/// The target of a row that takes no part in the loss: its label is missing.
pub const IGNORED: u32 = u32::MAX;

/// Softmax cross entropy of `logits` `[batch, classes]` against one target
/// class a row, averaged over the rows whose target is not [`IGNORED`].
///
/// With `label_smoothing` ε the target distribution is `1 - ε` on the target
/// plus `ε / classes` on every class, as in PyTorch. A batch without any target
/// has the loss 0 and gradients of 0. The result is a scalar, differentiable in
/// `logits`.
///
/// # Errors
/// When a target is not a class (the row is named), the number of targets is
/// not the number of rows, or `label_smoothing` is not in `[0, 1]`.
pub fn cross_entropy(logits: &Tensor, targets: &[u32], label_smoothing: f32) -> Result<Tensor> {
    let (rows, classes) = logits.dims2()?;
    if targets.len() != rows {
        return Err(Error::Argument(format!(
            "cross entropy of {rows} rows needs as many targets, got {}",
            targets.len()
        )));
    }
    if !(0.0..=1.0).contains(&label_smoothing) {
        return Err(Error::Argument(format!(
            "label smoothing lies in [0, 1], got {label_smoothing}"
        )));
    }
    let is_wrong = |target: &u32| *target != IGNORED && *target as usize >= classes;
    if let Some(row) = targets.iter().position(is_wrong) {
        return Err(Error::Argument(format!(
            "row {row} has the target {}, but the logits have {classes} classes (0 to {})",
            targets[row],
            classes.saturating_sub(1)
        )));
    }
    let operation = CrossEntropy {
        kept: targets.iter().filter(|target| **target != IGNORED).count(),
        targets: targets.into(),
        label_smoothing,
    };
    let logits = logits.to_dtype(DType::F32)?.contiguous()?;
    Ok(logits.apply_op1(operation)?)
}

#[derive(Clone)]
struct CrossEntropy {
    targets: Arc<[u32]>,
    /// How many targets are not ignored.
    kept: usize,
    label_smoothing: f32,
}

impl CrossEntropy {
    /// The loss of one row.
    fn row_loss(&self, logits: &[f32], target: u32) -> f64 {
        let maximum = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = logits
            .iter()
            .map(|logit| f64::from((logit - maximum).exp()))
            .sum();
        let log_sum = f64::from(maximum) + sum.ln();
        let smoothing = f64::from(self.label_smoothing);
        let mut loss = (1.0 - smoothing) * (log_sum - f64::from(logits[target as usize]));
        if smoothing > 0.0 {
            let total: f64 = logits.iter().map(|logit| f64::from(*logit)).sum();
            loss += smoothing * (log_sum - total / logits.len() as f64);
        }
        loss
    }

    /// `(softmax - target distribution) * scale` of one row.
    fn row_gradient(&self, logits: &[f32], target: u32, scale: f64, gradient: &mut [f32]) {
        let maximum = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for (gradient, logit) in gradient.iter_mut().zip(logits) {
            *gradient = (logit - maximum).exp();
            sum += f64::from(*gradient);
        }
        let factor = (scale / sum) as f32;
        let smoothing = f64::from(self.label_smoothing);
        let everywhere = (scale * smoothing / logits.len() as f64) as f32;
        for value in gradient.iter_mut() {
            *value = *value * factor - everywhere;
        }
        gradient[target as usize] -= (scale * (1.0 - smoothing)) as f32;
    }
}

impl CustomOp1 for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross entropy"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (_, classes) = layout.shape().dims2()?;
        let logits = contiguous(storage, layout)?;
        // Collected in order before the sum: the result must not depend on how
        // the rows were shared between threads.
        let losses: Vec<f64> = if self.kept == 0 {
            Vec::new()
        } else {
            logits
                .par_chunks_exact(classes)
                .zip(self.targets.par_iter())
                .map(|(logits, target)| match *target {
                    IGNORED => 0.0,
                    target => self.row_loss(logits, target),
                })
                .collect()
        };
        let mean = losses.iter().sum::<f64>() / self.kept.max(1) as f64;
        Ok((CpuStorage::F32(vec![mean as f32]), Shape::from(())))
    }

    fn bwd(
        &self,
        logits: &Tensor,
        _loss: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Option<Tensor>> {
        let operation = CrossEntropyGradient(self.clone());
        logits
            .apply_op2_no_bwd(&gradient.contiguous()?, &operation)
            .map(Some)
    }
}

/// The gradient of [`CrossEntropy`] from the logits and the loss's gradient.
struct CrossEntropyGradient(CrossEntropy);

impl CustomOp2 for CrossEntropyGradient {
    fn name(&self) -> &'static str {
        "gradient of cross entropy"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (rows, classes) = logits_layout.shape().dims2()?;
        let logits = contiguous(logits, logits_layout)?;
        let scale =
            f64::from(contiguous(gradient, gradient_layout)?[0]) / self.0.kept.max(1) as f64;
        let mut output = vec![0.0; rows * classes];
        if self.0.kept > 0 {
            output
                .par_chunks_exact_mut(classes)
                .zip(logits.par_chunks_exact(classes))
                .zip(self.0.targets.par_iter())
                .filter(|(_, target)| **target != IGNORED)
                .for_each(|((output, logits), target)| {
                    self.0.row_gradient(logits, *target, scale, output);
                });
        }
        Ok((CpuStorage::F32(output), logits_layout.shape().clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};
    use crate::{Device, Var};

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
        let loss = |target| {
            let loss = cross_entropy(&logits, &[target], 0.0).unwrap();
            loss.to_scalar::<f32>().unwrap()
        };
        assert_eq!(loss(0), 0.0);
        assert_eq!(loss(1), 2e4);
    }

    #[test]
    fn gradients_match_differences() {
        let logits = random_tensor(&[6, 5], 2.0, 1);
        let targets = [0, 4, IGNORED, 2, 2, IGNORED];
        for smoothing in [0.0, 0.2, 1.0] {
            assert_gradients(std::slice::from_ref(&logits), 2e-3, |a| {
                cross_entropy(&a[0], &targets, smoothing)
            });
        }
        // The loss's own gradient is not always one.
        assert_gradients(&[logits], 2e-3, |a| {
            Ok((cross_entropy(&a[0], &targets, 0.1)?.affine(-3.0, 0.0))?)
        });
    }

    #[test]
    fn a_batch_without_targets_costs_nothing() {
        let logits = Var::from_tensor(&random_tensor(&[2, 3], 1.0, 1)).unwrap();
        let loss = cross_entropy(&logits, &[IGNORED; 2], 0.1).unwrap();
        assert_eq!(loss.to_scalar::<f32>().unwrap(), 0.0);
        let gradients = loss.backward().unwrap();
        let gradient = gradients.get(&logits).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(gradient, [[0.0; 3]; 2]);
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
    fn a_logit_that_is_no_number_shows_in_the_loss() {
        let logits = Tensor::new(&[[0f32, f32::NAN], [0.0, 1.0]], &Device::Cpu).unwrap();
        let loss = |targets: &[u32]| {
            let loss = cross_entropy(&logits, targets, 0.0).unwrap();
            loss.to_scalar::<f32>().unwrap()
        };
        assert!(loss(&[0, 0]).is_nan());
        assert!(loss(&[IGNORED, 0]).is_finite());
    }
}
