use serde::{Deserialize, Serialize};

use crate::{Result, Tensor};

/// An elementwise non-linearity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// The identity.
    None,
    /// `max(x, 0)`.
    #[default]
    Relu,
    /// Hyperbolic tangent.
    Tanh,
    /// `x Φ(x)` with the normal distribution function Φ, exact as PyTorch's default.
    Gelu,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
}

impl Activation {
    /// Applies the function to every value.
    ///
    /// # Errors
    /// When the tensor operation fails.
    pub fn apply(self, input: &Tensor) -> Result<Tensor> {
        Ok(match self {
            Self::None => input.clone(),
            Self::Relu => input.relu()?,
            Self::Tanh => input.tanh()?,
            Self::Gelu => input.gelu_erf()?,
            // The same function; exp(-x) would overflow and give NaN gradients.
            Self::Sigmoid => input.affine(0.5, 0.0)?.tanh()?.affine(0.5, 0.5)?,
        })
    }
}
