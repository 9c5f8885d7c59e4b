use artkg_nn::{Context, DenseNet, DenseNetConfig, Device, Module, Scope, Tensor};

use super::{ModelConfig, beside, wanted};
use crate::Result;
use crate::dataset::Inputs;
use crate::features::{EVENT_NAMES, TRACK_NAMES};

/// A dense net on the most energetic tracks of an event, one after the other,
/// each with a mask: 1 where there is a track, 0 in the padding.
#[derive(Debug)]
pub(crate) struct PaddedTagger {
    net: DenseNet,
    tracks: usize,
}

/// The inputs of a track and its mask.
const COLUMNS: usize = TRACK_NAMES.len() + 1;

impl PaddedTagger {
    pub(super) fn new(scope: &Scope, config: &ModelConfig, classes: usize) -> Result<Self> {
        let mut widths = vec![config.width; config.layers];
        widths.push(classes);
        let net = DenseNetConfig {
            widths,
            dropout: config.dropout,
            linear_output: true,
            ..DenseNetConfig::default()
        };
        let inputs = config.tracks * COLUMNS + EVENT_NAMES.len();
        Ok(Self {
            net: DenseNet::new(&scope.sub("event"), inputs, &net)?,
            tracks: config.tracks,
        })
    }

    pub(super) fn forward(&self, inputs: &Inputs, context: &Context) -> Result<Tensor> {
        let padded = self.pad(inputs)?;
        let input = beside(&padded, wanted(&inputs.events)?)?;
        Ok(self.net.forward(&input, context)?)
    }

    /// `[events, tracks · COLUMNS]`.
    fn pad(&self, inputs: &Inputs) -> Result<Tensor> {
        let tracks = wanted(&inputs.tracks)?.flatten_all()?.to_vec1::<f32>()?;
        let width = TRACK_NAMES.len();
        let events = inputs.segments.len();
        let mut padded = vec![0.0; events * self.tracks * COLUMNS];
        for (event, set) in padded
            .chunks_exact_mut(self.tracks * COLUMNS)
            .zip(inputs.segments.iter())
        {
            for (padded, row) in event.chunks_exact_mut(COLUMNS).zip(set) {
                padded[..width].copy_from_slice(&tracks[row * width..(row + 1) * width]);
                padded[width] = 1.0;
            }
        }
        let shape = (events, self.tracks * COLUMNS);
        Ok(Tensor::from_vec(padded, shape, &Device::Cpu)?)
    }
}
