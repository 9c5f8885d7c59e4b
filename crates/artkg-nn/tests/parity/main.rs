//! The engine against other truths: PyTorch's values and gradients, finite
//! differences, and direct sums.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;
mod differences;
mod direct;
mod learning;
mod operations;
