use std::sync::Arc;

use crate::error::{Error, Result};

/// The target of a row that takes no part in the loss: its label is missing.
pub const IGNORED: u32 = u32::MAX;

/// Softmax cross entropy with settings for classes of very different sizes; the
/// default is the plain [`cross_entropy`](super::cross_entropy) without label smoothing.
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
    /// Refuses settings that are out of range or do not fit `classes`.
    pub(super) fn check(&self, classes: usize) -> Result<()> {
        if !(0.0..=1.0).contains(&self.label_smoothing) {
            let allowed = "lies in [0, 1]";
            return Err(Error::setting(
                "label smoothing",
                allowed,
                self.label_smoothing,
            ));
        }
        if !(self.focus >= 0.0 && self.focus.is_finite()) {
            let allowed = "is a number from 0 up";
            return Err(Error::setting("focus of focal loss", allowed, self.focus));
        }
        if self.focus > 0.0 && self.label_smoothing > 0.0 {
            return Err(Error::SmoothedFocus {
                focus: self.focus,
                smoothing: self.label_smoothing,
            });
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
