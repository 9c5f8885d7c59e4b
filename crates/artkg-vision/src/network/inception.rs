use artkg_nn::profile::{self, Description};
use artkg_nn::{Tensor, concatenate_channels};

use super::layer::Layer;
use super::pool::Pool;
use super::unit::{Finish, Unit};
use crate::error::Result;

/// An inception module (Szegedy et al., CVPR 2015): branches side by side whose
/// channels are put behind each other.
#[derive(Debug)]
pub(crate) struct Inception<U> {
    /// The module's name.
    pub(crate) name: String,
    /// A pooling first, where the branch has one, and then its convolutions.
    pub(crate) branches: Vec<(Option<Pool>, Vec<U>)>,
}

impl<U: Unit> Inception<U> {
    pub(crate) fn forward(&self, input: &Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        let outputs = self
            .branches
            .iter()
            .map(|(pool, units)| {
                let mut activation = match pool {
                    Some(pool) => pool.forward(input)?,
                    None => input.clone(),
                };
                for unit in units {
                    activation = unit.forward(&activation, Finish::Relu, pass)?;
                }
                Ok(activation)
            })
            .collect::<Result<Vec<_>>>()?;
        let describe = |_: &Tensor| Description {
            name: self.name.clone(),
            operation: "join channels".to_owned(),
            multiply_adds: 0,
        };
        let parts: Vec<&Tensor> = outputs.iter().collect();
        profile::layer(describe, &parts, |parts| {
            let parts: Vec<Tensor> = parts.iter().map(|part| (*part).clone()).collect();
            Ok(concatenate_channels(&parts)?)
        })
    }

    pub(crate) fn map<V>(&self, convert: &impl Fn(&U) -> Result<V>) -> Result<Inception<V>> {
        let branch = |(pool, units): &(Option<Pool>, Vec<U>)| {
            let units = units.iter().map(convert).collect::<Result<_>>()?;
            Ok((pool.clone(), units))
        };
        Ok(Inception {
            name: self.name.clone(),
            branches: self.branches.iter().map(branch).collect::<Result<_>>()?,
        })
    }

    /// Appends the module's layers at an input of `shape`; gives its output's.
    pub(crate) fn trace(&self, shape: &[usize], layers: &mut Vec<Layer>) -> Result<Vec<usize>> {
        let (mut output, mut channels) = (shape.to_vec(), 0);
        for (pool, units) in &self.branches {
            output = shape.to_vec();
            if let Some(pool) = pool {
                let layer = pool.layer(&output)?;
                output.clone_from(&layer.output);
                layers.push(layer);
            }
            for unit in units {
                let layer = unit.specification().layer(&output)?;
                output.clone_from(&layer.output);
                layers.push(layer);
            }
            channels += output.last().copied().unwrap_or_default();
        }
        if let Some(last) = output.last_mut() {
            *last = channels;
        }
        Ok(output)
    }

    /// The longest branch, in layers with weights.
    pub(crate) fn depth(&self) -> usize {
        let lengths = self.branches.iter().map(|(_, units)| units.len());
        lengths.max().unwrap_or_default()
    }

    /// Every unit of the module.
    pub(crate) fn units(&self) -> impl Iterator<Item = &U> {
        self.branches.iter().flat_map(|(_, units)| units)
    }
}
