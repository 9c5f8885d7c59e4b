//! Captions of a corpus: where they come from.

mod source;

pub use source::CaptionSource;
