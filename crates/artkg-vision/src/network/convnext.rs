use artkg_nn::{Initialisation, Role, Scope, Tensor, depthwise_convolution};

use super::layer::Layer;
use super::step::{listed, single, step};
use super::table::Table;
use super::transformer::Perceptron;
use super::unit::Unit;
use crate::error::Result;

/// A block of a ConvNeXt (Liu et al., CVPR 2022): a wide convolution of each channel by
/// itself, then a perceptron for each pixel, beside a shortcut.
#[derive(Debug)]
pub(crate) struct ConvNext<U> {
    pub(crate) depthwise: Depthwise,
    pub(crate) perceptron: Perceptron<U>,
}

/// A convolution of each channel by itself that keeps the size of images.
#[derive(Debug)]
pub(crate) struct Depthwise {
    name: String,
    kernel: usize,
    filters: Table,
    bias: Table,
}

impl Depthwise {
    /// Filters of `kernel` pixels a side, their parameters in `scope`.
    pub(crate) fn new(scope: &Scope<'_>, channels: usize, kernel: usize) -> Result<Self> {
        let area = kernel * kernel;
        let deviation = (2.0 / area as f32).sqrt();
        let role = Role::Filter {
            kernel: (kernel, kernel),
        };
        let filters = Initialisation::Normal { deviation };
        let zeros = Initialisation::Zeros;
        Ok(Self {
            name: scope.path().to_owned(),
            kernel,
            filters: Table::new(scope, "weight", &[area, channels], filters, role)?,
            bias: Table::new(scope, "bias", &[channels], zeros, Role::Bias)?,
        })
    }

    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let images = single(images)?;
        let area = self.kernel * self.kernel;
        let multiply_adds = |output: &Tensor| (output.elem_count() * area) as u64;
        let operation = self.operation();
        step(
            &self.name,
            &operation,
            multiply_adds,
            &[&images],
            |inputs| {
                let (filters, bias) = (self.filters.tensor(), self.bias.tensor());
                Ok(depthwise_convolution(
                    inputs[0],
                    filters,
                    bias,
                    self.kernel,
                )?)
            },
        )
    }

    fn operation(&self) -> String {
        format!("depthwise convolution {0}×{0}", self.kernel)
    }

    fn copy(&self) -> Result<Self> {
        Ok(Self {
            name: self.name.clone(),
            kernel: self.kernel,
            filters: self.filters.copy()?,
            bias: self.bias.copy()?,
        })
    }
}

impl<U: Unit> ConvNext<U> {
    pub(crate) fn forward(&self, input: &Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        let convolved = self.depthwise.forward(input)?;
        self.perceptron.forward(&convolved, input, pass)
    }

    pub(crate) fn map<V>(&self, convert: &impl Fn(&U) -> Result<V>) -> Result<ConvNext<V>> {
        Ok(ConvNext {
            depthwise: self.depthwise.copy()?,
            perceptron: self.perceptron.map(convert)?,
        })
    }

    /// Appends the block's layers at images of `shape`, which it keeps.
    pub(crate) fn trace(&self, shape: &[usize], layers: &mut Vec<Layer>) -> Result<Vec<usize>> {
        let Depthwise {
            name,
            kernel,
            filters,
            bias,
        } = &self.depthwise;
        let parameters = filters.parameters() + bias.parameters();
        let multiply_adds = shape.iter().product::<usize>() * kernel * kernel;
        let operation = self.depthwise.operation();
        layers.push(listed(
            name,
            &operation,
            shape,
            parameters,
            multiply_adds as u64,
        ));
        self.perceptron.trace(shape, layers)?;
        Ok(shape.to_vec())
    }

    pub(crate) fn owns(&self, parameter: &str) -> bool {
        let Depthwise { filters, bias, .. } = &self.depthwise;
        filters.owns(parameter) || bias.owns(parameter) || self.perceptron.owns(parameter)
    }
}
