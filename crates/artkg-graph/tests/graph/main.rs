//! The graph end to end: build, file, queries, exports, embeddings.

// Clippy's leave for tests does not reach helper functions.
#![allow(clippy::unwrap_used)]

mod build;
mod embeddings;
mod exports;
mod facts;
mod files;
mod identities;
mod queries;
mod support;
