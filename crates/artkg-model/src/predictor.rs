use std::path::Path;

use artkg_image::Pixels;
use artkg_nn::{Context, Device, Precision, Tensor};
use artkg_text::Captions;
use artkg_vision::{InferenceBackbone, Stage};

use artkg_measure::{Prediction, RiskCoverage};

use crate::classifier::Classifier;
use crate::error::{Error, Result};
use crate::joint::Joint;
use crate::model_file::{ModelDescription, SideDescription, StoredModel};
use crate::side::{SideValues, caption_values};

/// The greatest strength with which co-occurrences may count: fitted ones stay below
/// 2, and their powers must stay finite.
const STRONGEST: f64 = 10.0;

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
    /// Chooses the tags, where they are chosen jointly.
    joint: Option<Joint>,
    /// Whether the risk–coverage curves hold for the tags.
    has_curves: bool,
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
            joint: None,
            has_curves: true,
        })
    }

    /// The same model, giving the jointly most probable tags: those that go best
    /// together by the heads and by how often they did among the training works.
    /// `strength` says how much the latter counts, from 0, not at all; what was
    /// fitted on the validation split when not given.
    ///
    /// # Errors
    /// When the model file does not say what goes together, or `strength` is not
    /// from 0 to 10.
    pub fn consistent(mut self, strength: Option<f64>) -> Result<Self> {
        if let Some(strength) = strength.filter(|value| !(0.0..=STRONGEST).contains(value)) {
            return Err(Error::Usage(format!(
                "a strength of {strength} makes no sense: give 0 to {STRONGEST}, or leave it out"
            )));
        }
        let prior = self.description.joint.as_ref().ok_or_else(|| {
            Error::Usage(match self.description.vocabularies.len() {
                1 => "the model gives one tag only, which goes with itself".to_owned(),
                _ => "the model file does not say which tags go together; it comes from an older \
                      version of artkg, so train the model again"
                    .to_owned(),
            })
        })?;
        self.joint = Some(prior.prepare(strength));
        self.has_curves = strength.is_none();
        Ok(self)
    }

    /// What chooses the tags jointly, where that was asked for.
    pub fn joint(&self) -> Option<&Joint> {
        self.joint.as_ref()
    }

    /// The risk–coverage curve of each task on the validation split, for tags as
    /// this predictor chooses them.
    ///
    /// # Errors
    /// When the model file has none.
    pub fn selection(&self) -> Result<&[RiskCoverage]> {
        if !self.has_curves {
            return Err(Error::Usage(
                "the model's risk–coverage curves hold for the fitted strength; leave the number \
                 of --consistent out, or say how sure a tag must be with --abstain"
                    .to_owned(),
            ));
        }
        let selection = self.description.selection.as_ref().ok_or_else(|| {
            Error::Usage(
                "the model file has no risk–coverage curves; it comes from an older version of \
                 artkg, so train the model again, or say how sure a tag must be with --abstain"
                    .to_owned(),
            )
        })?;
        Ok(match self.joint {
            Some(_) => &selection.consistent,
            None => &selection.independent,
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
        let side = self.side(images, ids)?;
        let context = Context::evaluation();
        let outputs = self
            .classifier
            .forward(&features, side.as_ref(), &context)?;
        let logits = outputs.logits.iter();
        logits
            .map(|logits| Ok(logits.flatten_all()?.to_vec1()?))
            .collect()
    }

    /// What the classifiers see beside images `[batch, crop, crop, 3]`, where they
    /// see something.
    pub fn side(&self, images: &Tensor, ids: &[&str]) -> Result<Option<Tensor>> {
        match (&self.description.side, &self.captions) {
            (None, _) => Ok(None),
            (Some(SideDescription::Attributes(_)), _) => {
                opinions(&self.attributes, images, ids).map(Some)
            }
            (Some(SideDescription::Captions { .. }), Some(captions)) => {
                captions.tensor(ids.iter().copied()).map(Some)
            }
            (Some(SideDescription::Captions { captioner, .. }), None) => {
                Err(Error::Usage(format!(
                    "this model reads captions made by {captioner}; pass those of these images \
                     with --captions"
                )))
            }
        }
    }

    /// The tags that each head chooses for itself, from [`Predictor::logits`].
    pub fn heads(&self, logits: &Logits) -> Vec<Prediction> {
        self.description.heads(logits)
    }

    /// The tags from [`Predictor::logits`], one entry a task: what the heads say,
    /// or the jointly most probable ones.
    pub fn predict(&self, logits: &Logits) -> Vec<Prediction> {
        let heads = self.heads(logits);
        match &self.joint {
            Some(joint) => joint.predict(&heads),
            None => heads,
        }
    }
}

/// The probabilities of all heads of `models`, side by side: `[batch, classes]`.
fn opinions(models: &[Predictor], images: &Tensor, ids: &[&str]) -> Result<Tensor> {
    let rows = images.dim(0)?;
    let mut columns = Vec::new();
    for model in models {
        for head in model.heads(&model.logits_of(images, ids)?) {
            let shape = (rows, head.classes);
            columns.push(Tensor::from_vec(head.probabilities, shape, &Device::Cpu)?);
        }
    }
    Ok(Tensor::cat(&columns, 1)?)
}
