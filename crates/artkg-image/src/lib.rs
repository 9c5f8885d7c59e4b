//! From an image file to a network's input: decoding, resizing, augmentation,
//! perceptual hashes and a loader that decodes in background threads.
//!
//! Every picture becomes [`Pixels`], sRGB of 8 bits: EXIF orientation is applied,
//! greyscale and colour tables are expanded, 16-bit and floating-point samples are
//! scaled, CMYK and CIELab are converted, and transparency is composited on white. An
//! embedded colour profile is applied as Pillow's ImageCms would, after a reduced
//! decode and before resizing; one that cannot be used is a [`Warning`].
//!
//! A file that is cut short is an error, never a half-grey picture.

mod decode;
mod encode;
mod error;
mod formats;
mod hash;
mod inks;
mod jpeg;
mod jpeg2000;
mod jpeg2000_structure;
mod jpeg_structure;
mod lab;
mod limits;
mod loader;
mod model;
mod picture;
mod pixels;
mod portable;
mod preprocessing;
mod profile;
mod raster;
mod resize;
mod tiff;
mod tiff_relabelled;

pub use decode::{decode_bytes, decode_file, read_picture, read_picture_bytes};
pub use encode::{encode_jpeg, encode_png};
pub use error::{Error, Result};
pub use formats::{
    PictureFormat, READ, UNREAD, is_other_picture_extension, is_supported_extension, read_formats,
    recognise,
};
pub use hash::{ContentHash, PerceptualHash, content_hash, file_hash};
pub use limits::DecodeLimits;
pub use loader::{LoadItem, Loaded, LoadedBatch, Loader, View};
pub use picture::{Picture, Warning};
pub use pixels::Pixels;
pub use preprocessing::{Preprocessing, Region};
pub use profile::may_hold_profile;
pub use resize::{resize_bilinear, resize_shorter_side};
