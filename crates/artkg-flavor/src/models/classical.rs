use artkg_nn::{Activation, Context, DenseNet, DenseNetConfig, Module, Scope, Tensor};

use super::config::ModelConfig;
use super::parts::wanted;
use crate::error::Result;
use crate::features::CLASSICAL_NAMES;
use crate::inputs::Inputs;

/// A shallow dense net on the classical quantities.
#[derive(Debug)]
pub(crate) struct ClassicalTagger {
    net: DenseNet,
}

impl ClassicalTagger {
    pub(super) fn new(scope: &Scope, config: &ModelConfig, classes: usize) -> Result<Self> {
        let mut widths = vec![config.width; config.layers];
        widths.push(classes);
        let net = DenseNetConfig {
            widths,
            activation: Activation::Tanh,
            dropout: config.dropout,
            linear_output: true,
            ..DenseNetConfig::default()
        };
        Ok(Self {
            net: DenseNet::new(&scope.sub("event"), CLASSICAL_NAMES.len(), &net)?,
        })
    }

    pub(super) fn forward(&self, inputs: &Inputs, context: &Context) -> Result<Tensor> {
        Ok(self.net.forward(wanted(&inputs.classical)?, context)?)
    }
}
