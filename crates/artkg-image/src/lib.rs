//! From an image file to a network's input: decoding, resizing, augmentation,
//! perceptual hashes and a loader that decodes in background threads.
//!
//! Every picture becomes [`Pixels`], RGB of 8 bits: EXIF orientation is applied,
//! greyscale and palettes are expanded, 16-bit samples are scaled, CMYK is
//! converted (without a colour profile, as Pillow does), and transparency is
//! composited on white. Embedded colour profiles are not applied, as in
//! torchvision.
//!
//! A file that is cut short is an error, never a half-grey picture.

mod decode;
mod encode;
mod error;
mod hash;
mod jpeg;
mod jpeg_structure;
mod limits;
mod loader;
mod pixels;
mod preprocessing;
mod resize;
mod tiff_relabelled;

pub use decode::{decode_bytes, decode_file, is_other_picture_extension, is_supported_extension};
pub use encode::{encode_jpeg, encode_png};
pub use error::{Error, Result};
pub use hash::{ContentHash, PerceptualHash, content_hash, file_hash};
pub use limits::DecodeLimits;
pub use loader::{LoadItem, LoadedBatch, Loader, View};
pub use pixels::Pixels;
pub use preprocessing::{Preprocessing, Region};
pub use resize::{resize_bilinear, resize_shorter_side};
