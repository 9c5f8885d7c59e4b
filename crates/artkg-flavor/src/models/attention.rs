use artkg_nn::{
    Activation, Context, DenseNet, DenseNetConfig, Dropout, LayerNorm, Linear, Module, Scope,
    Segments, Tensor, add, pool_segments, segment_attention,
};

use super::config::ModelConfig;
use super::parts::{TYPICAL_TRACKS, beside, pooled_inputs, wanted};
use crate::error::Result;
use crate::features::{PAIR_NAMES, TRACK_NAMES};
use crate::inputs::Inputs;

/// Width of the dense net a pair.
const PAIR_WIDTH: usize = 24;

/// Attention over tracks with a bias a pair of tracks, as in the Particle
/// Transformer (Qu, Li and Qian, ICML 2022) but small, with sum and maximum
/// over the tracks in place of class tokens.
#[derive(Debug)]
pub(crate) struct AttentionTagger {
    embedding: DenseNet,
    pair_net: DenseNet,
    blocks: Vec<Block>,
    norm: LayerNorm,
    event_net: DenseNet,
    heads: usize,
}

/// One block: attention and a dense net a track, each after a layer norm and
/// added to its input.
#[derive(Debug)]
struct Block {
    attention_norm: LayerNorm,
    projection: Linear,
    output: Linear,
    net_norm: LayerNorm,
    net: DenseNet,
    dropout: Dropout,
}

impl AttentionTagger {
    pub(super) fn new(scope: &Scope, config: &ModelConfig, classes: usize) -> Result<Self> {
        let (width, dropout) = (config.width, config.dropout);
        let net = |widths: Vec<usize>, dropout, linear_output| DenseNetConfig {
            widths,
            dropout,
            linear_output,
            ..DenseNetConfig::default()
        };
        let blocks = (0..config.layers).map(|index| {
            let scope = scope.sub(format!("block.{index}"));
            Ok(Block {
                attention_norm: LayerNorm::new(&scope.sub("attention_norm"), width)?,
                projection: Linear::new(&scope.sub("projection"), width, 3 * width)?,
                output: Linear::new(&scope.sub("output"), width, width)?,
                net_norm: LayerNorm::new(&scope.sub("net_norm"), width)?,
                net: DenseNet::new(
                    &scope.sub("net"),
                    width,
                    &net(vec![2 * width, width], dropout, true),
                )?,
                dropout: Dropout::new(dropout)?,
            })
        });
        let blocks = blocks.collect::<Result<Vec<_>>>()?;
        let embedding = net(vec![width, width], 0.0, true);
        let pair_net = DenseNetConfig {
            activation: Activation::Relu,
            ..net(vec![PAIR_WIDTH, PAIR_WIDTH, config.heads], 0.0, true)
        };
        let event_net = net(vec![width, classes], dropout, true);
        let pooled = pooled_inputs(width);
        Ok(Self {
            embedding: DenseNet::new(&scope.sub("embedding"), TRACK_NAMES.len(), &embedding)?,
            pair_net: DenseNet::new(&scope.sub("pair"), PAIR_NAMES.len(), &pair_net)?,
            blocks,
            norm: LayerNorm::new(&scope.sub("norm"), width)?,
            event_net: DenseNet::new(&scope.sub("event"), pooled, &event_net)?,
            heads: config.heads,
        })
    }

    pub(super) fn forward(&self, inputs: &Inputs, context: &Context) -> Result<Tensor> {
        let bias = self.pair_net.forward(wanted(&inputs.pairs)?, context)?;
        let mut tracks = self.embedding.forward(wanted(&inputs.tracks)?, context)?;
        for block in &self.blocks {
            tracks = block.forward(&tracks, &bias, &inputs.segments, self.heads, context)?;
        }
        let tracks = self.norm.forward(&tracks, context)?;
        let pooled = pool_segments(&tracks, &inputs.segments, 1.0 / TYPICAL_TRACKS)?;
        let event = beside(&pooled, wanted(&inputs.events)?)?;
        Ok(self.event_net.forward(&event, context)?)
    }
}

impl Block {
    fn forward(
        &self,
        tracks: &Tensor,
        bias: &Tensor,
        segments: &Segments,
        heads: usize,
        context: &Context,
    ) -> Result<Tensor> {
        let projected = self.attention_norm.forward(tracks, context)?;
        let projected = self.projection.forward(&projected, context)?;
        let attended = segment_attention(&projected, bias, segments, heads)?;
        let attended = self.output.forward(&attended, context)?;
        let tracks = add(tracks, &self.dropout.forward(&attended, context)?)?;
        let hidden = self.net_norm.forward(&tracks, context)?;
        let hidden = self.net.forward(&hidden, context)?;
        Ok(add(&tracks, &self.dropout.forward(&hidden, context)?)?)
    }
}
