use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::gelu::gelu;
use crate::relu::relu;
use crate::tape::apply_library;

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
        match self {
            Self::None => Ok(input.clone()),
            Self::Relu => relu(input),
            Self::Gelu => gelu(input),
            Self::Tanh | Self::Sigmoid => apply_library(input, move |input| self.by_library(input)),
        }
    }

    fn by_library(self, input: &Tensor) -> candle_core::Result<Tensor> {
        Ok(match self {
            Self::None | Self::Relu | Self::Gelu => input.clone(),
            Self::Tanh => input.tanh()?,
            // The same function; exp(-x) would overflow and give NaN gradients.
            Self::Sigmoid => input.affine(0.5, 0.0)?.tanh()?.affine(0.5, 0.5)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    const ALL: [Activation; 5] = [
        Activation::None,
        Activation::Relu,
        Activation::Tanh,
        Activation::Gelu,
        Activation::Sigmoid,
    ];

    #[test]
    fn gradients_match_differences() {
        for activation in ALL {
            // Bounded away from 0, where ReLU has a kink.
            let input = random_tensor(&[4, 5], 1.0, 1);
            let input = (&input + input.sign().unwrap().affine(0.1, 0.0).unwrap()).unwrap();
            assert_gradients(&[input], 2e-3, |a| activation.apply(&a[0]));
        }
    }

    #[test]
    fn values_and_gradients_stay_finite() {
        for activation in ALL {
            let input = Var::new(&[-200f32, -20.0, 0.0, 20.0, 200.0], &Device::Cpu).unwrap();
            let output = activation.apply(&input).unwrap();
            let gradients = output.sum_all().unwrap().backward().unwrap();
            let gradient = gradients.get(&input).unwrap().to_vec1::<f32>().unwrap();
            assert!(
                gradient.iter().all(|value| value.is_finite()),
                "{activation:?}: {gradient:?}"
            );
            let output = output.to_vec1::<f32>().unwrap();
            assert!(
                output.iter().all(|value| value.is_finite()),
                "{activation:?}: {output:?}"
            );
        }
    }

    #[test]
    fn names_are_lower_case() {
        let parsed: Activation = serde_json::from_str("\"gelu\"").unwrap();
        assert_eq!(parsed, Activation::Gelu);
        assert!(serde_json::from_str::<Activation>("\"swish\"").is_err());
    }
}
