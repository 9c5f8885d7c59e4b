use candle_core::{DType, Tensor, Var};

use crate::error::Result;

/// What a parameter is: decides its layout in files, and whether weight decay
/// and gradients apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Convolution filters: `[kernel_height * kernel_width * channels_in,
    /// channels_out]` in memory, `[channels_out, channels_in, kernel_height,
    /// kernel_width]` in files.
    Filter {
        /// Kernel height and width.
        kernel: (usize, usize),
    },
    /// The weight of a linear layer, `[outputs, inputs]`.
    Weight,
    /// The weight of a linear layer over whole images: pixel after pixel
    /// (`[outputs, height * width * channels]`) in memory, channel after channel
    /// in files, where PyTorch flattens channels first.
    ImageWeight {
        /// The images' height times width.
        pixels: usize,
    },
    /// An additive bias, `[outputs]`.
    Bias,
    /// Scale or shift of a normalisation layer, `[channels]`.
    Normalisation,
    /// State that is saved but not trained, such as running statistics.
    Buffer,
}

/// One named tensor of a model.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The values, shared with the layer that uses them.
    pub variable: Var,
    /// What the parameter is.
    pub role: Role,
}

impl Parameter {
    /// Whether the optimiser updates it.
    pub fn is_trainable(&self) -> bool {
        self.role != Role::Buffer
    }

    /// The values in PyTorch's layout, detached from the graph.
    pub(super) fn to_file_layout(&self) -> Result<Tensor> {
        let tensor = self.variable.as_detached_tensor();
        Ok(match self.role {
            Role::Filter { kernel } => {
                let (rows, outputs) = tensor.dims2()?;
                let inputs = rows / (kernel.0 * kernel.1);
                tensor
                    .reshape((kernel.0, kernel.1, inputs, outputs))?
                    .permute((3, 2, 0, 1))?
                    .contiguous()?
            }
            Role::ImageWeight { pixels } => {
                let (outputs, inputs) = tensor.dims2()?;
                tensor
                    .reshape((outputs, pixels, inputs / pixels))?
                    .transpose(1, 2)?
                    .contiguous()?
                    .reshape((outputs, inputs))?
            }
            // A copy: later training must not change what was exported.
            _ => tensor.copy()?,
        })
    }

    /// The shape in files.
    pub fn file_shape(&self) -> Vec<usize> {
        let dims = self.variable.dims();
        match self.role {
            Role::Filter { kernel } => {
                let area = kernel.0 * kernel.1;
                vec![dims[1], dims[0] / area, kernel.0, kernel.1]
            }
            _ => dims.to_vec(),
        }
    }

    /// Takes values in PyTorch's layout.
    pub(super) fn set_from_file_layout(&self, tensor: &Tensor) -> Result<()> {
        let tensor = tensor
            .to_device(self.variable.device())?
            .to_dtype(DType::F32)?;
        let tensor = match self.role {
            Role::Filter { .. } => tensor
                .permute((2, 3, 1, 0))?
                .contiguous()?
                .reshape(self.variable.shape())?,
            Role::ImageWeight { pixels } => {
                let (outputs, inputs) = tensor.dims2()?;
                tensor
                    .reshape((outputs, inputs / pixels, pixels))?
                    .transpose(1, 2)?
                    .contiguous()?
                    .reshape((outputs, inputs))?
            }
            // A copy: the variable must not share storage with the caller's tensor.
            _ => tensor.copy()?,
        };
        Ok(self.variable.set(&tensor)?)
    }
}
