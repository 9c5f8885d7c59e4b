//! What predictions are worth: metrics, confidences and their calibration, what
//! leaving unsure ones out brings, intervals and tests of differences.
//!
//! Numbers in, numbers out: no file, no network, no corpus.

mod bootstrap;
mod calibration;
mod clusters;
mod confidence;
mod golden_section;
mod mcnemar;
mod metrics;
mod prediction;
mod reliability;
mod risk_coverage;
mod spread;
mod verdict;

pub use bootstrap::{PairedDifference, paired_bootstrap};
pub use calibration::{fit_temperature, probabilities};
pub use clusters::davies_bouldin;
pub use confidence::ConfidenceMetrics;
pub use golden_section::golden_section;
pub use mcnemar::{McNemar, mcnemar};
pub use metrics::{ClassMetrics, TaskMetrics, mean_accuracy};
pub use prediction::Prediction;
pub use reliability::{RELIABILITY_BINS, Reliability, ReliabilityBin};
pub use risk_coverage::{RiskCoverage, SelectionPoint};
pub use spread::Spread;
pub use verdict::{Verdict, verdicts};
