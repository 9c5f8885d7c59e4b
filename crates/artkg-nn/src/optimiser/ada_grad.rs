use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::slots::{Slots, check_range};
use super::update::update_with_two;
use super::{Optimiser, ParameterGroup};
use crate::{Gradients, Result, Tensor};

/// The settings of [`AdaGrad`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaGradConfig {
    /// The learning rate before the groups' scales.
    pub learning_rate: f64,
    /// What is added to the root of the sum of squared gradients.
    pub epsilon: f64,
    /// The factor of the parameter that is added to its gradient.
    pub weight_decay: f64,
}

/// PyTorch's settings: 0.01, 1e-10, no decay.
impl Default for AdaGradConfig {
    fn default() -> Self {
        Self {
            learning_rate: 1e-2,
            epsilon: 1e-10,
            weight_decay: 0.0,
        }
    }
}

/// AdaGrad (Duchi, Hazan and Singer, JMLR 2011).
#[derive(Debug)]
pub struct AdaGrad {
    slots: Slots,
    config: AdaGradConfig,
}

impl AdaGrad {
    /// An optimiser of the parameters in `groups`.
    ///
    /// # Errors
    /// When a setting is out of range or a parameter is in two groups.
    pub fn new(groups: Vec<ParameterGroup>, config: AdaGradConfig) -> Result<Self> {
        check_range("learning rate", config.learning_rate)?;
        check_range("epsilon", config.epsilon)?;
        Ok(Self {
            slots: Slots::new(groups, config.weight_decay, &["square_sum"], false)?,
            config,
        })
    }
}

impl Optimiser for AdaGrad {
    fn step(&mut self, gradients: &Gradients) -> Result<()> {
        let epsilon = self.config.epsilon as f32;
        for slot in &self.slots.slots {
            let variable = slot.variable.as_tensor();
            let (Some(gradient), [sum]) = (gradients.get(variable), &slot.buffers[..]) else {
                continue;
            };
            let gradient = gradient.contiguous()?;
            let rate = (self.config.learning_rate * slot.learning_rate_scale) as f32;
            let decay = slot.weight_decay as f32;
            update_with_two(sum, &gradient, variable, |sum, gradient, parameter| {
                let gradient = gradient + decay * parameter;
                *sum += gradient * gradient;
            })?;
            update_with_two(variable, &gradient, sum, |parameter, gradient, sum| {
                let gradient = gradient + decay * *parameter;
                *parameter -= rate * gradient / (sum.sqrt() + epsilon);
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
