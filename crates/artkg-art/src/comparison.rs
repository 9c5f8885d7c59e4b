//! The paper's table on any corpus: systems trained alike, measured alike.
//!
//! [`compare`] trains the runs that are missing in its folder, so it can be
//! stopped and continued; [`Summary`] lays out what is there. Beside them the
//! statistics: is a difference more than chance, how well do classes separate in
//! a space of vectors, and a map to look at.

mod bootstrap;
mod clusters;
mod map;
mod maps;
mod mcnemar;
mod one_run;
mod page;
mod paper;
mod result;
mod row;
mod run;
mod spread;
mod summary;

pub use bootstrap::{PairedDifference, paired_bootstrap};
pub use clusters::davies_bouldin;
pub use map::{class_map, tsne};
pub use maps::{Map, MapTask};
pub use mcnemar::{McNemar, mcnemar};
pub use page::comparison_page;
pub use paper::paper_accuracies;
pub use result::{RunResult, TaskResult};
pub use row::{Row, System};
pub use run::{CompareOptions, Comparison, ComparisonReport, compare};
pub use spread::Spread;
pub use summary::{RowSummary, Summary};
