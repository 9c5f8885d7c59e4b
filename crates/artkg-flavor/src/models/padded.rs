use artkg_nn::{Context, DenseNet, DenseNetConfig, Module, Scope, Tensor, pad_segments};

use super::config::ModelConfig;
use super::parts::{beside, wanted};
use crate::error::Result;
use crate::features::{EVENT_NAMES, TRACK_NAMES};
use crate::inputs::Inputs;

/// The layers that all tracks share, and what is left of a track after them: a
/// net that sees every input of every place memorises its events.
const TRACK_WIDTHS: [usize; 3] = [64, 64, 8];

/// A dense net on the most energetic tracks of an event, one after the other,
/// each with a mask: 1 where there is a track, 0 in the padding. Without the
/// shared net, the plain one on all inputs of all places.
#[derive(Debug)]
pub(crate) struct PaddedTagger {
    track_net: DenseNet,
    event_net: DenseNet,
    tracks: usize,
}

impl PaddedTagger {
    pub(super) fn new(scope: &Scope, config: &ModelConfig, classes: usize) -> Result<Self> {
        let track_net = DenseNetConfig {
            // Without layers, a dense net is the identity.
            widths: match config.shared_track_net {
                true => TRACK_WIDTHS.to_vec(),
                false => Vec::new(),
            },
            ..DenseNetConfig::default()
        };
        let mut widths = vec![config.width; config.layers];
        widths.push(classes);
        let event_net = DenseNetConfig {
            widths,
            dropout: config.dropout,
            linear_output: true,
            ..DenseNetConfig::default()
        };
        let track_net = DenseNet::new(&scope.sub("track"), TRACK_NAMES.len(), &track_net)?;
        let inputs = config.tracks * (track_net.outputs() + 1) + EVENT_NAMES.len();
        Ok(Self {
            event_net: DenseNet::new(&scope.sub("event"), inputs, &event_net)?,
            track_net,
            tracks: config.tracks,
        })
    }

    pub(super) fn forward(&self, inputs: &Inputs, context: &Context) -> Result<Tensor> {
        let tracks = self.track_net.forward(wanted(&inputs.tracks)?, context)?;
        let padded = pad_segments(&tracks, &inputs.segments, self.tracks)?;
        let event = beside(&padded, wanted(&inputs.events)?)?;
        Ok(self.event_net.forward(&event, context)?)
    }
}
