use artkg_art::{ModelDescription, ranking};
use artkg_corpus::Attribute;
use serde::{Deserialize, Serialize};

/// What the model says of one image.
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
    /// Classes by falling confidence.
    pub classes: Vec<Tag>,
}

/// One class and how sure the model is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// The class; `unknown` stands for all that were too rare to learn.
    pub class: String,
    /// Calibrated probability, 0..=1.
    pub confidence: f32,
}

impl Tags {
    /// The `top` classes of each task from `probabilities`, one row a task.
    pub fn new(
        image: String,
        description: &ModelDescription,
        probabilities: &[&[f32]],
        top: usize,
    ) -> Self {
        let tags = description
            .vocabularies
            .iter()
            .zip(probabilities)
            .map(|(vocabulary, row)| TaskTags {
                task: vocabulary.attribute,
                classes: ranking(row)
                    .into_iter()
                    .take(top)
                    .map(|class| Tag {
                        class: vocabulary.classes[class].clone(),
                        confidence: row[class],
                    })
                    .collect(),
            })
            .collect();
        Self { image, tags }
    }
}
