//! The paper's table on any corpus: systems trained alike, measured alike.
//!
//! [`compare`] trains the runs that are missing in its folder, so it can be stopped
//! and continued; [`Summary`] lays out what is there, with what chance may explain of
//! it, and maps show how well classes separate.

mod asking;
mod comparison;
mod error;
mod map;
mod maps;
mod one_run;
mod page;
mod paper;
mod result;
mod row;
mod run;
mod summary;

pub use comparison::Comparison;
pub use error::{Error, Result};
pub use maps::{Map, MapTask};
pub use page::comparison_page;
pub use result::{RunResult, TaskResult};
pub use row::{Row, System};
pub use run::{ComparisonReport, compare};
pub use summary::{RowSummary, Summary};
