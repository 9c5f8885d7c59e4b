use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::rule::{Rule, RuleOptimiser, Step};
use super::slots::{Slot, check_range, check_share};
use crate::error::Result;
use crate::update::{update_with, update_with_two};

/// The settings of [`RmsProp`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RmsPropConfig {
    /// The learning rate before the groups' scales.
    pub learning_rate: f64,
    /// The decay of the average squared gradient, in `[0, 1)`.
    pub alpha: f64,
    /// What is added to the root of the average squared gradient.
    pub epsilon: f64,
    /// The share of the last update that the next one keeps, in `[0, 1)`.
    pub momentum: f64,
    /// The strength of weight decay.
    pub weight_decay: f64,
    /// Whether weight decay shrinks the parameter itself instead of entering
    /// the gradient.
    pub decoupled_weight_decay: bool,
}

/// PyTorch's settings: 0.01, alpha 0.99, 1e-8, no momentum, no decay.
impl Default for RmsPropConfig {
    fn default() -> Self {
        Self {
            learning_rate: 1e-2,
            alpha: 0.99,
            epsilon: 1e-8,
            momentum: 0.0,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
        }
    }
}

/// RMSProp (Tieleman and Hinton, 2012), as PyTorch defines it: epsilon is added
/// after the root.
pub type RmsProp = RuleOptimiser<RmsPropConfig>;

impl Rule for RmsPropConfig {
    fn buffers(&self) -> &'static [&'static str] {
        if self.momentum > 0.0 {
            &["square_average", "momentum"]
        } else {
            &["square_average"]
        }
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn weight_decay(&self) -> (f64, bool) {
        (self.weight_decay, self.decoupled_weight_decay)
    }

    fn check(&self) -> Result<()> {
        check_share("alpha", self.alpha)?;
        check_range("epsilon", self.epsilon)?;
        check_share("momentum", self.momentum)
    }

    fn update(&self, slot: &Slot, gradient: &Tensor, step: Step) -> Result<()> {
        let Step { decay, shrink, .. } = step;
        let rate = step.rate as f32;
        let (keep, add) = (self.alpha as f32, (1.0 - self.alpha) as f32);
        let (epsilon, momentum) = (self.epsilon as f32, self.momentum as f32);
        let variable = slot.variable.as_tensor();
        let average = &slot.buffers[0];
        update_with_two(
            average,
            gradient,
            variable,
            |average, gradient, parameter| {
                let gradient = gradient + decay * parameter;
                *average = keep * *average + add * gradient * gradient;
            },
        )?;
        let Some(velocity) = slot.buffers.get(1) else {
            return update_with_two(
                variable,
                gradient,
                average,
                |parameter, gradient, average| {
                    let gradient = gradient + decay * *parameter;
                    *parameter = shrink * *parameter - rate * gradient / (average.sqrt() + epsilon);
                },
            );
        };
        update_with_two(
            velocity,
            gradient,
            average,
            |velocity, gradient, average| {
                *velocity = momentum * *velocity + gradient / (average.sqrt() + epsilon);
            },
        )?;
        if decay != 0.0 {
            // A pass of its own: an update reads two tensors at most.
            update_with_two(
                velocity,
                variable,
                average,
                |velocity, parameter, average| {
                    *velocity += decay * parameter / (average.sqrt() + epsilon);
                },
            )?;
        }
        update_with(variable, velocity, |parameter, velocity| {
            *parameter = shrink * *parameter - rate * velocity;
        })
    }
}
