//! How a cell of the corpus becomes names of nodes.

pub(crate) mod keywords;
pub(crate) mod technique;
