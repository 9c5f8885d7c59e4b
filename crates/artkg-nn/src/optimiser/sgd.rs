use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::rule::{Rule, RuleOptimiser, Step};
use super::slots::{Slot, check_share};
use crate::error::{Error, Result};
use crate::update::{update_with, update_with_two};

/// The settings of [`Sgd`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SgdConfig {
    /// The learning rate before the groups' scales.
    pub learning_rate: f64,
    /// The share of the last update that the next one keeps, in `[0, 1)`.
    pub momentum: f64,
    /// Whether to look ahead along the momentum (Nesterov, 1983).
    pub nesterov: bool,
    /// The strength of weight decay.
    pub weight_decay: f64,
    /// Whether weight decay shrinks the parameter itself (SGDW; Loshchilov and
    /// Hutter, ICLR 2019) instead of entering the gradient.
    pub decoupled_weight_decay: bool,
}

/// The paper's settings: 0.001, momentum 0.9, no decay.
impl Default for SgdConfig {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            momentum: 0.9,
            nesterov: false,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
        }
    }
}

/// Stochastic gradient descent with momentum, as PyTorch defines it.
///
/// With the gradient `g`, the parameter `p` and the velocity `v`:
/// `g += weight_decay * p`, `v = momentum * v + g`, and `p -= rate * v`, or
/// `p -= rate * (g + momentum * v)` with Nesterov. The rate stays outside of the
/// velocity (Sutskever et al., ICML 2013, put it inside), which matters when it
/// changes.
pub type Sgd = RuleOptimiser<SgdConfig>;

impl Rule for SgdConfig {
    fn buffers(&self) -> &'static [&'static str] {
        if self.momentum > 0.0 {
            &["momentum"]
        } else {
            &[]
        }
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn weight_decay(&self) -> (f64, bool) {
        (self.weight_decay, self.decoupled_weight_decay)
    }

    fn check(&self) -> Result<()> {
        check_share("momentum", self.momentum)?;
        if self.nesterov && self.momentum == 0.0 {
            return Err(Error::NoMomentum);
        }
        Ok(())
    }

    fn update(&self, slot: &Slot, gradient: &Tensor, step: Step) -> Result<()> {
        let Step { decay, shrink, .. } = step;
        let (rate, momentum) = (step.rate as f32, self.momentum as f32);
        let variable = slot.variable.as_tensor();
        let Some(velocity) = slot.buffers.first() else {
            return update_with(variable, gradient, |parameter, gradient| {
                *parameter = shrink * *parameter - rate * (gradient + decay * *parameter);
            });
        };
        update_with_two(
            velocity,
            gradient,
            variable,
            |velocity, gradient, parameter| {
                *velocity = momentum * *velocity + (gradient + decay * parameter);
            },
        )?;
        if !self.nesterov {
            return update_with(variable, velocity, |parameter, velocity| {
                *parameter = shrink * *parameter - rate * velocity;
            });
        }
        update_with_two(
            variable,
            gradient,
            velocity,
            |parameter, gradient, velocity| {
                let gradient = gradient + decay * *parameter;
                *parameter = shrink * *parameter - rate * (gradient + momentum * velocity);
            },
        )
    }
}
