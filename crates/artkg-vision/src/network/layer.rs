use artkg_nn::profile::Description;
use artkg_nn::{ConvolutionShape, Tensor, reshape};
use serde::Serialize;

use crate::error::Result;

/// One layer of a backbone for images of a certain size: what `artkg models`
/// lists. Batch norm and activations belong to the layer before them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// The name, as the layer's parameters begin: `layer1.0.conv2`.
    pub name: String,
    /// What it does: `convolution 3×3`, `linear`, `max pool 3×3 / 2`.
    pub operation: String,
    /// The shape of its output for one image, `[height, width, channels]`, `[tokens,
    /// channels]` or `[features]`.
    pub output: Vec<usize>,
    /// The number of its trained values.
    pub parameters: usize,
    /// Multiplications with an addition for one image; those of convolutions,
    /// linear layers and attention, as usual.
    pub multiply_adds: u64,
}

/// What is fixed of a layer with weights, before any image.
#[derive(Clone, Debug)]
pub(crate) struct Specification {
    /// Where its weights are in the parameter store.
    pub(crate) name: String,
    /// Where its batch norm is, if it has one.
    pub(crate) norm: Option<String>,
    /// The window that slides over images; `None` for linear layers.
    pub(crate) window: Option<ConvolutionShape>,
    /// The number of input channels or features.
    pub(crate) inputs: usize,
    /// The number of output channels or features.
    pub(crate) outputs: usize,
    /// The number of weights without biases, which is the number of
    /// multiply-adds for one position of the output.
    pub(crate) weights: usize,
    /// The number of all trained values.
    pub(crate) parameters: usize,
}

impl Specification {
    /// Whether a parameter belongs to this layer.
    pub(crate) fn owns(&self, parameter: &str) -> bool {
        let begins = |name: &str| {
            let rest = parameter.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        begins(&self.name) || self.norm.as_deref().is_some_and(begins)
    }

    /// The layer at an input of `shape`.
    pub(crate) fn layer(&self, shape: &[usize]) -> Result<Layer> {
        let mut output = match (self.window, shape) {
            (Some(window), &[height, width, _]) => {
                let (height, width) = window.output_size((height, width))?;
                vec![height, width]
            }
            // Over the last dimension alone where that is all the layer takes.
            (None, [places @ .., last]) if *last == self.inputs => places.to_vec(),
            _ => Vec::new(),
        };
        let positions: usize = output.iter().product();
        output.push(self.outputs);
        Ok(Layer {
            name: self.name.clone(),
            operation: self.operation(),
            output,
            parameters: self.parameters,
            multiply_adds: (positions * self.weights) as u64,
        })
    }

    /// The input as a linear layer takes it: whole images as rows of their values,
    /// all else as it is.
    pub(crate) fn rows(&self, input: &Tensor) -> Result<Tensor> {
        match *input.dims() {
            [batch, ref item @ .., last] if last != self.inputs => {
                let length = item.iter().product::<usize>() * last;
                Ok(reshape(input, &[batch, length])?)
            }
            _ => Ok(input.clone()),
        }
    }

    /// The layer in a profile, by its output.
    pub(crate) fn describe(&self, output: &Tensor) -> Description {
        let positions = output.elem_count() / self.outputs;
        Description {
            name: self.name.clone(),
            operation: self.operation(),
            multiply_adds: (positions * self.weights) as u64,
        }
    }

    fn operation(&self) -> String {
        match self.window {
            Some(window) => format!("convolution {}", describe_window(window)),
            None => "linear".to_owned(),
        }
    }
}

/// `3×3`, or `3×3 / 2` with a stride.
pub(crate) fn describe_window(window: ConvolutionShape) -> String {
    let (height, width) = window.kernel;
    match window.stride.0 {
        1 => format!("{height}×{width}"),
        stride => format!("{height}×{width} / {stride}"),
    }
}
