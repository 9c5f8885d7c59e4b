use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::range::{at_least_one, in_range};

/// How random walks go; the defaults are those of the reference implementation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WalkOptions {
    /// The number of nodes of a walk.
    pub length: usize,
    /// How many walks start from each node, in each epoch.
    pub walks_per_node: usize,
    /// p: above 1, walks rarely step straight back; below 1, they often do.
    pub return_parameter: f32,
    /// q: above 1, walks stay near their last node; below 1, they move away.
    pub in_out_parameter: f32,
    /// Whether steps follow edges in proportion to their counts.
    pub weighted: bool,
}

impl Default for WalkOptions {
    fn default() -> Self {
        Self {
            length: 80,
            walks_per_node: 10,
            return_parameter: 1.0,
            in_out_parameter: 1.0,
            weighted: false,
        }
    }
}

/// How node2vec learns; the defaults are those of the reference implementation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node2VecOptions {
    /// The walks.
    pub walks: WalkOptions,
    /// The length of the vectors.
    pub dimension: usize,
    /// The largest distance in a walk between a node and its context.
    pub window: usize,
    /// How many negative samples each node gets.
    pub negatives: usize,
    /// How often all walks are drawn (anew) and learnt from.
    pub epochs: usize,
    /// The learning rate at the start.
    pub initial_learning_rate: f32,
    /// The learning rate at the end; it falls linearly.
    pub final_learning_rate: f32,
    /// The seed of everything random.
    pub seed: u64,
    /// The number of threads; with one, results are the same bit for bit.
    pub threads: usize,
}

impl Default for Node2VecOptions {
    fn default() -> Self {
        Self {
            walks: WalkOptions::default(),
            dimension: 128,
            window: 10,
            negatives: 5,
            epochs: 1,
            initial_learning_rate: 0.025,
            final_learning_rate: 0.0001,
            seed: 0,
            threads: 1,
        }
    }
}

impl WalkOptions {
    /// Refuses options that make no sense.
    ///
    /// # Errors
    /// [`crate::Error::Option`] names the first such option.
    pub fn check(&self) -> Result<()> {
        let range = |option, value: f32| in_range(option, value, 1e-3, 1e3, "use 0.001 to 1000");
        in_range("walk length", self.length, 2, 10_000, "use 2 to 10000")?;
        at_least_one("walks per node", self.walks_per_node)?;
        range("return parameter (p)", self.return_parameter)?;
        range("in-out parameter (q)", self.in_out_parameter)
    }
}

impl Node2VecOptions {
    /// Refuses options that make no sense.
    ///
    /// # Errors
    /// [`crate::Error::Option`] names the first such option.
    pub fn check(&self) -> Result<()> {
        self.walks.check()?;
        in_range("dimension", self.dimension, 1, 4096, "use 1 to 4096")?;
        at_least_one("window", self.window)?;
        in_range("negatives", self.negatives, 1, 1000, "use 1 to 1000")?;
        at_least_one("epochs", self.epochs)?;
        at_least_one("threads", self.threads)?;
        let message = "use a number above 0 and at most 1";
        in_range(
            "learning rate",
            self.initial_learning_rate,
            1e-9,
            1.0,
            message,
        )?;
        let message = "use a number from 0 to the learning rate";
        let limit = self.initial_learning_rate;
        in_range(
            "final learning rate",
            self.final_learning_rate,
            0.0,
            limit,
            message,
        )
    }
}
