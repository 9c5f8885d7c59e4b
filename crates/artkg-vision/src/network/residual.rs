use artkg_nn::profile::{self, Description};
use artkg_nn::{Activation, Tensor, excite, global_average_pool, reshape};

use super::layer::Layer;
use super::unit::{Finish, Unit};
use crate::error::{Error, Result};

/// A residual block: two 3×3 convolutions, or a bottleneck of 1×1, 3×3 and 1×1.
#[derive(Debug)]
pub(crate) struct Residual<U> {
    /// The convolutions on the residual path.
    pub(crate) units: Vec<U>,
    /// The 1×1 on the shortcut, where the block changes size or width.
    pub(crate) downsample: Option<U>,
    /// Squeeze and excitation at the end of the residual path.
    pub(crate) gate: Option<Gate<U>>,
}

/// A factor for each channel of each image, from the channels' means by way of
/// a narrow layer (Hu et al., CVPR 2018).
#[derive(Debug)]
pub(crate) struct Gate<U> {
    /// From all channels to few, then ReLU.
    pub(crate) squeeze: U,
    /// Back to all channels, then the logistic function.
    pub(crate) excite: U,
}

impl<U: Unit> Residual<U> {
    pub(crate) fn forward(&self, input: &Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        let shortcut = match &self.downsample {
            Some(downsample) => downsample.forward(input, Finish::None, pass)?,
            None => input.clone(),
        };
        let mut activation = input.clone();
        for (index, unit) in self.units.iter().enumerate() {
            // With a gate, the gate adds the shortcut.
            let is_end = index + 1 == self.units.len();
            let finish = match (is_end, &self.gate) {
                (false, _) => Finish::Relu,
                (true, None) => Finish::AddRelu(&shortcut),
                (true, Some(_)) => Finish::None,
            };
            activation = unit.forward(&activation, finish, pass)?;
        }
        match &self.gate {
            Some(gate) => gate.forward(&activation, &shortcut, pass),
            None => Ok(activation),
        }
    }

    pub(crate) fn map<V>(&self, convert: &impl Fn(&U) -> Result<V>) -> Result<Residual<V>> {
        Ok(Residual {
            units: self.units.iter().map(convert).collect::<Result<_>>()?,
            downsample: self.downsample.as_ref().map(convert).transpose()?,
            gate: self
                .gate
                .as_ref()
                .map(|gate| {
                    Ok::<_, Error>(Gate {
                        squeeze: convert(&gate.squeeze)?,
                        excite: convert(&gate.excite)?,
                    })
                })
                .transpose()?,
        })
    }

    /// Appends the block's layers at an input of `shape`; gives its output's.
    pub(crate) fn trace(&self, shape: &[usize], layers: &mut Vec<Layer>) -> Result<Vec<usize>> {
        if let Some(downsample) = &self.downsample {
            layers.push(downsample.specification().layer(shape)?);
        }
        let mut shape = shape.to_vec();
        for unit in &self.units {
            let layer = unit.specification().layer(&shape)?;
            shape.clone_from(&layer.output);
            layers.push(layer);
        }
        if let (Some(gate), Some(&channels)) = (&self.gate, shape.last()) {
            let squeeze = gate.squeeze.specification().layer(&[1, 1, channels])?;
            let excite = gate.excite.specification().layer(&squeeze.output)?;
            layers.extend([squeeze, excite]);
        }
        Ok(shape)
    }

    /// Every unit of the block.
    pub(crate) fn units(&self) -> impl Iterator<Item = &U> {
        let gate = self.gate.iter();
        self.units
            .iter()
            .chain(&self.downsample)
            .chain(gate.flat_map(|gate| [&gate.squeeze, &gate.excite]))
    }
}

impl<U: Unit> Gate<U> {
    /// `relu(activation · gate + shortcut)`.
    fn forward(&self, activation: &Tensor, shortcut: &Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        let name = self.squeeze.specification().name.as_str();
        let describe = |operation: &str| Description {
            name: name.strip_suffix(".fc1").unwrap_or(name).to_owned(),
            operation: operation.to_owned(),
            multiply_adds: 0,
        };
        let (batch, _, _, channels) = activation.dims4()?;
        let means: Tensor = profile::layer(
            |_| describe("average pool"),
            &[activation],
            |inputs| global_average_pool(inputs[0]),
        )?;
        let means = reshape(&means, &[batch, 1, 1, channels])?;
        let squeezed = self.squeeze.forward(&means, Finish::Relu, pass)?;
        let excited = self.excite.forward(&squeezed, Finish::None, pass)?;
        let gate = reshape(&excited, &[batch, channels])?;
        profile::layer(
            |_| describe("excite"),
            &[activation, &gate, shortcut],
            |inputs| {
                Ok(excite(
                    inputs[0],
                    &Activation::Sigmoid.apply(inputs[1])?,
                    inputs[2],
                )?)
            },
        )
    }
}
