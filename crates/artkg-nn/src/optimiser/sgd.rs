use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::slots::{Slots, check_range, check_share};
use super::update::{update_with, update_with_two};
use super::{Optimiser, ParameterGroup};
use crate::{Error, Gradients, Result, Tensor};

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
    /// The factor of the parameter that is added to its gradient.
    pub weight_decay: f64,
}

/// The paper's settings: 0.001, momentum 0.9, no decay.
impl Default for SgdConfig {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            momentum: 0.9,
            nesterov: false,
            weight_decay: 0.0,
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
#[derive(Debug)]
pub struct Sgd {
    slots: Slots,
    config: SgdConfig,
}

impl Sgd {
    /// An optimiser of the parameters in `groups`.
    ///
    /// # Errors
    /// When a setting is out of range or a parameter is in two groups.
    pub fn new(groups: Vec<ParameterGroup>, config: SgdConfig) -> Result<Self> {
        check_range("learning rate", config.learning_rate)?;
        check_share("momentum", config.momentum)?;
        if config.nesterov && config.momentum == 0.0 {
            return Err(Error::Argument(
                "Nesterov needs a momentum above 0; set one or switch Nesterov off".into(),
            ));
        }
        let buffers: &[&str] = if config.momentum > 0.0 {
            &["momentum"]
        } else {
            &[]
        };
        Ok(Self {
            slots: Slots::new(groups, config.weight_decay, buffers, false)?,
            config,
        })
    }
}

impl Optimiser for Sgd {
    fn step(&mut self, gradients: &Gradients) -> Result<()> {
        let momentum = self.config.momentum as f32;
        for slot in &self.slots.slots {
            let variable = slot.variable.as_tensor();
            let Some(gradient) = gradients.get(variable) else {
                continue;
            };
            let gradient = gradient.contiguous()?;
            let rate = (self.config.learning_rate * slot.learning_rate_scale) as f32;
            let decay = slot.weight_decay as f32;
            let Some(velocity) = slot.buffers.first() else {
                update_with(variable, &gradient, |parameter, gradient| {
                    *parameter -= rate * (gradient + decay * *parameter);
                })?;
                continue;
            };
            update_with_two(
                velocity,
                &gradient,
                variable,
                |velocity, gradient, parameter| {
                    *velocity = momentum * *velocity + (gradient + decay * parameter);
                },
            )?;
            if self.config.nesterov {
                update_with_two(
                    variable,
                    &gradient,
                    velocity,
                    |parameter, gradient, velocity| {
                        let gradient = gradient + decay * *parameter;
                        *parameter -= rate * (gradient + momentum * velocity);
                    },
                )?;
            } else {
                update_with(variable, velocity, |parameter, velocity| {
                    *parameter -= rate * velocity;
                })?;
            }
        }
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.config.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.config.learning_rate = learning_rate;
    }

    fn state(&self) -> Result<HashMap<String, Tensor>> {
        self.slots.state()
    }

    fn load_state(&mut self, state: &HashMap<String, Tensor>) -> Result<()> {
        self.slots.load_state(state)
    }
}
