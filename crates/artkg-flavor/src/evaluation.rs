//! How well a tagger tags.

mod bins;
mod importance;
mod metrics;
mod report;
mod run;
#[cfg(test)]
mod tests;
mod working_point;

pub use bins::{Bin, Binning};
pub use importance::Importance;
pub(crate) use importance::permute;
pub use metrics::{ClassMetrics, Scores, accuracy, area_under_curve, mean_loss};
pub(crate) use metrics::{best_class, probabilities};
pub use report::evaluation_page;
pub use run::{EvaluationOptions, ModelEvaluation, evaluate};
pub use working_point::{Curve, WorkingPoint};
