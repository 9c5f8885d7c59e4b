use artkg_nn::{Context, DenseNet, DenseNetConfig, Module, Scope, Tensor, pool_segments};

use super::config::ModelConfig;
use super::parts::{TYPICAL_TRACKS, beside, pooled_inputs, wanted};
use crate::error::Result;
use crate::features::TRACK_NAMES;
use crate::inputs::Inputs;

/// Deep sets (Zaheer et al., NeurIPS 2017): a dense net a track, sum and
/// maximum over the tracks, a dense net an event.
#[derive(Debug)]
pub(crate) struct SetsTagger {
    track_net: DenseNet,
    event_net: DenseNet,
}

impl SetsTagger {
    pub(super) fn new(scope: &Scope, config: &ModelConfig, classes: usize) -> Result<Self> {
        let track_net = DenseNetConfig {
            widths: vec![config.width; config.layers],
            ..DenseNetConfig::default()
        };
        let event_net = DenseNetConfig {
            widths: vec![config.width, config.width, classes],
            dropout: config.dropout,
            linear_output: true,
            ..DenseNetConfig::default()
        };
        let pooled = pooled_inputs(config.width);
        Ok(Self {
            track_net: DenseNet::new(&scope.sub("track"), TRACK_NAMES.len(), &track_net)?,
            event_net: DenseNet::new(&scope.sub("event"), pooled, &event_net)?,
        })
    }

    pub(super) fn forward(&self, inputs: &Inputs, context: &Context) -> Result<Tensor> {
        let tracks = self.track_net.forward(wanted(&inputs.tracks)?, context)?;
        let pooled = pool_segments(&tracks, &inputs.segments, 1.0 / TYPICAL_TRACKS)?;
        let event = beside(&pooled, wanted(&inputs.events)?)?;
        Ok(self.event_net.forward(&event, context)?)
    }
}
