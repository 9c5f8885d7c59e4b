use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Shape, Tensor};

use super::filter_gradient::filter_gradient;
use super::forward::Filters;
use super::geometry::Geometry;
use super::input_gradient::input_gradient;
use super::product::Finish;
use super::shape::ConvolutionShape;
use super::window::Images;
use super::winograd::{self, FilterUse};
use crate::kernel::{kernel, outer_kernel, winograd_kernel};
use crate::optimiser::update_with;
use crate::relu::{passed, relu_gradient};
use crate::sums::column_sums;
use crate::tape::{apply2, apply3, note};
use crate::values::{Values, contiguous};
use crate::{DType, Error, Result};

/// Convolves images with filters, differentiably.
///
/// `input` is `[batch, height, width, channels_in]`, `filters`
/// `[kernel_height * kernel_width * channels_in, channels_out]`, `bias`
/// `[channels_out]`; the result is `[batch, height, width, channels_out]`.
///
/// # Errors
/// [`Error::Argument`] when shapes do not fit, [`Error::Tensor`] for data types
/// other than `f32`.
pub fn convolution(
    input: &Tensor,
    filters: &Tensor,
    bias: Option<&Tensor>,
    shape: ConvolutionShape,
) -> Result<Tensor> {
    convolve(input, filters, bias, shape, false)
}

/// The positive part of a [`convolution`], differentiably. One operation, since
/// the backward pass needs the result alone and no second activation is kept.
///
/// # Errors
/// As [`convolution`].
pub fn convolution_relu(
    input: &Tensor,
    filters: &Tensor,
    bias: Option<&Tensor>,
    shape: ConvolutionShape,
) -> Result<Tensor> {
    convolve(input, filters, bias, shape, true)
}

fn convolve(
    input: &Tensor,
    filters: &Tensor,
    bias: Option<&Tensor>,
    shape: ConvolutionShape,
    relu: bool,
) -> Result<Tensor> {
    let &[rows, channels_out] = filters.dims() else {
        return Err(Error::Argument(format!(
            "convolution filters must be [kernel_height * kernel_width * channels_in, \
             channels_out], got shape {:?}",
            filters.dims()
        )));
    };
    require_f32(input, "a convolution")?;
    require_f32(filters, "the filters of a convolution")?;
    if let Some(bias) = bias {
        if bias.dims() != [channels_out] {
            return Err(Error::Argument(format!(
                "the bias of a convolution with {channels_out} output channels has shape {:?}",
                bias.dims()
            )));
        }
        require_f32(bias, "the bias of a convolution")?;
    }
    let geometry = geometry(input, (rows, channels_out), shape)?;
    let (input, filters) = (input.contiguous()?, filters.contiguous()?);
    let bias = bias.map(Tensor::contiguous).transpose()?;
    if !relu {
        let operation = Operation { geometry, relu };
        return match bias {
            Some(bias) => apply3(&input, &filters, &bias, operation),
            None => apply2(&input, &filters, operation),
        };
    }
    let operation = Operation { geometry, relu };
    let (output, inputs) = match bias {
        Some(bias) => {
            let output = input.apply_op3(&filters, &bias, operation)?;
            (output, vec![input, filters, bias])
        }
        None => (input.apply_op2(&filters, operation)?, vec![input, filters]),
    };
    let inputs: Vec<&Tensor> = inputs.iter().collect();
    note(&inputs, &output, move |inputs, output, gradient| {
        // The tape's gradients may be overwritten: no copy of the largest ones.
        update_with(gradient, output, |gradient, output| {
            *gradient = passed(output, *gradient);
        })
        .map_err(candle_core::Error::wrap)?;
        let convolution = Operation {
            geometry,
            relu: false,
        };
        convolution.all_gradients(inputs, gradient)
    })?;
    Ok(output)
}

/// The sizes of a convolution of `input` with filters of the given rows and
/// columns, which must fit.
pub(super) fn geometry(
    input: &Tensor,
    (rows, channels_out): (usize, usize),
    shape: ConvolutionShape,
) -> Result<Geometry> {
    let input = images(input, "a convolution")?;
    let expected = shape.area() * input.channels;
    if rows != expected {
        return Err(Error::Argument(format!(
            "the filters have {rows} rows, but a {}×{} kernel on {} channels needs {expected}",
            shape.kernel.0, shape.kernel.1, input.channels
        )));
    }
    let (height, width) = shape.output_size((input.height, input.width))?;
    let output = Images {
        batch: input.batch,
        height,
        width,
        channels: channels_out,
    };
    Ok(Geometry {
        input,
        output,
        shape,
    })
}

