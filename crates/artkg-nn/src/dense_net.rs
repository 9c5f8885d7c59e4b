use serde::{Deserialize, Serialize};

use crate::dropout::check_probability;
use crate::{
    Activation, BatchNorm, Context, Dropout, Error, Initialisation, LayerNorm, Linear, Module,
    Result, Role, Scope, Tensor, Var,
};

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
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};
    use crate::{Device, ParameterGroup, ParameterStore, Sgd, SgdConfig};
    use crate::{Optimiser, cross_entropy};

    fn config(connection: Connection, normalisation: Normalisation) -> DenseNetConfig {
        DenseNetConfig {
            widths: vec![6, 6, 4],
            connection,
            normalisation,
            activation: Activation::Tanh,
            dropout: 0.2,
            linear_output: false,
        }
    }

    const CONNECTIONS: [Connection; 3] =
        [Connection::Plain, Connection::Residual, Connection::Dense];

    #[test]
    fn every_combination_is_differentiable() {
        for connection in CONNECTIONS {
            for normalisation in [
                Normalisation::None,
                Normalisation::Batch,
                Normalisation::Layer,
            ] {
                let store = ParameterStore::new(3, &Device::Cpu);
                let config = config(connection, normalisation);
                let net = DenseNet::new(&store.root(), 5, &config).unwrap();
                assert_eq!((net.inputs(), net.outputs()), (5, 4));
                let input = random_tensor(&[7, 5], 1.0, 1);
                assert_gradients(&[input.clone()], 1e-2, |a| {
                    net.forward(&a[0], &Context::training(4))
                });
                let output = net.forward(&input, &Context::training(4)).unwrap();
                assert_eq!(output.dims(), [7, 4]);
                let gradients = output.sqr().unwrap().sum_all().unwrap().backward().unwrap();
                for (name, parameter) in store.trainable() {
                    assert!(gradients.get(&parameter.variable).is_some(), "{name}");
                }
            }
        }
    }

    #[test]
    fn connections_decide_the_parameters() {
        let shapes = |connection| {
            let store = ParameterStore::new(3, &Device::Cpu);
            let config = config(connection, Normalisation::None);
            DenseNet::new(&store.root().sub("net"), 5, &config).unwrap();
            let named = store.named().into_iter();
            let weights = named.filter(|(name, _)| name.ends_with("weight"));
            weights
                .map(|(name, parameter)| (name, parameter.variable.dims()[1]))
                .collect::<Vec<_>>()
        };
        let expect = |list: &[(&str, usize)]| {
            list.iter()
                .map(|(name, inputs)| (format!("net.{name}"), *inputs))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            shapes(Connection::Plain),
            expect(&[
                ("0.linear.weight", 5),
                ("1.linear.weight", 6),
                ("2.linear.weight", 6)
            ])
        );
        assert_eq!(
            shapes(Connection::Dense),
            expect(&[
                ("0.linear.weight", 5),
                ("1.linear.weight", 11),
                ("2.linear.weight", 17)
            ])
        );
        assert_eq!(
            shapes(Connection::Residual),
            expect(&[
                ("0.linear.weight", 5),
                ("0.shortcut.weight", 5),
                ("1.linear.weight", 6),
                ("2.linear.weight", 6),
                ("2.shortcut.weight", 6)
            ])
        );
    }

    #[test]
    fn a_linear_output_and_no_layers() {
        let store = ParameterStore::new(3, &Device::Cpu);
        let net = DenseNet::new(&store.root(), 5, &DenseNetConfig::linear(3)).unwrap();
        let input = random_tensor(&[2, 5], 1.0, 1);
        let output = net.forward(&input, &Context::training(1)).unwrap();
        let named = store.named();
        let [(_, bias), (_, weight)] = &named[..] else {
            panic!("a projection has a weight and a bias");
        };
        let expected = crate::linear(&input, &weight.variable, &bias.variable).unwrap();
        assert_eq!(
            output.to_vec2::<f32>().unwrap(),
            expected.to_vec2::<f32>().unwrap()
        );

        let net = DenseNet::new(&store.root(), 5, &DenseNetConfig::default()).unwrap();
        assert_eq!(net.outputs(), 5);
        let output = net.forward(&input, &Context::training(1)).unwrap();
        assert_eq!(
            output.to_vec2::<f32>().unwrap(),
            input.to_vec2::<f32>().unwrap()
        );
    }

    #[test]
    fn wrong_settings_and_inputs_are_named() {
        let store = ParameterStore::new(3, &Device::Cpu);
        let new = |config: &DenseNetConfig| DenseNet::new(&store.root(), 5, config);
        let error = new(&DenseNetConfig {
            dropout: 1.0,
            ..DenseNetConfig::linear(3)
        });
        assert!(error.unwrap_err().to_string().contains("[0, 1)"));
        let error = new(&DenseNetConfig::linear(0));
        assert!(error.unwrap_err().to_string().contains("0 outputs"));
        let net = new(&DenseNetConfig::linear(3)).unwrap();
        let error = net.forward(&random_tensor(&[2, 6], 1.0, 1), &Context::evaluation());
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("5 inputs") && error.contains("[2, 6]"),
            "{error}"
        );
        assert!(serde_json::from_str::<DenseNetConfig>(r#"{"width": [3]}"#).is_err());
    }

    /// Two interleaved spirals of one and a half turns: no line separates them.
    fn spirals(count: usize, offset: f32) -> (Tensor, Vec<u32>) {
        let mut points = Vec::new();
        let mut classes = Vec::new();
        for index in 0..count {
            for class in 0..2u32 {
                let position = (index as f32 + offset) / count as f32;
                let angle = 3.0 * std::f32::consts::PI * position.sqrt()
                    + class as f32 * std::f32::consts::PI;
                let radius = 0.1 + position.sqrt();
                points.extend([radius * angle.cos(), radius * angle.sin()]);
                classes.push(class);
            }
        }
        let points = Tensor::from_vec(points, (2 * count, 2), &Device::Cpu).unwrap();
        (points, classes)
    }

    fn accuracy(logits: &Tensor, classes: &[u32]) -> f64 {
        let predicted = logits.argmax(1).unwrap().to_vec1::<u32>().unwrap();
        let right = predicted
            .iter()
            .zip(classes)
            .filter(|(a, b)| a == b)
            .count();
        right as f64 / classes.len() as f64
    }

    #[test]
    fn learns_two_spirals() {
        for connection in CONNECTIONS {
            let store = ParameterStore::new(7, &Device::Cpu);
            let config = DenseNetConfig {
                widths: vec![32, 32, 2],
                connection,
                linear_output: true,
                ..DenseNetConfig::default()
            };
            let net = DenseNet::new(&store.root(), 2, &config).unwrap();
            let settings = SgdConfig {
                learning_rate: 0.1,
                nesterov: true,
                ..SgdConfig::default()
            };
            let group = ParameterGroup::new("all", store.trainable());
            let mut optimiser = Sgd::new(vec![group], settings).unwrap();
            let (points, classes) = spirals(100, 0.0);
            for step in 0..600 {
                let logits = net.forward(&points, &Context::training(step)).unwrap();
                let loss = cross_entropy(&logits, &classes, 0.0).unwrap();
                optimiser.step(&loss.backward().unwrap()).unwrap();
            }
            let (points, classes) = spirals(100, 0.5);
            let logits = net.forward(&points, &Context::evaluation()).unwrap();
            let accuracy = accuracy(&logits, &classes);
            assert!(accuracy > 0.95, "{connection:?}: {accuracy}");
        }
    }
}
