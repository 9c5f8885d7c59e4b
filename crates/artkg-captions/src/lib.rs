//! Captions of images: what makes them, and where a corpus has them from; and
//! vectors of captions and other texts.

mod blip;
mod caption_source;
mod captioner;
mod error;
mod generation;
mod imagenet_words;
mod texts;

pub use blip::BlipCaptioner;
pub use caption_source::CaptionSource;
pub use captioner::Captioner;
pub use error::{Error, Result};
pub use generation::{
    CaptionItem, CaptionOptions, CaptionSummary, caption_items, generate_captions,
};
pub use imagenet_words::{ImagenetWords, ImagenetWordsOptions};
pub use texts::{TextColumns, TextEncoder, TextSource, embed_texts};
