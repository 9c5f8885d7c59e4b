//! Attention of every token to all tokens of its item (Vaswani et al., NeurIPS 2017).
//!
//! Each head of each item is a task: keys and values are packed once for the tiles of
//! the kernels, then some queries at a time meet all of them. The matrix of all queries
//! and keys is never there, neither forward nor backward, which computes the
//! probabilities again.

mod backward;
mod forward;
mod packing;
mod softmax;
#[cfg(test)]
mod tests;

use half::bf16;

use crate::kernel::{kernel, kernel_bf16_wide, outer_kernel};

/// The sizes of an attention. Query, key and value of a token lie side by side, each
/// cut into heads.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    /// The number of items.
    pub batch: usize,
    /// Tokens of an item.
    pub tokens: usize,
    /// The number of heads.
    pub heads: usize,
    /// Values of query, key and value each, which the heads share.
    pub width: usize,
}

/// Which of the three parts of a token.
#[derive(Clone, Copy)]
enum Part {
    Query,
    Key,
    Value,
}

impl Attention {
    /// The result of `projected`, `[batch, tokens, 3 * width]`: `[batch, tokens, width]`.
    ///
    /// # Panics
    /// When there are not as many values, or the heads do not divide the width.
    pub fn forward(&self, projected: &[f32]) -> Vec<f32> {
        forward::forward(kernel(), *self, projected)
    }

    /// As [`Attention::forward`], with products of `bf16`; `None` where the processor
    /// has none. Sums and probabilities are `f32`.
    ///
    /// # Panics
    /// As [`Attention::forward`].
    pub fn forward_bf16(&self, projected: &[bf16]) -> Option<Vec<bf16>> {
        Some(forward::forward(kernel_bf16_wide()?, *self, projected))
    }

    /// The gradient of `projected` from that of the result.
    ///
    /// # Panics
    /// As [`Attention::forward`].
    pub fn gradient(&self, projected: &[f32], gradient: &[f32]) -> Vec<f32> {
        backward::backward((kernel(), outer_kernel()), *self, projected, gradient)
    }

    /// Values of a head.
    fn channels(&self) -> usize {
        self.width / self.heads
    }

    /// What products of queries and keys are multiplied with.
    fn scale(&self) -> f32 {
        (self.channels() as f32).sqrt().recip()
    }

    /// Where a part of a head starts in the first token of an item.
    fn start(&self, item: usize, head: usize, part: Part) -> usize {
        let token = item * self.tokens * 3 * self.width;
        token + part as usize * self.width + head * self.channels()
    }

    fn check(&self, projected: usize) {
        assert_eq!(projected, self.batch * self.tokens * 3 * self.width);
        assert!(self.heads > 0 && self.width.is_multiple_of(self.heads));
    }
}
