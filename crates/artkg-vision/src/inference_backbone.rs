use artkg_nn::{DType, Tensor, on_workers, profile};

use crate::error::Result;
use crate::network::{FoldedUnit, Network};
use crate::stage::Stage;

/// A backbone for inference only, its batch norms folded into the filters: the same
/// outputs up to rounding, less work, no graph, no training.
#[derive(Debug)]
pub struct InferenceBackbone {
    pub(crate) network: Network<FoldedUnit>,
}

impl InferenceBackbone {
    /// The boundary that it was folded up to.
    pub fn until(&self) -> Stage {
        self.network.until()
    }

    /// Runs the parts between two boundaries on `input`, the activation at `from`.
    ///
    /// # Errors
    /// [`crate::Error::Order`] when `from` comes after `to`, [`crate::Error::Folded`] when `to` comes
    /// after [`InferenceBackbone::until`], [`crate::Error::ActivationShape`] when the shape of
    /// `input` does not fit.
    pub fn forward_stages(&self, input: &Tensor, from: Stage, to: Stage) -> Result<Tensor> {
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

    /// The activation at [`InferenceBackbone::until`] of images: the pooled
    /// features when everything was folded.
    ///
    /// # Errors
    /// As [`InferenceBackbone::forward_stages`].
    pub fn forward(&self, images: &Tensor) -> Result<Tensor> {
        self.forward_stages(images, Stage::Input, self.until())
    }
}
