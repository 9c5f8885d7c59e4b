use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::slots::{Slots, check_range, check_share};
use super::update::update_with_two;
use super::{Optimiser, ParameterGroup};
use crate::{Gradients, Result, Tensor};

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
#[derive(Debug)]
pub struct Adam {
    slots: Slots,
    config: AdamConfig,
}

impl Adam {
    /// An optimiser of the parameters in `groups`.
    ///
    /// # Errors
    /// When a setting is out of range or a parameter is in two groups.
    pub fn new(groups: Vec<ParameterGroup>, config: AdamConfig) -> Result<Self> {
        check_range("learning rate", config.learning_rate)?;
        check_share("beta1", config.beta1)?;
        check_share("beta2", config.beta2)?;
        check_range("epsilon", config.epsilon)?;
        let buffers = &["first_moment", "second_moment"];
        Ok(Self {
            slots: Slots::new(groups, config.weight_decay, buffers, true)?,
            config,
        })
    }
}

impl Optimiser for Adam {
    fn step(&mut self, gradients: &Gradients) -> Result<()> {
        let config = self.config;
        let keep_first = config.beta1 as f32;
        let keep_second = config.beta2 as f32;
        let add_first = (1.0 - config.beta1) as f32;
        let add_second = (1.0 - config.beta2) as f32;
        let epsilon = config.epsilon as f32;
        for slot in &mut self.slots.slots {
            let variable = slot.variable.as_tensor();
            let (Some(gradient), [first, second]) = (gradients.get(variable), &slot.buffers[..])
            else {
                continue;
            };
            let gradient = gradient.contiguous()?;
            slot.steps += 1;
            let rate = config.learning_rate * slot.learning_rate_scale;
            let (shrink, decay) = if config.decoupled_weight_decay {
                ((1.0 - rate * slot.weight_decay) as f32, 0.0)
            } else {
                (1.0, slot.weight_decay as f32)
            };
            // The averages start at zero: the corrections make up for it.
            let steps = f64::from(slot.steps);
            let correction = (1.0 - config.beta2.powf(steps)).sqrt().recip() as f32;
            let step_size = (rate / (1.0 - config.beta1.powf(steps))) as f32;
            update_with_two(first, &gradient, variable, |first, gradient, parameter| {
                *first = keep_first * *first + add_first * (gradient + decay * parameter);
            })?;
            update_with_two(
                second,
                &gradient,
                variable,
                |second, gradient, parameter| {
                    let gradient = gradient + decay * parameter;
                    *second = keep_second * *second + add_second * gradient * gradient;
                },
            )?;
            update_with_two(variable, first, second, |parameter, first, second| {
                let deviation = second.sqrt() * correction + epsilon;
                *parameter = shrink * *parameter - step_size * first / deviation;
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
