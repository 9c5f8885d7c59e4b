//! How a cell of the corpus becomes names of nodes.

pub(crate) mod column;
pub(crate) mod further_columns;
pub(crate) mod keywords;
pub(crate) mod makers;
pub(crate) mod names;
pub(crate) mod naming;
pub(crate) mod technique;
pub(crate) mod words;
