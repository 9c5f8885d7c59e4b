//! How good a model is: metrics, and the report that shows them.

mod metrics;
mod report;
mod run;
mod split;

pub use metrics::{ClassMetrics, TaskMetrics, argmax, mean_accuracy, ranking};
pub use report::evaluation_page;
pub use run::{Evaluation, evaluate};
pub use split::{SplitOptions, SplitScores, score_split};
