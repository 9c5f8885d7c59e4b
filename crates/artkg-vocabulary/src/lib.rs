//! What a model says of a painting: its attributes, and the classes of each.
//!
//! The lowest thing that a corpus, a model and its tags have in common.

mod attribute;
mod vocabulary;

pub use attribute::{Attribute, NoAttribute};
pub use vocabulary::{UNKNOWN, Vocabulary, shown_class};
