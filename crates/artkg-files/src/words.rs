//! The words of a text, and those that say nothing about it.

mod reader;
mod stop_words;

pub use reader::{Token, WordReader};
pub use stop_words::StopWords;
