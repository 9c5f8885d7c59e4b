//! The graph end to end: build, file, queries, exports, embeddings.

mod build;
mod embeddings;
mod exports;
mod files;
mod queries;
mod support;
