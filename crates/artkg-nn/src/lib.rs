//! The trainable network engine on candle tensors.
