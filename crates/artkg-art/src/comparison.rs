//! The paper's table on any corpus: systems trained alike, measured alike.
//!
//! [`compare`] trains the runs that are missing in its folder, so it can be
//! stopped and continued; [`Summary`] lays out what is there.

mod page;
mod paper;
mod result;
mod row;
mod run;
mod spread;
mod summary;

pub use page::comparison_page;
pub use paper::paper_accuracies;
pub use result::{RunResult, TaskResult};
pub use row::{Row, System};
pub use run::{CompareOptions, Comparison, ComparisonReport, compare};
pub use spread::Spread;
pub use summary::{RowSummary, Summary};
