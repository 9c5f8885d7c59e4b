//! Captions of a corpus: where they come from, and what makes them.

mod blip;
mod captioner;
mod generation;
mod imagenet_words;
mod source;

pub use blip::BlipCaptioner;
pub use captioner::Captioner;
pub use generation::{CaptionOptions, CaptionProgress, CaptionSummary, generate_captions};
pub use imagenet_words::{ImagenetWords, ImagenetWordsOptions};
pub use source::CaptionSource;
