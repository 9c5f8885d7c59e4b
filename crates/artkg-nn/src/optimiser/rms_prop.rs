use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::slots::{Slots, check_range, check_share};
use super::update::{update_with, update_with_two};
use super::{Optimiser, ParameterGroup};
use crate::{Gradients, Result, Tensor};

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
    /// The factor of the parameter that is added to its gradient.
    pub weight_decay: f64,
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
        }
    }
}

/// RMSProp (Tieleman and Hinton, 2012), as PyTorch defines it: epsilon is added
/// after the root.
#[derive(Debug)]
pub struct RmsProp {
    slots: Slots,
    config: RmsPropConfig,
}

impl RmsProp {
    /// An optimiser of the parameters in `groups`.
    ///
    /// # Errors
    /// When a setting is out of range or a parameter is in two groups.
    pub fn new(groups: Vec<ParameterGroup>, config: RmsPropConfig) -> Result<Self> {
        check_range("learning rate", config.learning_rate)?;
        check_share("alpha", config.alpha)?;
        check_range("epsilon", config.epsilon)?;
        check_share("momentum", config.momentum)?;
        let buffers: &[&str] = if config.momentum > 0.0 {
            &["square_average", "momentum"]
        } else {
            &["square_average"]
        };
        Ok(Self {
            slots: Slots::new(groups, config.weight_decay, buffers, false)?,
            config,
        })
    }
}

impl Optimiser for RmsProp {
    fn step(&mut self, gradients: &Gradients) -> Result<()> {
        let keep = self.config.alpha as f32;
        let add = (1.0 - self.config.alpha) as f32;
        let epsilon = self.config.epsilon as f32;
        let momentum = self.config.momentum as f32;
        for slot in &self.slots.slots {
            let variable = slot.variable.as_tensor();
            let (Some(gradient), [average, rest @ ..]) =
                (gradients.get(variable), &slot.buffers[..])
            else {
                continue;
            };
            let gradient = gradient.contiguous()?;
            let rate = (self.config.learning_rate * slot.learning_rate_scale) as f32;
            let decay = slot.weight_decay as f32;
            update_with_two(
                average,
                &gradient,
                variable,
                |average, gradient, parameter| {
                    let gradient = gradient + decay * parameter;
                    *average = keep * *average + add * gradient * gradient;
                },
            )?;
            let Some(velocity) = rest.first() else {
                update_with_two(
                    variable,
                    &gradient,
                    average,
                    |parameter, gradient, average| {
                        let gradient = gradient + decay * *parameter;
                        *parameter -= rate * gradient / (average.sqrt() + epsilon);
                    },
                )?;
                continue;
            };
            update_with_two(
                velocity,
                &gradient,
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
                *parameter -= rate * velocity;
            })?;
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
