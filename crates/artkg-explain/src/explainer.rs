use artkg_image::{Pixels, Region};
use artkg_model::{ModelDescription, Predictor, StoredModel};
use artkg_nn::{Context, Tensor};
use artkg_vocabulary::Attribute;
use serde::Serialize;

use crate::conflicts::conflicts;
use crate::error::Result;
use crate::grad_cam::{grad_cam, last_spatial_stage};
use crate::heat::Heat;

/// Other classes that are told beside a tag.
const OTHERS: usize = 3;

/// A model that can say where it looked.
#[derive(Debug)]
pub struct Explainer {
    stored: StoredModel,
    predictor: Predictor,
}

/// The model's output for an image, and where it looked.
#[derive(Clone, Debug, Serialize)]
pub struct ImageExplanation {
    /// One entry a task.
    pub tags: Vec<TagExplanation>,
    /// Sentences about tags that no training work has together.
    pub conflicts: Vec<String>,
    /// The part of the picture that the network saw.
    #[serde(skip)]
    pub region: Region,
    /// The features of the backbone.
    #[serde(skip)]
    pub features: Vec<f32>,
    /// The predicted graph embedding of knowledge graph models.
    #[serde(skip)]
    pub projection: Option<Vec<f32>>,
}

/// A tag and where the image speaks for it.
#[derive(Clone, Debug, Serialize)]
pub struct TagExplanation {
    /// The task.
    pub task: Attribute,
    /// The class.
    pub class: String,
    /// Its calibrated probability.
    pub confidence: f32,
    /// Other classes with theirs, the most probable first.
    pub others: Vec<(String, f32)>,
    /// Where the image speaks for the class.
    pub heat: Heat,
}

impl Explainer {
    /// Joins a model with the predictor of the same file, which chooses the tags.
    pub fn new(stored: StoredModel, predictor: Predictor) -> Self {
        Self { stored, predictor }
    }

    /// What chooses the tags.
    pub fn predictor(&self) -> &Predictor {
        &self.predictor
    }

    /// The model.
    pub fn model(&self) -> &StoredModel {
        &self.stored
    }

    /// What the model file says.
    pub fn description(&self) -> &ModelDescription {
        &self.stored.description
    }

    /// Tags an image and looks where the tags come from; `id` is the one by which
    /// its caption is found.
    ///
    /// # Errors
    /// When the network fails, or the model reads captions and there is none.
    pub fn explain(&self, pixels: &Pixels, id: &str) -> Result<ImageExplanation> {
        let (description, model) = (self.description(), &self.stored.model);
        let crop = description.preprocessing.crop;
        let images = self.predictor.input(pixels)?;
        let predictions = self
            .predictor
            .predict(&self.predictor.logits(&images, &[id])?);
        let tags: Vec<usize> = predictions.iter().map(|task| task.chosen[0]).collect();

        let stage = last_spatial_stage(model.backbone(), crop)?;
        let side = self.predictor.side(&images, &[id])?;
        let activation = model.backbone().forward_frozen(&images, stage)?;
        let context = Context::evaluation();
        let outputs = model.forward(&activation, stage, side.as_ref(), &context)?;
        let row = |tensor: &Tensor| -> Result<Vec<f32>> { Ok(tensor.flatten_all()?.to_vec1()?) };
        Ok(ImageExplanation {
            tags: predictions
                .iter()
                .enumerate()
                .map(|(task, prediction)| {
                    let vocabulary = &description.vocabularies[task];
                    let row = prediction.row(0);
                    let target = (task, tags[task]);
                    let others = prediction.ranking(0).into_iter().skip(1).take(OTHERS);
                    Ok(TagExplanation {
                        task: vocabulary.attribute,
                        class: vocabulary.classes[tags[task]].clone(),
                        confidence: prediction.confidence(0),
                        others: others
                            .map(|class| (vocabulary.classes[class].clone(), row[class]))
                            .collect(),
                        heat: grad_cam(model, &activation, stage, side.as_ref(), target)?,
                    })
                })
                .collect::<Result<_>>()?,
            conflicts: conflicts(description, &tags),
            region: description.preprocessing.evaluated_region(pixels),
            features: row(&outputs.features)?,
            projection: outputs.projection.as_ref().map(row).transpose()?,
        })
    }
}
