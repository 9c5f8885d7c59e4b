//! One file a command.

#[cfg(feature = "addresses")]
pub(crate) mod addresses;
pub(crate) mod completions;
pub(crate) mod consistency;
pub(crate) mod created;
pub(crate) mod known;
pub(crate) mod memory_limit;
pub(crate) mod model_notes;
pub(crate) mod models;
pub(crate) mod outputs;
#[cfg(any(feature = "collections", feature = "flavor"))]
pub(crate) mod overwrite;
pub(crate) mod precision;
pub(crate) mod tag;
pub(crate) mod tags;

#[cfg(feature = "collections")]
pub(crate) mod corpus;
#[cfg(feature = "collections")]
pub(crate) mod graph;

#[cfg(feature = "train")]
pub(crate) mod captions;
#[cfg(feature = "train")]
pub(crate) mod compare;
#[cfg(feature = "train")]
pub(crate) mod demo;
#[cfg(feature = "train")]
pub(crate) mod eval;
#[cfg(feature = "train")]
pub(crate) mod explain;
#[cfg(feature = "train")]
pub(crate) mod retrieve;
#[cfg(feature = "train")]
pub(crate) mod train;
#[cfg(feature = "train")]
pub(crate) mod tune;

#[cfg(feature = "flavor")]
pub(crate) mod flavor;

#[cfg(feature = "runs")]
pub(crate) mod study;
