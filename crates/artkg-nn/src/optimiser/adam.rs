use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::rule::{Rule, RuleOptimiser, Step};
use super::slots::{Slot, check_range, check_share};
use crate::error::Result;
use crate::update::update_with_two;

/// The settings of [`Adam`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamConfig {
    /// The learning rate before the groups' scales.
    pub learning_rate: f64,
    /// The decay of the average gradient, in `[0, 1)`.
    pub beta1: f64,
    /// The decay of the average squared gradient, in `[0, 1)`.
    pub beta2: f64,
    /// What is added to the root of the average squared gradient.
    pub epsilon: f64,
    /// The strength of weight decay.
    pub weight_decay: f64,
    /// Whether weight decay shrinks the parameter itself (AdamW; Loshchilov and
    /// Hutter, ICLR 2019) instead of entering the gradient.
    pub decoupled_weight_decay: bool,
}

/// PyTorch's settings of AdamW: 0.001, 0.9, 0.999, 1e-8, and a decoupled weight
/// decay of 0.01.
impl Default for AdamConfig {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
            decoupled_weight_decay: true,
        }
    }
}

/// Adam (Kingma and Ba, ICLR 2015), with coupled or decoupled weight decay.
pub type Adam = RuleOptimiser<AdamConfig>;

impl Rule for AdamConfig {
    const COUNTS_STEPS: bool = true;

    fn buffers(&self) -> &'static [&'static str] {
        &["first_moment", "second_moment"]
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn weight_decay(&self) -> (f64, bool) {
        (self.weight_decay, self.decoupled_weight_decay)
    }

    fn check(&self) -> Result<()> {
        check_share("beta1", self.beta1)?;
        check_share("beta2", self.beta2)?;
        check_range("epsilon", self.epsilon)
    }

    fn update(&self, slot: &Slot, gradient: &Tensor, step: Step) -> Result<()> {
        let Step { decay, shrink, .. } = step;
        let (keep_first, add_first) = (self.beta1 as f32, (1.0 - self.beta1) as f32);
        let (keep_second, add_second) = (self.beta2 as f32, (1.0 - self.beta2) as f32);
        let epsilon = self.epsilon as f32;
        // The averages start at zero: the corrections make up for it.
        let steps = f64::from(slot.steps);
        let correction = (1.0 - self.beta2.powf(steps)).sqrt().recip() as f32;
        let step_size = (step.rate / (1.0 - self.beta1.powf(steps))) as f32;
        let variable = slot.variable.as_tensor();
        let (first, second) = (&slot.buffers[0], &slot.buffers[1]);
        update_with_two(first, gradient, variable, |first, gradient, parameter| {
            *first = keep_first * *first + add_first * (gradient + decay * parameter);
        })?;
        update_with_two(second, gradient, variable, |second, gradient, parameter| {
            let gradient = gradient + decay * parameter;
            *second = keep_second * *second + add_second * gradient * gradient;
        })?;
        update_with_two(variable, first, second, |parameter, first, second| {
            let deviation = second.sqrt() * correction + epsilon;
            *parameter = shrink * *parameter - step_size * first / deviation;
        })
    }
}
