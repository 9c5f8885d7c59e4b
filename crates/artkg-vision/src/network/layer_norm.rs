use artkg_nn::{Initialisation, Role, Scope, Tensor, layer_norm};

use super::layer::Layer;
use super::step::{listed, single, step};
use super::table::Table;
use crate::error::Result;

/// What lists and profiles call it.
const OPERATION: &str = "layer norm";

/// Layer normalisation over the last dimension (Ba et al., 2016).
#[derive(Debug)]
pub(crate) struct LayerNorm {
    name: String,
    weight: Table,
    bias: Table,
    epsilon: f32,
}

impl LayerNorm {
    /// Starts as the plain normalisation, its parameters in `scope`.
    pub(crate) fn new(scope: &Scope<'_>, channels: usize, epsilon: f32) -> Result<Self> {
        let (shape, role) = ([channels], Role::Normalisation);
        Ok(Self {
            name: scope.path().to_owned(),
            weight: Table::new(scope, "weight", &shape, Initialisation::Ones, role)?,
            bias: Table::new(scope, "bias", &shape, Initialisation::Zeros, role)?,
            epsilon,
        })
    }

    pub(crate) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let input = single(input)?;
        step(
            &self.name,
            OPERATION,
            |_| 0,
            &[&input],
            |inputs| {
                let (weight, bias) = (self.weight.tensor(), self.bias.tensor());
                Ok(layer_norm(inputs[0], weight, bias, self.epsilon)?)
            },
        )
    }

    /// A copy for inference.
    pub(crate) fn copy(&self) -> Result<Self> {
        Ok(Self {
            name: self.name.clone(),
            weight: self.weight.copy()?,
            bias: self.bias.copy()?,
            epsilon: self.epsilon,
        })
    }

    /// The layer at an input of `shape`, which it keeps.
    pub(crate) fn layer(&self, shape: &[usize]) -> Layer {
        let parameters = self.weight.parameters() + self.bias.parameters();
        listed(&self.name, OPERATION, shape, parameters, 0)
    }

    pub(crate) fn owns(&self, parameter: &str) -> bool {
        self.weight.owns(parameter) || self.bias.owns(parameter)
    }
}
