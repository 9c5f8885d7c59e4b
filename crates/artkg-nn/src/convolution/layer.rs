use candle_core::{Tensor, Var};

use super::operation::{convolution, convolution_relu};
use super::shape::ConvolutionShape;
use crate::context::Context;
use crate::error::Result;
use crate::initialisation::Initialisation;
use crate::module::Module;
use crate::parameters::{Role, Scope};

/// A convolution layer with its filters and, where wanted, its bias.
#[derive(Clone, Debug)]
pub struct Convolution {
    filters: Var,
    bias: Option<Var>,
    shape: ConvolutionShape,
}

impl Convolution {
    /// Creates the parameters "weight" and, when `bias` is set, "bias" in
    /// `scope`.
    ///
    /// Filters start normal with the deviation of He et al. (ICCV 2015) for
    /// fan-out and ReLU, as torchvision's ResNets do; biases start at zero.
    ///
    /// # Errors
    /// When a name is taken.
    pub fn new(
        scope: &Scope<'_>,
        channels_in: usize,
        channels_out: usize,
        shape: ConvolutionShape,
        bias: bool,
    ) -> Result<Self> {
        let area = shape.area();
        let deviation = (2.0 / (area * channels_out) as f32).sqrt();
        let filters = scope.parameter(
            "weight",
            &[area * channels_in, channels_out],
            Initialisation::Normal { deviation },
            Role::Filter {
                kernel: shape.kernel,
            },
        )?;
        let bias = if bias {
            Some(scope.parameter("bias", &[channels_out], Initialisation::Zeros, Role::Bias)?)
        } else {
            None
        };
        Ok(Self {
            filters,
            bias,
            shape,
        })
    }

    /// The filters, `[kernel_height * kernel_width * channels_in, channels_out]`.
    pub fn filters(&self) -> &Var {
        &self.filters
    }

    /// The bias, `[channels_out]`.
    pub fn bias(&self) -> Option<&Var> {
        self.bias.as_ref()
    }

    /// Kernel, stride and padding.
    pub fn shape(&self) -> ConvolutionShape {
        self.shape
    }

    /// The positive part of what the layer gives.
    ///
    /// # Errors
    /// When the input does not fit.
    pub fn forward_relu(&self, input: &Tensor) -> Result<Tensor> {
        let bias = self.bias.as_ref().map(Var::as_tensor);
        convolution_relu(input, &self.filters, bias, self.shape)
    }
}

impl Module for Convolution {
    fn forward(&self, input: &Tensor, _context: &Context) -> Result<Tensor> {
        let bias = self.bias.as_ref().map(Var::as_tensor);
        convolution(input, &self.filters, bias, self.shape)
    }
}
