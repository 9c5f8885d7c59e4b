use candle_core::{Tensor, Var};
use serde::{Deserialize, Serialize};

use crate::activation::Activation;
use crate::batch_norm::BatchNorm;
use crate::context::Context;
use crate::dropout::{Dropout, check_probability};
use crate::error::{Error, Result};
use crate::initialisation::Initialisation;
use crate::layer_norm::LayerNorm;
use crate::linear::Linear;
use crate::module::Module;
use crate::parameters::{Role, Scope};

/// How the layers of a [`DenseNet`] are connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Connection {
    /// Each layer takes the output of the one before.
    #[default]
    Plain,
    /// Each layer adds its input to its output (He et al., CVPR 2016), through a
    /// linear map without bias where their widths differ.
    Residual,
    /// Each layer takes the network's input and the outputs of all layers before
    /// it, side by side (Huang et al., CVPR 2017).
    Dense,
}

/// What follows the linear map of a layer of a [`DenseNet`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Normalisation {
    /// Nothing.
    #[default]
    None,
    /// Batch normalisation.
    Batch,
    /// Layer normalisation.
    Layer,
}

/// The shape of a [`DenseNet`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DenseNetConfig {
    /// The number of outputs of each layer; without any, the network is the identity.
    pub widths: Vec<usize>,
    /// How the layers are connected.
    pub connection: Connection,
    /// The normalisation after each linear map.
    pub normalisation: Normalisation,
    /// The function after the normalisation.
    pub activation: Activation,
    /// The dropout probability after the activation, in `[0, 1)`.
    pub dropout: f32,
    /// Whether the last layer is the linear map alone, as projections and
    /// classifiers want it.
    pub linear_output: bool,
}

impl DenseNetConfig {
    /// One linear map to `outputs` features and nothing after it: a projection.
    pub fn linear(outputs: usize) -> Self {
        Self {
            widths: vec![outputs],
            linear_output: true,
            ..Self::default()
        }
    }
}

/// A stack of fully connected layers: linear, normalisation, activation,
/// dropout, with plain, residual or dense connections.
///
/// Whatever the connection, the output is that of the last layer, so its width
/// is the last of the configured widths.
#[derive(Debug)]
pub struct DenseNet {
    layers: Vec<Layer>,
    connection: Connection,
    inputs: usize,
    outputs: usize,
}

impl DenseNet {
    /// Creates the layers `0`, `1`, … below `scope`, with the parameters
    /// `linear.*`, `norm.*` and `shortcut.weight` where they have them.
    ///
    /// # Errors
    /// When a width is 0, the dropout probability is out of range, or a name is taken.
    pub fn new(scope: &Scope, inputs: usize, config: &DenseNetConfig) -> Result<Self> {
        check_probability(config.dropout)?;
        let mut layers: Vec<Layer> = Vec::with_capacity(config.widths.len());
        let mut width = inputs;
        let mut outputs = inputs;
        for (index, &layer_outputs) in config.widths.iter().enumerate() {
            let is_last = index + 1 == config.widths.len();
            let is_bare = is_last && config.linear_output;
            let scope = scope.sub(index);
            layers.push(Layer::new(&scope, width, layer_outputs, config, is_bare)?);
            width = match config.connection {
                Connection::Dense => width + layer_outputs,
                Connection::Plain | Connection::Residual => layer_outputs,
            };
            outputs = layer_outputs;
        }
        Ok(Self {
            layers,
            connection: config.connection,
            inputs,
            outputs,
        })
    }

    /// The number of input features.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The number of output features.
    pub fn outputs(&self) -> usize {
        self.outputs
    }
}

impl Module for DenseNet {
    /// `[batch, inputs]` to `[batch, outputs]`.
    fn forward(&self, input: &Tensor, context: &Context) -> Result<Tensor> {
        let (_, features) = input.dims2()?;
        if features != self.inputs {
            return Err(Error::Argument(format!(
                "a dense net of {} inputs cannot take an input of shape {:?}",
                self.inputs,
                input.dims()
            )));
        }
        let mut current = input.clone();
        for (index, layer) in self.layers.iter().enumerate() {
            let output = layer.forward(&current, context)?;
            let is_last = index + 1 == self.layers.len();
            current = match self.connection {
                Connection::Dense if !is_last => Tensor::cat(&[&current, &output], 1)?,
                _ => output,
            };
        }
        Ok(current)
    }
}

/// One layer of a [`DenseNet`].
#[derive(Debug)]
struct Layer {
    linear: Linear,
    normalisation: Norm,
    activation: Activation,
    dropout: Dropout,
    shortcut: Shortcut,
}

#[derive(Debug)]
enum Norm {
    None,
    Batch(BatchNorm),
    Layer(LayerNorm),
}

#[derive(Debug)]
enum Shortcut {
    None,
    Identity,
    Projection(Var),
}

impl Layer {
    fn new(
        scope: &Scope,
        inputs: usize,
        outputs: usize,
        config: &DenseNetConfig,
        is_bare: bool,
    ) -> Result<Self> {
        let linear = Linear::new(&scope.sub("linear"), inputs, outputs)?;
        if is_bare {
            return Ok(Self {
                linear,
                normalisation: Norm::None,
                activation: Activation::None,
                dropout: Dropout::new(0.0)?,
                shortcut: Shortcut::None,
            });
        }
        let normalisation = match config.normalisation {
            Normalisation::None => Norm::None,
            Normalisation::Batch => Norm::Batch(BatchNorm::new(&scope.sub("norm"), outputs)?),
            Normalisation::Layer => Norm::Layer(LayerNorm::new(&scope.sub("norm"), outputs)?),
        };
        let shortcut = match config.connection {
            Connection::Residual if inputs == outputs => Shortcut::Identity,
            Connection::Residual => Shortcut::Projection(scope.sub("shortcut").parameter(
                "weight",
                &[outputs, inputs],
                Initialisation::Uniform {
                    bound: 1.0 / (inputs as f32).sqrt(),
                },
                Role::Weight,
            )?),
            Connection::Plain | Connection::Dense => Shortcut::None,
        };
        Ok(Self {
            linear,
            normalisation,
            activation: config.activation,
            dropout: Dropout::new(config.dropout)?,
            shortcut,
        })
    }

    fn forward(&self, input: &Tensor, context: &Context) -> Result<Tensor> {
        let linear = self.linear.forward(input, context)?;
        let normalised = match &self.normalisation {
            Norm::None => linear,
            Norm::Layer(norm) => norm.forward(&linear, context)?,
            Norm::Batch(norm) => {
                // Batch norm works on images; features are images of one pixel.
                let (batch, features) = linear.dims2()?;
                norm.forward(&linear.reshape((batch, 1, 1, features))?, context)?
                    .reshape((batch, features))?
            }
        };
        let activated = self.activation.apply(&normalised)?;
        let output = self.dropout.forward(&activated, context)?;
        Ok(match &self.shortcut {
            Shortcut::None => output,
            Shortcut::Identity => (output + input)?,
            Shortcut::Projection(weight) => (output + input.matmul(&weight.t()?)?)?,
        })
    }
}

#[cfg(test)]
mod tests;
