//! Search for good settings.
//!
//! A [`Space`] names parameters and their ranges, an [`Objective`] says how good
//! a choice of them is, and a [`Study`] tries one choice after another, as its
//! [`Sampler`] suggests, in a folder of its own. What is suggested next depends
//! on the study's seed and on the trials so far and on nothing else, so a study
//! that is resumed equals an unbroken one.

mod direction;
mod error;
mod fault;
mod journal;
mod keys;
mod objective;
mod parameter;
mod report;
mod sampler;
mod space;
mod study;
mod trial;
mod value;

pub use direction::Direction;
pub use error::{BoxError, Error, Result};
pub use fault::{KeyFault, ParameterFault};
pub use keys::{differences, flat_keys, full_key, set_key};
pub use objective::{Evaluation, Objective};
pub use parameter::{Parameter, Range};
pub use report::{ReportOptions, study_page};
pub use sampler::{Sampler, UnknownSampler};
pub use space::Space;
pub use study::{Description, Ended, Study};
pub use trial::{Outcome, Trial};
pub use value::{Assignment, Value};
