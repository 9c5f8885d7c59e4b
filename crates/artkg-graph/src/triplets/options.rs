use serde::{Deserialize, Serialize};

use super::model::TripletModel;
use crate::error::{Error, Result};
use crate::range::{at_least_one, in_range};

/// What training makes small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Σ w · max(0, margin − positive + negative) (Bordes and others, 2013).
    Margin,
    /// −ln σ(margin + positive) − Σ w · ln σ(−margin − negative) (Sun and others,
    /// 2019, equation 5).
    LogSigmoid,
}

/// How triplet models learn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripletOptions {
    /// The model.
    pub model: TripletModel,
    /// The length of the vectors.
    pub dimension: usize,
    /// How often every triplet is learnt from, once with other heads and once with
    /// other tails.
    pub epochs: usize,
    /// How many negatives each triplet gets for each of its sides.
    pub negatives: usize,
    /// The share of the negatives that are of the kind of the node they replace;
    /// the others are drawn from all nodes.
    pub same_kind: f32,
    /// The number of triplets of a step.
    pub batch: usize,
    /// The loss.
    pub loss: Loss,
    /// The margin of the loss.
    pub margin: f32,
    /// Negatives weigh in proportion to e to this times their score (self-adversarial
    /// sampling; Sun and others, 2019, equation 4); with 0 all weigh the same.
    pub adversarial_temperature: f32,
    /// AdaGrad's learning rate at the start; it falls linearly to a hundredth.
    pub learning_rate: f32,
    /// The strength of the penalty on the squares of the vectors of each triplet.
    pub regularisation: f32,
    /// The seed of everything random.
    pub seed: u64,
}

impl TripletOptions {
    /// The options that do well on graphs of art with a model.
    pub fn of(model: TripletModel) -> Self {
        let distances = Self {
            model,
            dimension: 128,
            epochs: 30,
            negatives: 64,
            same_kind: 0.5,
            batch: 1024,
            loss: Loss::LogSigmoid,
            margin: 6.0,
            adversarial_temperature: 1.0,
            learning_rate: 0.2,
            regularisation: 0.0,
            seed: 0,
        };
        match model {
            TripletModel::TransE | TripletModel::RotatE => distances,
            TripletModel::DistMult => Self {
                margin: 0.0,
                adversarial_temperature: 0.0,
                learning_rate: 0.1,
                regularisation: 0.1,
                ..distances
            },
        }
    }

    /// Refuses options that make no sense.
    ///
    /// # Errors
    /// [`Error::Option`] names the first such option.
    pub fn check(&self) -> Result<()> {
        in_range("dimension", self.dimension, 1, 4096, "use 1 to 4096")?;
        if self.model == TripletModel::RotatE && !self.dimension.is_multiple_of(2) {
            return Err(Error::Option {
                option: "dimension",
                value: self.dimension.to_string(),
                allowed: "RotatE needs an even number: half of it are imaginary parts",
            });
        }
        at_least_one("epochs", self.epochs)?;
        in_range("negatives", self.negatives, 1, 4096, "use 1 to 4096")?;
        in_range("batch", self.batch, 32, 1 << 20, "use 32 to 1048576")?;
        let message = "use a number from 0 to 1";
        in_range("share of the same kind", self.same_kind, 0.0, 1.0, message)?;
        let message = "use a number from 0 to 1000";
        in_range("margin", self.margin, 0.0, 1e3, message)?;
        let temperature = self.adversarial_temperature;
        in_range("adversarial temperature", temperature, 0.0, 1e3, message)?;
        in_range("regularisation", self.regularisation, 0.0, 1e3, message)?;
        let message = "use a number above 0 and at most 10";
        in_range("learning rate", self.learning_rate, 1e-9, 10.0, message)
    }
}
