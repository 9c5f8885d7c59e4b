//! How good a model is: metrics, and the report that shows them.

mod calibration;
mod confidence;
mod consistency;
mod metrics;
mod report;
mod run;
mod selective;
mod split;

pub(crate) use confidence::verdicts;

pub use calibration::{RELIABILITY_BINS, Reliability, ReliabilityBin};
pub use confidence::{ConfidenceMetrics, Verdict};
pub use consistency::{ConsistencyMetrics, TaskAccuracies};
pub use metrics::{ClassMetrics, TaskMetrics, argmax, mean_accuracy};
pub use report::evaluation_page;
pub use run::{Evaluation, evaluate};
pub use selective::{RiskCoverage, SelectionPoint};
pub use split::{SplitOptions, SplitScores, score_split};
