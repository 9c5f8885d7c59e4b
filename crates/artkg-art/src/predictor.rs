use std::path::Path;

use artkg_image::Pixels;
use artkg_nn::{Context, Device, Precision, Tensor};
use artkg_text::Captions;
use artkg_vision::{InferenceBackbone, Stage};

use crate::calibration::probabilities;
use crate::captions::caption_values;
use crate::classifier::Classifier;
use crate::side::SideValues;
use crate::{Error, ModelDescription, Result, SideDescription, StoredModel};

/// A trained model ready to label images: batch norm folded into the filters,
/// calibrated probabilities.
#[derive(Debug)]
pub struct Predictor {
    description: ModelDescription,
    backbone: Box<dyn InferenceBackbone>,
    classifier: Classifier,
    /// The classifiers whose opinions are its inputs beside the image.
    attributes: Vec<Predictor>,
    /// The words of captions, which are its inputs beside the image.
    captions: Option<SideValues>,
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
            captions: None,
        })
    }

    /// The predictor with the captions of the images that it is to see.
    ///
    /// # Errors
    /// When the model reads no captions.
    pub fn with_captions(mut self, captions: &Captions) -> Result<Self> {
        let Some(SideDescription::Captions { vocabulary, .. }) = &self.description.side else {
            return Err(Error::Usage(
                "this model reads no captions; leave --captions out".to_owned(),
            ));
        };
        self.captions = Some(caption_values(captions, vocabulary));
        Ok(self)
    }

    /// What the model file says about itself.
    pub fn description(&self) -> &ModelDescription {
        &self.description
    }

    /// The network's input for one picture: `[crop, crop, 3]` values.
    pub fn input(&self, pixels: &Pixels) -> Vec<f32> {
        self.description.preprocessing.evaluate(pixels)
    }

    /// The uncalibrated scores of the inputs of images, concatenated in `inputs`;
    /// `ids` are those by which their captions are found.
    ///
    /// # Errors
    /// When the number of values does not fit the number of ids, or the model
    /// reads captions and there are none.
    pub fn logits(&self, inputs: Vec<f32>, ids: &[&str]) -> Result<Logits> {
        let side = self.description.preprocessing.crop;
        let images = Tensor::from_vec(inputs, (ids.len(), side, side, 3), &Device::Cpu)?;
        self.logits_of(&images, ids)
    }

    /// The scores of images `[batch, crop, crop, 3]`.
    fn logits_of(&self, images: &Tensor, ids: &[&str]) -> Result<Logits> {
        let features = self.backbone.forward(images)?;
        let side = match (&self.description.side, &self.captions) {
            (None, _) => None,
            (Some(SideDescription::Attributes(_)), _) => {
                Some(opinions(&self.attributes, images, ids)?)
            }
            (Some(SideDescription::Captions { .. }), Some(captions)) => {
                Some(captions.tensor(ids.iter().copied())?)
            }
            (Some(SideDescription::Captions { captioner, .. }), None) => {
                return Err(Error::Usage(format!(
                    "this model reads captions made by {captioner}; pass those of these images \
                     with --captions"
                )));
            }
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
fn opinions(models: &[Predictor], images: &Tensor, ids: &[&str]) -> Result<Tensor> {
    let rows = images.dim(0)?;
    let mut columns = Vec::new();
    for model in models {
        for head in model.probabilities(&model.logits_of(images, ids)?) {
            let classes = head.len() / rows;
            columns.push(Tensor::from_vec(head, (rows, classes), &Device::Cpu)?);
        }
    }
    Ok(Tensor::cat(&columns, 1)?)
}
