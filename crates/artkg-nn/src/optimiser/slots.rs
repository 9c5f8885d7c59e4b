use std::collections::{BTreeMap, BTreeSet, HashMap};

use candle_core::{DType, Tensor, Var};

use super::group::ParameterGroup;
use crate::error::{Error, Result};
use crate::tensor_fault::TensorFault;

/// One parameter of an optimiser, with its settings and its state.
#[derive(Debug)]
pub struct Slot {
    name: String,
    pub(super) variable: Var,
    pub(super) learning_rate_scale: f64,
    pub(super) weight_decay: f64,
    /// How many steps have updated the parameter.
    pub(super) steps: u32,
    /// State of the parameter's shape, in the order of [`Slots::buffers`].
    pub(super) buffers: Vec<Tensor>,
}

/// All parameters of an optimiser.
#[derive(Debug)]
pub(super) struct Slots {
    pub(super) slots: Vec<Slot>,
    buffers: &'static [&'static str],
    counts_steps: bool,
}

impl Slots {
    /// Flattens `groups` and gives each parameter the named `buffers`, all zero.
    pub(super) fn new(
        groups: Vec<ParameterGroup>,
        weight_decay: f64,
        buffers: &'static [&'static str],
        counts_steps: bool,
    ) -> Result<Self> {
        let mut slots = Vec::new();
        let mut names = BTreeSet::new();
        for group in groups {
            let weight_decay = group.weight_decay.unwrap_or(weight_decay);
            check_range(
                &format!("weight decay of group {}", group.name),
                weight_decay,
            )?;
            check_range(
                &format!("learning rate scale of group {}", group.name),
                group.learning_rate_scale,
            )?;
            for (name, parameter) in group.parameters {
                if !names.insert(name.clone()) {
                    return Err(Error::TwoGroups {
                        parameter: name,
                        group: group.name,
                    });
                }
                let zeros = |_: &&str| parameter.variable.zeros_like();
                slots.push(Slot {
                    name,
                    learning_rate_scale: group.learning_rate_scale,
                    weight_decay,
                    steps: 0,
                    buffers: buffers
                        .iter()
                        .map(zeros)
                        .collect::<candle_core::Result<_>>()?,
                    variable: parameter.variable,
                });
            }
        }
        Ok(Self {
            slots,
            buffers,
            counts_steps,
        })
    }

    /// A copy of all buffers and step counts, by name.
    pub(super) fn state(&self) -> Result<HashMap<String, Tensor>> {
        let mut state = HashMap::new();
        for slot in &self.slots {
            for (buffer, values) in self.buffers.iter().zip(&slot.buffers) {
                // A copy: the next step changes the buffer in place.
                state.insert(format!("{buffer}.{}", slot.name), values.copy()?);
            }
            if self.counts_steps {
                let steps = Tensor::new(slot.steps, &candle_core::Device::Cpu)?;
                state.insert(format!("steps.{}", slot.name), steps);
            }
        }
        Ok(state)
    }

    /// Takes over what [`Slots::state`] gave.
    pub(super) fn load_state(&mut self, state: &HashMap<String, Tensor>) -> Result<()> {
        let mut expected: BTreeMap<String, &[usize]> = BTreeMap::new();
        for slot in &self.slots {
            for buffer in self.buffers {
                expected.insert(format!("{buffer}.{}", slot.name), slot.variable.dims());
            }
            if self.counts_steps {
                expected.insert(format!("steps.{}", slot.name), &[]);
            }
        }
        let mut faults = Vec::new();
        for (name, shape) in &expected {
            match state.get(name) {
                None => faults.push(TensorFault::Missing(name.clone())),
                Some(tensor) if tensor.dims() != *shape => faults.push(TensorFault::Shape {
                    name: name.clone(),
                    found: tensor.dims().to_vec(),
                    expected: shape.to_vec(),
                }),
                Some(_) => {}
            }
        }
        let unknown = state.keys().filter(|name| !expected.contains_key(*name));
        let mut unknown: Vec<String> = unknown.cloned().collect();
        unknown.sort_unstable();
        faults.extend(unknown.into_iter().map(TensorFault::Unknown));
        if !faults.is_empty() {
            return Err(Error::State(faults));
        }
        for slot in &mut self.slots {
            for (buffer, values) in self.buffers.iter().zip(&mut slot.buffers) {
                *values = state[&format!("{buffer}.{}", slot.name)]
                    .to_device(slot.variable.device())?
                    .to_dtype(DType::F32)?
                    .copy()?;
            }
            if self.counts_steps {
                slot.steps = state[&format!("steps.{}", slot.name)]
                    .to_dtype(DType::U32)?
                    .to_scalar()?;
            }
        }
        Ok(())
    }
}

/// An error unless `value` is in `[0, 1)`.
pub(super) fn check_share(what: &str, value: f64) -> Result<()> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(Error::setting(what, "lies in [0, 1)", value))
    }
}

/// An error unless `value` is a finite number from 0 up.
pub(super) fn check_range(what: &str, value: f64) -> Result<()> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(Error::setting(what, "is a number from 0 up", value))
    }
}
