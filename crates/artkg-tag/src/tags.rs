use artkg_measure::Prediction;
use artkg_model::ModelDescription;
use artkg_vocabulary::Attribute;
use serde::{Deserialize, Serialize};

/// The model's output for one image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tags {
    /// The image's path, as it was given or found, whatever its bytes
    /// ([`artkg_files::exact_name`]).
    pub image: String,
    /// The id of the artwork that it shows, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether a person has seen the tags.
    #[serde(default)]
    pub review: Review,
    /// The tags of each task, in the model's order.
    pub tags: Vec<TaskTags>,
}

/// Whether a person has seen tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Review {
    /// Nobody has.
    #[default]
    None,
    /// Somebody has.
    Seen,
}

impl Review {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Seen => "seen",
        }
    }

    /// What a name in a file says.
    pub fn named(name: &str) -> Option<Self> {
        [Self::None, Self::Seen]
            .into_iter()
            .find(|review| review.name() == name)
    }
}

/// The most probable classes of one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskTags {
    /// The attribute.
    pub task: Attribute,
    /// Whether no tag is given: the most probable class is not sure enough. The
    /// classes are then suggestions only.
    pub abstained: bool,
    /// The tag, then the other classes by falling confidence.
    pub classes: Vec<Tag>,
}

/// One class and how sure the model is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// The class; `unknown` stands for all that were too rare to learn.
    pub class: String,
    /// Calibrated probability of the class, 0..=1.
    pub confidence: f32,
}

impl Tags {
    /// The first `top` classes of each task that were predicted of an `image`,
    /// the one numbered `row` in `predictions`. A task abstains where its first class
    /// is less probable than its threshold.
    pub fn new(
        image: String,
        id: Option<String>,
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
            .map(|((vocabulary, prediction), threshold)| {
                let tag = |class: usize| Tag {
                    class: vocabulary.classes[class].clone(),
                    confidence: prediction.row(row)[class],
                };
                let classes: Vec<Tag> = prediction
                    .ranking(row)
                    .into_iter()
                    .take(top)
                    .map(tag)
                    .collect();
                TaskTags {
                    task: vocabulary.attribute,
                    abstained: classes
                        .first()
                        .is_none_or(|first| first.confidence < *threshold),
                    classes,
                }
            })
            .collect();
        Self {
            image,
            id,
            review: Review::None,
            tags,
        }
    }
}

impl TaskTags {
    /// The tag that is given.
    pub fn given(&self) -> Option<&Tag> {
        self.best().filter(|_| !self.abstained)
    }

    /// The most probable class, where it is not sure enough to be given.
    pub fn withheld(&self) -> Option<&Tag> {
        self.best().filter(|_| self.abstained)
    }

    /// The most probable class, given or not.
    pub fn best(&self) -> Option<&Tag> {
        self.classes.first()
    }

    /// The classes after the most probable one, by falling confidence.
    pub fn alternatives(&self) -> &[Tag] {
        self.classes.get(1..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_abstains_as_a_whole_and_keeps_its_classes() {
        let classes = [("Vermeer", 0.6), ("Hals", 0.3)];
        let classes = classes.map(|(class, confidence)| Tag {
            class: class.to_owned(),
            confidence,
        });
        let mut task = TaskTags {
            task: Attribute::AUTHOR,
            abstained: false,
            classes: classes.to_vec(),
        };
        assert_eq!((task.given(), task.withheld()), (Some(&classes[0]), None));
        task.abstained = true;
        assert_eq!((task.given(), task.withheld()), (None, Some(&classes[0])));
        assert_eq!(task.alternatives(), &classes[1..]);
        task.classes.clear();
        assert!(task.best().is_none() && task.alternatives().is_empty());
    }
}
