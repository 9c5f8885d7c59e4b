use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::rule::{Rule, RuleOptimiser, Step};
use super::slots::{Slot, check_range};
use crate::error::Result;
use crate::update::update_with_two;

/// The settings of [`AdaGrad`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaGradConfig {
    /// The learning rate before the groups' scales.
    pub learning_rate: f64,
    /// What is added to the root of the sum of squared gradients.
    pub epsilon: f64,
    /// The strength of weight decay.
    pub weight_decay: f64,
    /// Whether weight decay shrinks the parameter itself instead of entering
    /// the gradient.
    pub decoupled_weight_decay: bool,
}

/// PyTorch's settings: 0.01, 1e-10, no decay.
impl Default for AdaGradConfig {
    fn default() -> Self {
        Self {
            learning_rate: 1e-2,
            epsilon: 1e-10,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
        }
    }
}

/// AdaGrad (Duchi, Hazan and Singer, JMLR 2011).
pub type AdaGrad = RuleOptimiser<AdaGradConfig>;

impl Rule for AdaGradConfig {
    fn buffers(&self) -> &'static [&'static str] {
        &["square_sum"]
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn weight_decay(&self) -> (f64, bool) {
        (self.weight_decay, self.decoupled_weight_decay)
    }

    fn check(&self) -> Result<()> {
        check_range("epsilon", self.epsilon)
    }

    fn update(&self, slot: &Slot, gradient: &Tensor, step: Step) -> Result<()> {
        let Step { decay, shrink, .. } = step;
        let (rate, epsilon) = (step.rate as f32, self.epsilon as f32);
        let variable = slot.variable.as_tensor();
        let sum = &slot.buffers[0];
        update_with_two(sum, gradient, variable, |sum, gradient, parameter| {
            let gradient = gradient + decay * parameter;
            *sum += gradient * gradient;
        })?;
        update_with_two(variable, gradient, sum, |parameter, gradient, sum| {
            let gradient = gradient + decay * *parameter;
            *parameter = shrink * *parameter - rate * gradient / (sum.sqrt() + epsilon);
        })
    }
}
