use std::str::FromStr;

use artkg_model::Predictor;
use artkg_vocabulary::Attribute;

use crate::error::{Error, Result};

/// A number in 0..=1 for one task or for all: `0.8`, `author=0.9`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskValue {
    /// The task; all tasks when not given.
    pub task: Option<Attribute>,
    /// The number.
    pub value: f32,
}

impl FromStr for TaskValue {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (task, number) = match text.split_once('=') {
            Some((task, number)) => {
                let task = task.parse()?;
                (Some(task), number)
            }
            None => (None, text),
        };
        match number.trim().parse() {
            Ok(value) if (0.0..=1.0).contains(&value) => Ok(Self { task, value }),
            _ => Err(Error::NoShare(number.to_owned())),
        }
    }
}

/// When a tag is not sure enough to be given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Abstention {
    /// The least confidence of a tag.
    pub confidences: Vec<TaskValue>,
    /// The share of the given tags that may be wrong. What is said of a task goes
    /// before what is said of all, and then a confidence before a risk.
    pub risks: Vec<TaskValue>,
}

impl Abstention {
    /// The least confidence of each of the model's tasks: 0 where every tag is
    /// given, infinite where none can be.
    ///
    /// Confidences for a risk come from the model's risk–coverage curves, which
    /// were computed on its validation works: those of the lowest confidence at
    /// which the tags there met the risk.
    ///
    /// # Errors
    /// When the model lacks a task, or the curves that a risk needs.
    pub fn thresholds(&self, predictor: &Predictor) -> Result<Vec<f32>> {
        let vocabularies = &predictor.description().vocabularies;
        let tasks: Vec<Attribute> = vocabularies
            .iter()
            .map(|vocabulary| vocabulary.attribute)
            .collect();
        for TaskValue { task, .. } in self.confidences.iter().chain(&self.risks) {
            if let Some(task) = task.filter(|task| !tasks.contains(task)) {
                return Err(Error::NoTask { task, known: tasks });
            }
        }
        tasks
            .iter()
            .enumerate()
            .map(|(place, task)| {
                for wanted in [Some(*task), None] {
                    if let Some(confidence) = last(&self.confidences, wanted) {
                        return Ok(confidence);
                    }
                    if let Some(risk) = last(&self.risks, wanted) {
                        let point = predictor.selection()?[place].at_risk(f64::from(risk));
                        return Ok(match point {
                            // Every tag may be given, however unsure.
                            Some(point) if point.coverage == 1.0 => 0.0,
                            Some(point) => point.threshold,
                            None => f32::INFINITY,
                        });
                    }
                }
                Ok(0.0)
            })
            .collect()
    }
}

/// The last value that is for `task`, or for all tasks.
fn last(values: &[TaskValue], task: Option<Attribute>) -> Option<f32> {
    let mut matching = values.iter().rev().filter(|value| value.task == task);
    matching.next().map(|value| value.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_for_one_task_or_all() {
        let all: TaskValue = "0.8".parse().unwrap();
        assert_eq!((all.task, all.value), (None, 0.8));
        let author: TaskValue = "Author=0.9".parse().unwrap();
        assert_eq!(author.task, Some(Attribute::AUTHOR));
        let values = [author, all];
        assert_eq!(last(&values, Some(Attribute::AUTHOR)), Some(0.9));
        assert_eq!(last(&values, Some(Attribute::TYPE)), None);
        assert_eq!(last(&values, None), Some(0.8));
        for (text, words) in [
            ("author=1.5", "from 0 to 1"),
            ("NaN", "from 0 to 1"),
            ("image=0.5", "`image` is no attribute"),
            ("author=", "author=0.8"),
        ] {
            let message = text.parse::<TaskValue>().unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
