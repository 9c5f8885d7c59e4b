//! Captions of artworks' images and their file: CSV with the columns `id`,
//! `caption` and `captioner`, which says what made the caption.

mod output;
mod table;

pub use output::{CaptionJob, CaptionOutput};
pub use table::{Caption, Captions};
