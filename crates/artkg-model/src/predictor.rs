use std::path::Path;
use std::sync::Arc;

use artkg_files::checksum::Checksum;
use artkg_image::Pixels;
use artkg_nn::{Context, Device, Precision, Tensor};
use artkg_text::Captions;
use artkg_vision::{InferenceBackbone, Stage};

use artkg_measure::{Prediction, RiskCoverage};

use crate::classifier::{Classifier, Outputs};
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
    backbone: InferenceBackbone,
    classifier: Arc<Classifier>,
    precision: Precision,
    device: Device,
    /// The classifiers whose opinions are its inputs beside the image.
    attributes: Vec<Predictor>,
    /// The words of captions, which are its inputs beside the image.
    captions: Option<SideValues>,
    /// Chooses the tags, where they are chosen jointly.
    joint: Option<Joint>,
    /// Whether the risk–coverage curves hold for the tags.
    has_curves: bool,
    /// The checksum of the model's file.
    checksum: Option<Checksum>,
}

/// The raw scores of a batch: for each head `[batch, classes]`, row by row.
pub type Logits = Vec<Vec<f32>>;

impl Predictor {
    /// Loads a model file onto `device`; its network multiplies in `precision` where
    /// the processor can.
    ///
    /// # Errors
    /// As [`StoredModel::load`].
    pub fn load(path: &Path, precision: Precision, device: &Device) -> Result<Self> {
        Self::new(&StoredModel::load(path, device)?, precision)
    }

    /// The inference form of a model, with filters of its own.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn new(stored: &StoredModel, precision: Precision) -> Result<Self> {
        let attributes = stored.attributes.iter();
        Ok(Self {
            description: stored.description.clone(),
            backbone: stored.model.backbone().fold(Stage::Pooled, precision)?,
            classifier: stored.model.share_classifier(),
            precision,
            device: stored.store.device().clone(),
            attributes: attributes
                .map(|model| Self::new(model, precision))
                .collect::<Result<_>>()?,
            captions: None,
            joint: None,
            has_curves: true,
            checksum: stored.checksum.clone(),
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
            return Err(Error::Strength {
                strength,
                greatest: STRONGEST,
            });
        }
        let prior = self.description.joint.as_ref();
        let prior = prior.ok_or(match self.description.vocabularies.len() {
            1 => Error::OneTask,
            _ => Error::NoJointPrior,
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
            return Err(Error::OtherStrength);
        }
        let selection = self.description.selection.as_ref();
        let selection = selection.ok_or(Error::NoCurves)?;
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
            return Err(Error::ReadsNoCaptions);
        };
        self.captions = Some(caption_values(captions, vocabulary));
        Ok(self)
    }

    /// What the model file says about itself.
    pub fn description(&self) -> &ModelDescription {
        &self.description
    }

    /// The checksum of the file that the model was read from, header and tensors;
    /// `None` for a model that was never in one.
    pub fn checksum(&self) -> Option<&Checksum> {
        self.checksum.as_ref()
    }

    /// The network, folded.
    pub fn backbone(&self) -> &InferenceBackbone {
        &self.backbone
    }

    /// Where the network computes.
    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// In what the network multiplies, where the processor can.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The classifiers whose opinions are inputs beside the image.
    pub fn attributes(&self) -> &[Predictor] {
        &self.attributes
    }

    /// The captions that [`Predictor::with_captions`] gave; `None` for a model that reads
    /// none.
    ///
    /// # Errors
    /// When the model reads captions and there are none.
    pub fn captions(&self) -> Result<Option<&SideValues>> {
        match (&self.description.side, &self.captions) {
            (Some(SideDescription::Captions { captioner, .. }), None) => {
                Err(Error::NeedsCaptions {
                    captioner: captioner.clone(),
                })
            }
            (_, captions) => Ok(captions.as_ref()),
        }
    }

    /// The network's input for one picture, `[1, crop, crop, 3]`.
    ///
    /// # Errors
    /// When the tensor cannot be made.
    pub fn input(&self, pixels: &Pixels) -> Result<Tensor> {
        let preprocessing = &self.description.preprocessing;
        let shape = (1, preprocessing.crop, preprocessing.crop, 3);
        let values = preprocessing.evaluate(pixels);
        Ok(Tensor::from_vec(values, shape, &self.device)?)
    }

    /// The uncalibrated scores of `images`, `[batch, crop, crop, 3]`; `ids` are those
    /// by which their captions are found.
    ///
    /// # Errors
    /// When the shape does not fit, or the model reads captions and there are none.
    pub fn logits(&self, images: &Tensor, ids: &[&str]) -> Result<Logits> {
        let side = self.side(images, ids)?;
        let outputs = self.outputs(images, Stage::Input, side.as_ref())?;
        let logits = outputs.logits.iter();
        logits
            .map(|logits| Ok(logits.flatten_all()?.to_vec1()?))
            .collect()
    }

    /// Everything that the model says from the activation at a boundary of its
    /// network and the values beside the images, which [`Predictor::side`] gives.
    ///
    /// # Errors
    /// When a shape does not fit, or `side` is there without its input or not there
    /// with it.
    pub fn outputs(
        &self,
        activation: &Tensor,
        from: Stage,
        side: Option<&Tensor>,
    ) -> Result<Outputs> {
        let backbone = &self.backbone;
        let features = backbone.forward_stages(activation, from, Stage::Pooled)?;
        let context = Context::evaluation();
        self.classifier.forward(&features, side, &context)
    }

    /// What the classifiers see beside images `[batch, crop, crop, 3]`, where they
    /// see something.
    ///
    /// # Errors
    /// When the model reads captions and there are none.
    pub fn side(&self, images: &Tensor, ids: &[&str]) -> Result<Option<Tensor>> {
        if let Some(SideDescription::Attributes(_)) = &self.description.side {
            return opinions(&self.attributes, images, ids).map(Some);
        }
        let captions = self.captions()?;
        captions
            .map(|captions| captions.tensor(ids.iter().copied(), images.device()))
            .transpose()
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
        for head in model.heads(&model.logits(images, ids)?) {
            let shape = (rows, head.classes);
            columns.push(Tensor::from_vec(
                head.probabilities,
                shape,
                images.device(),
            )?);
        }
    }
    Ok(Tensor::cat(&columns, 1)?)
}