/// The sizes of a batch of images, checked to be one.
pub(crate) fn images(tensor: &Tensor, operation: &str) -> Result<Images> {
    match *tensor.dims() {
        [batch, height, width, channels] => Ok(Images {
            batch,
            height,
            width,
            channels,
        }),
        ref dims => Err(Error::Argument(format!(
            "{operation} takes [batch, height, width, channels], got shape {dims:?}"
        ))),
    }
}

/// Refuses tensors that do not hold `f32`.
pub(crate) fn require_f32(tensor: &Tensor, what: &str) -> Result<()> {
    if tensor.dtype() == DType::F32 {
        return Ok(());
    }
    Err(Error::Argument(format!(
        "{what} takes f32 tensors, got {:?}",
        tensor.dtype()
    )))
}

impl From<Images> for Shape {
    fn from(images: Images) -> Self {
        (&images.dims()).into()
    }
}

/// One convolution in the graph of operations.
struct Operation {
    geometry: Geometry,
    /// Whether a ReLU follows.
    relu: bool,
}

impl Operation {
    fn forward(&self, input: &[f32], filters: &[f32], bias: Option<&[f32]>) -> CpuStorage {
        let kernel = kernel();
        let geometry = &self.geometry;
        let sizes = geometry.filter_sizes();
        let filters = Filters::pack(kernel, filters, bias, sizes, geometry.shape);
        let finish = Finish {
            relu: self.relu,
            ..Finish::NOTHING
        };
        CpuStorage::F32(filters.convolve(geometry, input, finish, FilterUse::Once))
    }

    /// The gradient of the convolution's result, from that of the output.
    fn before_relu(&self, output: &Tensor, gradient: &Tensor) -> candle_core::Result<Tensor> {
        let gradient = gradient.contiguous()?;
        if !self.relu {
            return Ok(gradient);
        }
        let masked = relu_gradient(&Values::of(output)?, &Values::of(&gradient)?);
        Tensor::from_vec(masked, gradient.shape(), gradient.device())
    }

    /// The gradients of input and filters, where they are wanted.
    fn gradients(
        &self,
        input: &Tensor,
        filters: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let geometry = &self.geometry;
        let gradient_values = Values::of(gradient)?;
        let input_gradient = if input.track_op() {
            let filters = Values::of(filters)?;
            let result = input_gradient(kernel(), geometry, &filters, &gradient_values);
            Some(Tensor::from_vec(result, input.shape(), input.device())?)
        } else {
            None
        };
        let filter_gradient = if filters.track_op() {
            let input = Values::of(input)?;
            let result = if winograd::pays_for_filters(geometry) {
                let kernels = (outer_kernel(), winograd_kernel());
                winograd::filter_gradient(kernels, geometry, &input, &gradient_values)
            } else {
                filter_gradient(outer_kernel(), geometry, &input, &gradient_values)
            };
            Some(Tensor::from_vec(result, filters.shape(), filters.device())?)
        } else {
            None
        };
        Ok((input_gradient, filter_gradient))
    }

    /// The gradients of input, filters and, where there is one, bias.
    fn all_gradients(
        &self,
        inputs: &[Tensor],
        gradient: &Tensor,
    ) -> candle_core::Result<Vec<Option<Tensor>>> {
        let (input, filters) = self.gradients(&inputs[0], &inputs[1], gradient)?;
        let mut gradients = vec![input, filters];
        if let Some(bias) = inputs.get(2) {
            gradients.push(if bias.track_op() {
                let sums = column_sums(&Values::of(gradient)?, self.geometry.output.channels);
                Some(Tensor::from_vec(sums, bias.shape(), bias.device())?)
            } else {
                None
            });
        }
        Ok(gradients)
    }
}

impl CustomOp2 for Operation {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        filters: &CpuStorage,
        filters_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let input = contiguous(input, input_layout)?;
        let filters = contiguous(filters, filters_layout)?;
        Ok((
            self.forward(input, filters, None),
            self.geometry.output.into(),
        ))
    }

    fn bwd(
        &self,
        input: &Tensor,
        filters: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        self.gradients(input, filters, &self.before_relu(output, gradient)?)
    }
}

impl CustomOp3 for Operation {
    fn name(&self) -> &'static str {
        "convolution with bias"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        filters: &CpuStorage,
        filters_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let input = contiguous(input, input_layout)?;
        let filters = contiguous(filters, filters_layout)?;
        let bias = contiguous(bias, bias_layout)?;
        Ok((
            self.forward(input, filters, Some(bias)),
            self.geometry.output.into(),
        ))
    }

    fn bwd(
        &self,
        input: &Tensor,
        filters: &Tensor,
        bias: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = self.before_relu(output, gradient)?;
        let mut gradients =
            self.all_gradients(&[input, filters, bias].map(Tensor::clone), &gradient)?;
        let bias = gradients.pop().flatten();
        let filters = gradients.pop().flatten();
        Ok((gradients.pop().flatten(), filters, bias))
    }
}
