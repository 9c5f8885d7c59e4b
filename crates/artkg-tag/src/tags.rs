use artkg_measure::Prediction;
use artkg_model::ModelDescription;
use artkg_vocabulary::Attribute;
use serde::{Deserialize, Serialize};

/// The model's output for one image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tags {
    /// The image's path, as it was given or found.
    pub image: String,
    /// The tags of each task, in the model's order.
    pub tags: Vec<TaskTags>,
}

/// The most probable classes of one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskTags {
    /// The attribute.
    pub task: Attribute,
    /// The tag, then the other classes by falling confidence.
    pub classes: Vec<Tag>,
}

/// One class and how sure the model is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// The class; `unknown` stands for all that were too rare to learn. `None`
    /// where the model is not sure enough to say.
    pub class: Option<String>,
    /// Calibrated probability of the class, also of one that is not said, 0..=1.
    pub confidence: f32,
}

impl Tags {
    /// The first `top` classes of each task that were predicted of an `image`,
    /// the one numbered `row` in `predictions`. A class less probable than its
    /// task's threshold is kept back.
    pub fn new(
        image: String,
        description: &ModelDescription,
        predictions: &[Prediction],
        row: usize,
        top: usize,
        thresholds: &[f32],
    ) -> Self {
        let tags = description
            .vocabularies
            .iter()
            .zip(predictions)
            .zip(thresholds)
            .map(|((vocabulary, prediction), threshold)| TaskTags {
                task: vocabulary.attribute,
                classes: prediction
                    .ranking(row)
                    .into_iter()
                    .take(top)
                    .map(|class| {
                        let confidence = prediction.row(row)[class];
                        let given = confidence >= *threshold;
                        Tag {
                            class: given.then(|| vocabulary.classes[class].clone()),
                            confidence,
                        }
                    })
                    .collect(),
            })
            .collect();
        Self { image, tags }
    }
}
