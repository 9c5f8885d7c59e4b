use artkg_nn::{ConvolutionShape, Linear, Module, Scope, Tensor};

use super::part::Part;
use super::pool::{Pool, PoolKind};
use super::unit::{Norm, TrainablePass, TrainableUnit};
use crate::error::Result;

/// A classifier on an activation in the middle of GoogLeNet, whose loss drives
/// the layers before it in training (Szegedy et al., CVPR 2015).
#[derive(Debug)]
pub(crate) struct AuxiliaryClassifier {
    parts: Vec<Part<TrainableUnit>>,
    classifier: Linear,
}

impl AuxiliaryClassifier {
    /// A classifier on an activation of `channels` channels; its fully connected
    /// layer drops a share of `dropout` of its values.
    pub(crate) fn new(
        scope: &Scope<'_>,
        channels: usize,
        epsilon: f64,
        dropout: f32,
        classes: usize,
    ) -> Result<Self> {
        let convolution = scope.sub("conv");
        let norm = Norm {
            scope: convolution.sub("bn"),
            epsilon,
        };
        let hidden = scope.sub("fc1");
        let width = 1024;
        Ok(Self {
            parts: vec![
                Part::Pool(Pool::new(scope.path(), PoolKind::Adaptive(4))),
                Part::Unit(TrainableUnit::convolution(
                    &convolution.sub("conv"),
                    Some(&norm),
                    (channels, 128),
                    ConvolutionShape::square(1, 1, 0),
                    false,
                )?),
                Part::Unit(TrainableUnit::linear(
                    &hidden,
                    Linear::over_images(&hidden, [4, 4, 128], width)?,
                )),
                Part::Dropout(dropout),
            ],
            classifier: Linear::new(&scope.sub("fc2"), width, classes)?,
        })
    }

    /// `[batch, classes]` of the activation.
    pub(crate) fn forward(&self, activation: &Tensor, pass: TrainablePass<'_>) -> Result<Tensor> {
        let mut activation = activation.clone();
        for part in &self.parts {
            activation = part.forward(activation, pass)?;
        }
        Ok(self.classifier.forward(&activation, pass.context)?)
    }
}
