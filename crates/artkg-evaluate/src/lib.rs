//! A model compared with the truth of a corpus: [`evaluate`], and the page that shows
//! what came of it.

mod consistency;
mod error;
mod report;
mod run;
mod shared;

pub use consistency::{ConsistencyMetrics, TaskAccuracies};
pub use error::{Error, Result};
pub use report::evaluation_page;
pub use run::{Evaluation, evaluate};
pub use shared::SharedClasses;
