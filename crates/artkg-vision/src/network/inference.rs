use artkg_nn::{DType, Tensor, on_workers, profile};

use super::staged::Network;
use super::unit::FoldedUnit;
use crate::backbone::InferenceBackbone;
use crate::error::Result;
use crate::stage::Stage;

/// A network with its batch norms folded into the filters: the same outputs up
/// to rounding, less work, no graph.
#[derive(Debug)]
pub(crate) struct InferenceNetwork {
    pub(super) network: Network<FoldedUnit>,
}

impl InferenceBackbone for InferenceNetwork {
    fn until(&self) -> Stage {
        self.network.until()
    }

    fn forward_stages(&self, input: &Tensor, from: Stage, to: Stage) -> Result<Tensor> {
        self.network.check(input, from, to)?;
        let run = || self.network.run(input, from, to, ());
        let output = if profile::is_recording() {
            // What this thread runs is recorded.
            run()
        } else {
            on_workers(run)
        };
        Ok(output?.to_dtype(DType::F32)?)
    }
}
