use candle_core::{DType, Tensor};

use super::mean::MeanLoss;
use super::settings::{CrossEntropy, IGNORED};
use crate::error::{Error, Result};
use crate::operation::apply;

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
    let loss = CrossEntropy {
        label_smoothing,
        ..CrossEntropy::default()
    };
    loss.loss(logits, targets)
}

impl CrossEntropy {
    /// The loss of `logits` `[batch, classes]` against one target class a row: a
    /// scalar, differentiable in `logits`.
    ///
    /// A batch without any target, or whose targets all weigh 0, has the loss 0
    /// and gradients of 0.
    ///
    /// # Errors
    /// When a target is not a class (the row is named), the number of targets is
    /// not the number of rows, or a setting is out of its range or does not fit
    /// the number of classes.
    pub fn loss(&self, logits: &Tensor, targets: &[u32]) -> Result<Tensor> {
        let (rows, classes) = logits.dims2()?;
        if targets.len() != rows {
            return Err(Error::Argument(format!(
                "cross entropy of {rows} rows needs as many targets, got {}",
                targets.len()
            )));
        }
        self.check(classes)?;
        let is_wrong = |target: &u32| *target != IGNORED && *target as usize >= classes;
        if let Some(row) = targets.iter().position(is_wrong) {
            return Err(Error::Target {
                row,
                target: targets[row],
                classes,
            });
        }
        let operation = MeanLoss::new(self.clone(), targets);
        apply(&[&logits.to_dtype(DType::F32)?], operation)
    }
}
