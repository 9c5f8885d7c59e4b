use artkg_nn::{FoldedConvolution, Tensor};

use super::network::Network;
use super::unit::TrainableUnit;
use super::{ResNet, channels_at};
use crate::backbone::{InferenceBackbone, check_input};
use crate::{Architecture, Result, Stage};

/// A residual network with its batch norms folded into the filters: the same
/// outputs up to rounding, less work, no graph.
#[derive(Debug)]
pub struct InferenceResNet {
    architecture: Architecture,
    until: Stage,
    network: Network<FoldedConvolution>,
}

impl InferenceResNet {
    /// Folds the parts of `network` before `until`.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn new(network: &ResNet, until: Stage) -> Result<Self> {
        Ok(Self {
            architecture: network.architecture,
            until,
            network: network.network.map(until, TrainableUnit::fold)?,
        })
    }
}

impl InferenceBackbone for InferenceResNet {
    fn until(&self) -> Stage {
        self.until
    }

    fn forward_stages(&self, input: &Tensor, from: Stage, to: Stage) -> Result<Tensor> {
        let channels = channels_at(self.architecture, from);
        check_input(input, channels, from, to, self.until)?;
        self.network.run(input, from, to, ())
    }
}
