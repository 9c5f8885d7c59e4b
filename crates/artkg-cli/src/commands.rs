//! One file a command.

pub(crate) mod captions;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod consistency;
pub(crate) mod corpus;
pub(crate) mod demo;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod flavor;
pub(crate) mod graph;
pub(crate) mod models;
pub(crate) mod precision;
pub(crate) mod retrieve;
pub(crate) mod study;
pub(crate) mod tag;
pub(crate) mod train;
pub(crate) mod tune;
