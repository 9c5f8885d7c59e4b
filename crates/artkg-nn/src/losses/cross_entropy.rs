mod operation;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use operation::MeanLoss;

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
    let loss = CrossEntropy {
        label_smoothing,
        ..CrossEntropy::default()
    };
    loss.loss(logits, targets)
}

/// Softmax cross entropy with settings for classes of very different sizes; the
/// default is the plain [`cross_entropy`] without label smoothing.
///
/// With `p` the softmax of a row's logits plus `adjustment`, `t` its target, `w`
/// the class weights (1 without them), γ the focus and ε the label smoothing, a
/// row costs
///
/// ```text
/// (1 - ε) · w[t] · (1 - p[t])^γ · -ln p[t]  +  ε / classes · Σ_c w[c] · -ln p[c]
/// ```
///
/// The loss is the sum of the rows whose target is not [`IGNORED`], divided by
/// the sum of their `w[t]`: the weighted mean of PyTorch's `CrossEntropyLoss`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossEntropy {
    /// ε in `[0, 1]`, the share of the target distribution that is spread over
    /// all classes (Szegedy et al., CVPR 2016).
    pub label_smoothing: f32,
    /// γ from 0 up, the exponent of focal loss (Lin et al., ICCV 2017): the more
    /// of it, the less a row counts that is already classified well. Not
    /// together with label smoothing.
    pub focus: f32,
    /// A factor from 0 up for the rows of each class, `[classes]`.
    pub class_weights: Option<Arc<[f32]>>,
    /// What is added to every row of logits before the loss, `[classes]`, and
    /// left out when classifying: τ times the logarithm of the classes' shares
    /// is the logit adjusted loss (Menon et al., ICLR 2021).
    pub adjustment: Option<Arc<[f32]>>,
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
            return Err(Error::Argument(format!(
                "row {row} has the target {}, but the logits have {classes} classes (0 to {})",
                targets[row],
                classes.saturating_sub(1)
            )));
        }
        let operation = MeanLoss::new(self.clone(), targets);
        let logits = logits.to_dtype(DType::F32)?.contiguous()?;
        Ok(logits.apply_op1(operation)?)
    }

    /// Refuses settings that are out of range or do not fit `classes`.
    fn check(&self, classes: usize) -> Result<()> {
        if !(0.0..=1.0).contains(&self.label_smoothing) {
            return Err(Error::Argument(format!(
                "label smoothing lies in [0, 1], got {}",
                self.label_smoothing
            )));
        }
        if !(self.focus >= 0.0 && self.focus.is_finite()) {
            return Err(Error::Argument(format!(
                "the focus of focal loss is a number from 0 up, got {}",
                self.focus
            )));
        }
        if self.focus > 0.0 && self.label_smoothing > 0.0 {
            return Err(Error::Argument(format!(
                "focal loss has no label smoothing: set the focus of {} or the smoothing of {} to 0",
                self.focus, self.label_smoothing
            )));
        }
        if let Some(weights) = &self.class_weights {
            let is_weight = |weight: f32| weight >= 0.0 && weight.is_finite();
            check_vector(
                "class weights",
                "number from 0 up",
                weights,
                classes,
                is_weight,
            )?;
        }
        if let Some(adjustment) = &self.adjustment {
            let is_finite = f32::is_finite;
            check_vector(
                "logit adjustment",
                "finite number",
                adjustment,
                classes,
                is_finite,
            )?;
        }
        Ok(())
    }
}

/// Refuses a setting of the wrong length, and the first value that is not valid.
fn check_vector(
    name: &str,
    kind: &str,
    values: &[f32],
    classes: usize,
    is_valid: impl Fn(f32) -> bool,
) -> Result<()> {
    if values.len() != classes {
        return Err(Error::Argument(format!(
            "{name}: {classes} classes need as many numbers, got {}",
            values.len()
        )));
    }
    match values.iter().position(|value| !is_valid(*value)) {
        None => Ok(()),
        Some(class) => Err(Error::Argument(format!(
            "{name}: class {class} has {}, which is not a {kind}",
            values[class]
        ))),
    }
}
