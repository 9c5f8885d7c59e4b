use artkg_nn::{Tensor, global_average_pool, max_pool};

use super::unit::Unit;
use crate::{Result, Stage};

/// The four groups of residual blocks, as boundaries.
const LAYERS: [Stage; 4] = [Stage::Layer1, Stage::Layer2, Stage::Layer3, Stage::Layer4];

/// A residual block: two 3×3 convolutions, or a bottleneck of 1×1, 3×3 and 1×1.
#[derive(Debug)]
pub(super) struct Block<U> {
    /// The convolutions on the residual path.
    pub(super) units: Vec<U>,
    /// The 1×1 on the shortcut, where the block changes size or width.
    pub(super) downsample: Option<U>,
}

impl<U: Unit> Block<U> {
    fn forward(&self, input: &Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        let shortcut = match &self.downsample {
            Some(downsample) => downsample.forward(input, None, false, pass)?,
            None => input.clone(),
        };
        let mut activation = input.clone();
        for (index, unit) in self.units.iter().enumerate() {
            let is_last = index + 1 == self.units.len();
            activation = unit.forward(&activation, is_last.then_some(&shortcut), true, pass)?;
        }
        Ok(activation)
    }
}

/// The topology of a residual network over trainable or folded units.
#[derive(Debug)]
pub(super) struct Network<U> {
    /// `conv1` and `bn1`.
    pub(super) stem: U,
    /// `layer1` to `layer4`; fewer when only the front part was folded.
    pub(super) layers: Vec<Vec<Block<U>>>,
}

impl<U: Unit> Network<U> {
    /// Runs the parts between two boundaries that the caller has checked.
    pub(super) fn run(
        &self,
        input: &Tensor,
        from: Stage,
        to: Stage,
        pass: U::Pass<'_>,
    ) -> Result<Tensor> {
        let runs = |stage| from < stage && stage <= to;
        let mut activation = input.clone();
        if runs(Stage::Stem) {
            activation = self.stem.forward(&activation, None, true, pass)?;
            activation = max_pool(&activation, 3, 2, 1)?;
        }
        for (stage, blocks) in LAYERS.into_iter().zip(&self.layers) {
            if runs(stage) {
                for block in blocks {
                    activation = block.forward(&activation, pass)?;
                }
            }
        }
        if runs(Stage::Pooled) {
            activation = global_average_pool(&activation)?;
        }
        Ok(activation)
    }

    /// The same topology with each unit replaced, up to `until`.
    pub(super) fn map<V>(
        &self,
        until: Stage,
        convert: impl Fn(&U) -> Result<V>,
    ) -> Result<Network<V>> {
        let convert_block = |block: &Block<U>| {
            Ok(Block {
                units: block.units.iter().map(&convert).collect::<Result<_>>()?,
                downsample: block.downsample.as_ref().map(&convert).transpose()?,
            })
        };
        Ok(Network {
            stem: convert(&self.stem)?,
            layers: LAYERS
                .into_iter()
                .zip(&self.layers)
                .filter(|(stage, _)| *stage <= until)
                .map(|(_, blocks)| blocks.iter().map(convert_block).collect())
                .collect::<Result<_>>()?,
        })
    }
}
