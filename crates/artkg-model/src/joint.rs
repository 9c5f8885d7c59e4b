//! Tags that go together: the knowledge graph's say in what an image is given.
//!
//! Heads choose each for itself, and may give a painter the wrong century. The
//! training works say which values occur together; [`JointPrior`] keeps that in
//! the model file, and [`Joint`] weighs it against what the heads say. With the
//! context `joint`, training itself goes through such a field: [`star_factors`].

mod counts;
mod inference;
mod prior;
mod star;
mod tree;

pub use counts::CoOccurrence;
pub use inference::Joint;
pub use prior::JointPrior;
pub(crate) use star::star_factors;
