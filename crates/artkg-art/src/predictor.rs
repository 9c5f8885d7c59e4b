use std::path::Path;

use artkg_image::Pixels;
use artkg_nn::{Context, Device, Linear, Module, Precision, Tensor};
use artkg_vision::{InferenceBackbone, Stage};

use crate::calibration::probabilities;
use crate::joint::Joint;
use crate::model_file::load_model;
use crate::{Error, ModelDescription, Prediction, Result, RiskCoverage};

/// A trained model ready to label images: batch norm folded into the filters,
/// no projection, calibrated probabilities.
#[derive(Debug)]
pub struct Predictor {
    description: ModelDescription,
    backbone: Box<dyn InferenceBackbone>,
    heads: Vec<Linear>,
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
    /// As [`load_model`].
    pub fn load(path: &Path, precision: Precision) -> Result<Self> {
        let (description, _, model) = load_model(path, &Device::Cpu)?;
        Ok(Self {
            description,
            backbone: model.backbone().fold(Stage::Pooled, precision)?,
            heads: model.heads().iter().map(|(_, head)| head.clone()).collect(),
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
    /// When the model file does not say what goes together, or `strength` is
    /// negative or not finite.
    pub fn consistent(mut self, strength: Option<f64>) -> Result<Self> {
        if let Some(strength) = strength.filter(|value| !value.is_finite() || *value < 0.0) {
            return Err(Error::Usage(format!(
                "a strength of {strength} makes no sense: give 0 or more, or leave it out"
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

    /// What the heads say, each for itself, with calibrated probabilities, from
    /// [`Predictor::logits`].
    pub fn heads(&self, logits: &Logits) -> Vec<Prediction> {
        let description = &self.description;
        logits
            .iter()
            .zip(&description.vocabularies)
            .zip(&description.temperatures)
            .map(|((logits, vocabulary), temperature)| {
                let classes = vocabulary.len();
                Prediction::most_probable(probabilities(logits, classes, *temperature), classes)
            })
            .collect()
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
