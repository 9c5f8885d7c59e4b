use std::path::Path;

use artkg_image::Pixels;
use artkg_nn::{Context, Device, Linear, Module, Precision, Tensor};
use artkg_vision::{InferenceBackbone, Stage};

use crate::calibration::probabilities;
use crate::model_file::load_model;
use crate::{ModelDescription, Result};

/// A trained model ready to label images: batch norm folded into the filters,
/// no projection, calibrated probabilities.
#[derive(Debug)]
pub struct Predictor {
    description: ModelDescription,
    backbone: Box<dyn InferenceBackbone>,
    heads: Vec<Linear>,
}

/// The raw scores of a batch: for each head `[batch, classes]`, row by row.
pub type Logits = Vec<Vec<f32>>;

impl Predictor {
    /// Loads a model file; its network multiplies in `precision` where the
    /// processor can.
    ///
    /// # Errors
    /// As [`load_model`].
    pub fn load(path: &Path, precision: Precision) -> Result<Self> {
        let (description, _, model) = load_model(path, &Device::Cpu)?;
        Ok(Self {
            description,
            backbone: model.backbone().fold(Stage::Pooled, precision)?,
            heads: model.heads().iter().map(|(_, head)| head.clone()).collect(),
        })
    }

    /// What the model file says about itself.
    pub fn description(&self) -> &ModelDescription {
        &self.description
    }

    /// The network's input for one picture: `[crop, crop, 3]` values.
    pub fn input(&self, pixels: &Pixels) -> Vec<f32> {
        self.description.preprocessing.evaluate(pixels)
    }

    /// The uncalibrated scores of `count` inputs, concatenated in `inputs`.
    ///
    /// # Errors
    /// When the number of values does not fit `count` inputs.
    pub fn logits(&self, inputs: Vec<f32>, count: usize) -> Result<Logits> {
        let side = self.description.preprocessing.crop;
        let images = Tensor::from_vec(inputs, (count, side, side, 3), &Device::Cpu)?;
        let features = self.backbone.forward(&images)?;
        self.heads
            .iter()
            .map(|head| {
                let logits = head.forward(&features, &Context::evaluation())?;
                Ok(logits.flatten_all()?.to_vec1()?)
            })
            .collect()
    }

    /// Calibrated probabilities from [`Predictor::logits`], in the same layout.
    pub fn probabilities(&self, logits: &Logits) -> Vec<Vec<f32>> {
        let description = &self.description;
        logits
            .iter()
            .zip(
                description
                    .vocabularies
                    .iter()
                    .zip(&description.temperatures),
            )
            .map(|(logits, (vocabulary, temperature))| {
                probabilities(logits, vocabulary.len(), *temperature)
            })
            .collect()
    }
}
