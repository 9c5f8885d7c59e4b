//! The engine against other truths: PyTorch's values and gradients, finite
//! differences, and direct sums.

mod common;
mod differences;
mod direct;
mod operations;
