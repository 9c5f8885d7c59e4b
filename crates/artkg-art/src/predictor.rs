use std::path::Path;

use artkg_image::Pixels;
use artkg_nn::{Context, Device, Precision, Tensor};
use artkg_vision::{InferenceBackbone, Stage};

use crate::calibration::probabilities;
use crate::classifier::Classifier;
use crate::{ModelDescription, Result, StoredModel};

/// A trained model ready to label images: batch norm folded into the filters,
/// calibrated probabilities.
#[derive(Debug)]
pub struct Predictor {
    description: ModelDescription,
    backbone: Box<dyn InferenceBackbone>,
    classifier: Classifier,
    /// The classifiers whose opinions are its inputs beside the image.
    attributes: Vec<Predictor>,
}

/// The raw scores of a batch: for each head `[batch, classes]`, row by row.
pub type Logits = Vec<Vec<f32>>;

impl Predictor {
    /// Loads a model file; its network multiplies in `precision` where the
    /// processor can.
    ///
    /// # Errors
    /// As [`StoredModel::load`].
    pub fn load(path: &Path, precision: Precision) -> Result<Self> {
        Self::new(StoredModel::load(path)?, precision)
    }

    /// The inference form of a model.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn new(stored: StoredModel, precision: Precision) -> Result<Self> {
        let attributes = stored.attributes.into_iter();
        Ok(Self {
            description: stored.description,
            backbone: stored.model.backbone().fold(Stage::Pooled, precision)?,
            classifier: stored.model.into_classifier(),
            attributes: attributes
                .map(|model| Self::new(model, precision))
                .collect::<Result<_>>()?,
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
        self.logits_of(&images)
    }

    /// The scores of images `[batch, crop, crop, 3]`.
    fn logits_of(&self, images: &Tensor) -> Result<Logits> {
        let features = self.backbone.forward(images)?;
        let side = match self.attributes.as_slice() {
            [] => None,
            models => Some(opinions(models, images)?),
        };
        let context = Context::evaluation();
        let outputs = self
            .classifier
            .forward(&features, side.as_ref(), &context)?;
        let logits = outputs.logits.iter();
        logits
            .map(|logits| Ok(logits.flatten_all()?.to_vec1()?))
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

/// The probabilities of all heads of `models`, side by side: `[batch, classes]`.
fn opinions(models: &[Predictor], images: &Tensor) -> Result<Tensor> {
    let rows = images.dim(0)?;
    let mut columns = Vec::new();
    for model in models {
        for head in model.probabilities(&model.logits_of(images)?) {
            let classes = head.len() / rows;
            columns.push(Tensor::from_vec(head, (rows, classes), &Device::Cpu)?);
        }
    }
    Ok(Tensor::cat(&columns, 1)?)
}
