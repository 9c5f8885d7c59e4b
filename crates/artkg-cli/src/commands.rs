//! One file a command.

pub(crate) mod corpus;
pub(crate) mod graph;
