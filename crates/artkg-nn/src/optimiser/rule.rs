use std::collections::HashMap;

use candle_core::Tensor;

use super::group::ParameterGroup;
use super::interface::Optimiser;
use super::slots::{Slot, Slots, check_range};
use crate::error::Result;
use crate::gradients::Gradients;
use crate::workers::on_workers;

/// What the settings of one kind of optimiser say about its updates. The module
/// is private: the kinds are those of this crate.
pub trait Rule: Send + Sync {
    /// The names of the state that a parameter has, each of its shape.
    fn buffers(&self) -> &'static [&'static str];

    /// Whether the number of updates so far is part of the state.
    const COUNTS_STEPS: bool = false;

    /// The learning rate before the groups' scales.
    fn learning_rate(&self) -> f64;

    /// The weight decay of groups without their own, and whether it is
    /// decoupled.
    fn weight_decay(&self) -> (f64, bool);

    /// Refuses settings out of range.
    fn check(&self) -> Result<()>;

    /// Updates one parameter and its state.
    fn update(&self, slot: &Slot, gradient: &Tensor, step: Step) -> Result<()>;
}

/// What an update of one parameter takes beside the gradient.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The parameter's learning rate.
    pub(super) rate: f64,
    /// Coupled weight decay: the factor of the parameter in its gradient.
    pub(super) decay: f32,
    /// Decoupled weight decay: what is left of the parameter.
    pub(super) shrink: f32,
}

/// An optimiser: parameters with their state, and the rule that updates them.
#[derive(Debug)]
pub struct RuleOptimiser<Config> {
    slots: Slots,
    config: Config,
    learning_rate: f64,
    decoupled: bool,
}

impl<Config: Rule> RuleOptimiser<Config> {
    /// An optimiser of the parameters in `groups`.
    ///
    /// # Errors
    /// When a setting is out of range or a parameter is in two groups.
    pub fn new(groups: Vec<ParameterGroup>, config: Config) -> Result<Self> {
        check_range("learning rate", config.learning_rate())?;
        config.check()?;
        let (weight_decay, decoupled) = config.weight_decay();
        let buffers = config.buffers();
        Ok(Self {
            slots: Slots::new(groups, weight_decay, buffers, Config::COUNTS_STEPS)?,
            learning_rate: config.learning_rate(),
            config,
            decoupled,
        })
    }
}

impl<Config: Rule> Optimiser for RuleOptimiser<Config> {
    fn step(&mut self, gradients: &Gradients) -> Result<()> {
        on_workers(|| {
            for slot in &mut self.slots.slots {
                let Some(gradient) = gradients.get(slot.variable.as_tensor()) else {
                    continue;
                };
                slot.steps += 1;
                let rate = self.learning_rate * slot.learning_rate_scale;
                let (decay, shrink) = if self.decoupled {
                    (0.0, (1.0 - rate * slot.weight_decay) as f32)
                } else {
                    (slot.weight_decay as f32, 1.0)
                };
                let step = Step {
                    rate,
                    decay,
                    shrink,
                };
                self.config.update(slot, &gradient.contiguous()?, step)?;
            }
            Ok(())
        })
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }

    fn state(&self) -> Result<HashMap<String, Tensor>> {
        self.slots.state()
    }

    fn load_state(&mut self, state: &HashMap<String, Tensor>) -> Result<()> {
        self.slots.load_state(state)
    }
}
