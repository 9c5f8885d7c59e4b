//! The demo painter: a synthetic corpus that shows what the rest of artkg does.
//!
//! It paints small pictures whose types, schools, periods and painters can be
//! told from what is seen, though not always: palettes wander, some works are in
//! an older or newer manner than their date, signatures are missing. Every
//! painter belongs to one school and to one or two periods and prefers some
//! types, so what is known about a painter helps to place a work. The world
//! itself, names and colours included, is `corpus/demo.toml`.
//!
//! All of it is made up, and says so: `synthetic` in `corpus.toml`, in every id
//! and in every description.

mod canvas;
mod color;
mod error;
mod finish;
mod noise;
mod options;
mod plan;
mod scene;
mod style;
mod synthesis;
mod world;

pub use error::{Error, Result};
pub use options::DemoOptions;
pub use synthesis::synthesize;
