use candle_core::{DType, Tensor, WithDType};
use half::bf16;
use serde::{Deserialize, Serialize};

use artkg_kernels::elementwise::converted;
use artkg_kernels::has_bf16;

use crate::error::{Error, Result};
use crate::values::ValuesOf;

/// The numbers that inference multiplies; sums are always `f32`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// 16 bits with the range of `f32` and 8 significant bits: about twice as
    /// fast on processors that multiply them.
    Bf16,
}

impl Precision {
    /// All precisions.
    pub const ALL: [Self; 2] = [Self::F32, Self::Bf16];

    /// `f32` or `bf16`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        }
    }

    /// Whether this processor has instructions for it.
    pub fn is_supported(self) -> bool {
        match self {
            Self::F32 => true,
            Self::Bf16 => has_bf16(),
        }
    }

    /// This precision where the processor has it, `f32` elsewhere.
    #[must_use]
    pub fn or_f32(self) -> Self {
        if self.is_supported() { self } else { Self::F32 }
    }
}

impl std::fmt::Display for Precision {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

impl std::str::FromStr for Precision {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL
            .into_iter()
            .find(|precision| precision.name() == text);
        found.ok_or_else(|| Error::NoPrecision {
            name: text.to_owned(),
            known: Self::ALL.map(Self::name).to_vec(),
        })
    }
}

/// `tensor` in `f32`, contiguous.
pub(crate) fn to_f32(tensor: &Tensor) -> Result<Tensor> {
    if tensor.dtype() != DType::BF16 {
        return Ok(tensor.contiguous()?);
    }
    convert(tensor, bf16::to_f32)
}

/// `tensor` in `bf16`, contiguous.
pub(crate) fn to_bf16(tensor: &Tensor) -> Result<Tensor> {
    if tensor.dtype() == DType::BF16 {
        return Ok(tensor.contiguous()?);
    }
    convert(tensor, bf16::from_f32)
}

fn convert<From: WithDType, To: WithDType + Default>(
    tensor: &Tensor,
    convert: impl Fn(From) -> To + Sync,
) -> Result<Tensor> {
    let tensor = tensor.contiguous()?;
    let result = converted(&ValuesOf::<From>::of(&tensor)?, convert);
    Ok(Tensor::from_vec(result, tensor.shape(), tensor.device())?)
}
