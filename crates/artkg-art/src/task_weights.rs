use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use artkg_vocabulary::Attribute;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::fault::Fault;

/// How much each task's loss counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum TaskWeights {
    /// All the same, as in the paper.
    #[default]
    Equal,
    /// By what the model is unsure of: `exp(-s) loss + s / 2` with a learned `s`
    /// a task (Kendall, Gal and Cipolla, CVPR 2018, section 3).
    Learned,
    /// These; a task that is not named counts 1. They are scaled to the sum 1.
    Given(BTreeMap<Attribute, f64>),
}

impl TaskWeights {
    /// All of these together, as `type=1` and `author=2`.
    ///
    /// # Errors
    /// When `equal` or `learned` stands beside others, or a task has two weights.
    pub fn together(weights: &[Self]) -> Result<Self> {
        let texts: Vec<String> = weights.iter().map(Self::to_string).collect();
        texts.join(",").parse()
    }

    /// The share of each of `tasks`; they add up to 1.
    pub(crate) fn shares(&self, tasks: &[Attribute]) -> Vec<f64> {
        let weight = |task| match self {
            Self::Given(weights) => weights.get(task).copied().unwrap_or(1.0),
            Self::Equal | Self::Learned => 1.0,
        };
        let total: f64 = tasks.iter().map(weight).sum();
        tasks.iter().map(|task| weight(task) / total).collect()
    }

    /// Checks them against the tasks of a run.
    ///
    /// # Errors
    /// When a weight is negative or not a number, belongs to no task, or none is
    /// above zero.
    pub(crate) fn check(&self, tasks: &[Attribute]) -> Result<()> {
        let Self::Given(weights) = self else {
            return Ok(());
        };
        for (task, weight) in weights {
            if !(weight.is_finite() && *weight >= 0.0) {
                return Err(Fault::NegativeWeight {
                    task: *task,
                    weight: *weight,
                }
                .into());
            }
            if !tasks.contains(task) {
                return Err(Fault::WeightOfNoTask { task: *task }.into());
            }
        }
        if tasks
            .iter()
            .all(|task| weights.get(task).is_some_and(|weight| *weight == 0.0))
        {
            return Err(Fault::NoWeight.into());
        }
        Ok(())
    }
}

impl fmt::Display for TaskWeights {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal => formatter.write_str("equal"),
            Self::Learned => formatter.write_str("learned"),
            Self::Given(weights) => {
                let parts: Vec<String> = weights
                    .iter()
                    .map(|(task, weight)| format!("{task}={weight}"))
                    .collect();
                formatter.write_str(&parts.join(","))
            }
        }
    }
}

impl FromStr for TaskWeights {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "equal" => return Ok(Self::Equal),
            "learned" => return Ok(Self::Learned),
            _ => {}
        }
        let fault = |part: &str| Error::TaskWeight(part.to_owned());
        let mut weights = BTreeMap::new();
        for part in text.split(',') {
            let (task, weight) = part.split_once('=').ok_or_else(|| fault(part))?;
            let task = task.parse().map_err(|_| fault(part))?;
            let weight: f64 = weight.trim().parse().map_err(|_| fault(part))?;
            if weights.insert(task, weight).is_some() {
                return Err(Error::TwoWeights(task));
            }
        }
        Ok(Self::Given(weights))
    }
}

/// As in `config.toml`: a word or a table.
#[derive(Clone, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected `equal`, `learned` or a table of weights by task"
)]
enum Written {
    Word(String),
    Table(BTreeMap<Attribute, f64>),
}

impl TryFrom<Written> for TaskWeights {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        match written {
            Written::Word(word) => word.parse(),
            Written::Table(weights) => Ok(Self::Given(weights)),
        }
    }
}

impl From<TaskWeights> for Written {
    fn from(weights: TaskWeights) -> Self {
        match weights {
            TaskWeights::Given(weights) => Self::Table(weights),
            word => Self::Word(word.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Settings {
        weights: TaskWeights,
    }

    #[test]
    fn every_form_reads_back() {
        for text in ["equal", "learned", "type=1,author=2.5"] {
            let weights: TaskWeights = text.parse().unwrap();
            assert_eq!(weights.to_string(), text);
            let settings = Settings { weights };
            let toml = toml::to_string(&settings).unwrap();
            assert_eq!(toml::from_str::<Settings>(&toml).unwrap(), settings);
        }
        let listed = ["type=1", "author=2.5"].map(|text| text.parse::<TaskWeights>().unwrap());
        let together = TaskWeights::together(&listed).unwrap();
        assert_eq!(together.to_string(), "type=1,author=2.5");
        let mixed = [TaskWeights::Learned, listed[0].clone()];
        let message = TaskWeights::together(&mixed).unwrap_err().to_string();
        assert!(message.contains("`learned` is no task weight"), "{message}");
        for wrong in ["even", "type", "type=x", "type=1,type=2", "image=1"] {
            assert!(wrong.parse::<TaskWeights>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn shares_add_up_to_one() {
        let tasks = [Attribute::TYPE, Attribute::AUTHOR];
        let weights: TaskWeights = "author=3".parse().unwrap();
        assert_eq!(weights.shares(&tasks), [0.25, 0.75]);
        assert_eq!(TaskWeights::Equal.shares(&tasks), [0.5, 0.5]);
        for (wrong, words) in [
            ("author=-1", "0 or more"),
            ("school=1", "no task"),
            ("type=0,author=0", "all task weights"),
        ] {
            let weights: TaskWeights = wrong.parse().unwrap();
            let message = weights.check(&tasks).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
