use candle_core::{Tensor, Var};

use super::operation::{Statistics, moments, normalise};
use crate::checks::{images, require_f32};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::initialisation::Initialisation;
use crate::module::Module;
use crate::parameters::{Role, Scope};

/// Batch normalisation over the pixels of a batch, for each channel.
///
/// Training normalises with the batch's mean and biased variance and moves the
/// running statistics towards the batch's mean and unbiased variance;
/// evaluation normalises with the running statistics. Defaults are PyTorch's.
#[derive(Clone, Debug)]
pub struct BatchNorm {
    weight: Var,
    bias: Var,
    running_mean: Var,
    running_variance: Var,
    momentum: f64,
    epsilon: f64,
}

impl BatchNorm {
    /// Creates "weight" (ones), "bias" (zeros), "running_mean" (zeros) and
    /// "running_var" (ones) in `scope`; momentum is 0.1 and epsilon 1e-5.
    ///
    /// # Errors
    /// When a name is taken.
    pub fn new(scope: &Scope<'_>, channels: usize) -> Result<Self> {
        let create =
            |name, initialisation, role| scope.parameter(name, &[channels], initialisation, role);
        Ok(Self {
            weight: create("weight", Initialisation::Ones, Role::Normalisation)?,
            bias: create("bias", Initialisation::Zeros, Role::Normalisation)?,
            running_mean: create("running_mean", Initialisation::Zeros, Role::Buffer)?,
            running_variance: create("running_var", Initialisation::Ones, Role::Buffer)?,
            momentum: 0.1,
            epsilon: 1e-5,
        })
    }

    /// The same layer with another epsilon, the constant added to variances.
    #[must_use]
    pub fn with_epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// The same layer with another momentum, the share of the batch in the
    /// running statistics.
    #[must_use]
    pub fn with_momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// The scale of each channel, `[channels]`.
    pub fn weight(&self) -> &Var {
        &self.weight
    }

    /// The shift of each channel, `[channels]`.
    pub fn bias(&self) -> &Var {
        &self.bias
    }

    /// Normalises `input`, adds `residual`, and applies ReLU when `relu` is
    /// set: one operation, forward and backward.
    ///
    /// # Errors
    /// [`Error::Argument`] when shapes do not fit, or when training on a single
    /// value a channel, whose variance says nothing.
    pub fn forward_fused(
        &self,
        input: &Tensor,
        residual: Option<&Tensor>,
        relu: bool,
        context: &Context,
    ) -> Result<Tensor> {
        require_f32(input, "batch norm")?;
        let sizes = images(input, "batch norm")?;
        let channels = self.weight.elem_count();
        if sizes.channels != channels {
            return Err(Error::Argument(format!(
                "batch norm over {channels} channels got an input of shape {:?}",
                input.dims()
            )));
        }
        if let Some(residual) = residual
            && images(residual, "the residual of a batch norm")? != sizes
        {
            return Err(Error::Argument(format!(
                "a residual of shape {:?} does not fit a batch norm's input of shape {:?}",
                residual.dims(),
                input.dims()
            )));
        }
        let input = input.contiguous()?;
        let residual = residual.map(Tensor::contiguous).transpose()?;
        let statistics = if context.is_training() {
            self.batch_statistics(&input, sizes.pixels())?
        } else {
            self.running_statistics()?
        };
        normalise(
            &input,
            &self.weight,
            &self.bias,
            residual.as_ref(),
            statistics,
            relu,
        )
    }

    /// What evaluation multiplies each channel by and then adds to it.
    pub(crate) fn scale_and_shift(&self) -> Result<(Tensor, Tensor)> {
        let statistics = self.running_statistics()?;
        let scale = (self.weight.as_detached_tensor() * &statistics.inverse_deviation)?;
        let shift = (self.bias.as_detached_tensor() - (&statistics.mean * &scale)?)?;
        Ok((scale, shift))
    }

    fn running_statistics(&self) -> Result<Statistics> {
        let variance = self.running_variance.as_detached_tensor();
        Ok(Statistics {
            // A copy: the graph must keep today's values, the layer moves on.
            mean: self.running_mean.as_detached_tensor().copy()?,
            inverse_deviation: variance.affine(1.0, self.epsilon)?.sqrt()?.recip()?,
            of_batch: false,
        })
    }

    /// The statistics of `input`, after moving the running ones towards them.
    fn batch_statistics(&self, input: &Tensor, count: usize) -> Result<Statistics> {
        if count < 2 {
            return Err(Error::SingleValue(input.dims().to_vec()));
        }
        let (mean, variance) = moments(input)?;
        let unbiased = count as f64 / (count - 1) as f64;
        self.move_towards(&self.running_mean, &mean, 1.0)?;
        self.move_towards(&self.running_variance, &variance, unbiased)?;
        Ok(Statistics {
            mean,
            inverse_deviation: variance.affine(1.0, self.epsilon)?.sqrt()?.recip()?,
            of_batch: true,
        })
    }

    fn move_towards(&self, running: &Var, batch: &Tensor, factor: f64) -> Result<()> {
        let kept = running
            .as_detached_tensor()
            .affine(1.0 - self.momentum, 0.0)?;
        let moved = (kept + batch.affine(self.momentum * factor, 0.0)?)?;
        Ok(running.set(&moved)?)
    }
}

impl Module for BatchNorm {
    fn forward(&self, input: &Tensor, context: &Context) -> Result<Tensor> {
        self.forward_fused(input, None, false, context)
    }
}
