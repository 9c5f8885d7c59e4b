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
pub use metrics::ClassMetrics;
pub(crate) use metrics::{Scores, accuracy, area_under_curve, mean_loss};
pub use report::evaluation_page;
pub use run::{EvaluationOptions, ModelEvaluation, evaluate};
pub use working_point::{Curve, WorkingPoint};
