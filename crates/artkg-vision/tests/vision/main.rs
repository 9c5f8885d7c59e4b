//! Backbones against PyTorch's values, their stages, and their weight files.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod files;
mod formula;
mod parity;
mod stages;
mod training;
