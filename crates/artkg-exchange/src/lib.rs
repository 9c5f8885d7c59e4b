//! Tags in the formats that museums' systems read: tables, XMP sidecars, annotations
//! for IIIF viewers, Linked Art, LIDO.
//!
//! [`TagFile`] reads a finished tag file; [`writer`] gives the writer of a format that
//! is one file, for [`artkg_tag::Output`] or for [`convert`]; [`write_sidecars`] and
//! [`write_annotations`] make folders. In every format a tag is a guess of a model,
//! with its confidence, and never a fact.

mod addresses;
mod claims;
mod context;
mod convert;
mod error;
#[cfg(test)]
mod examples;
mod format;
mod iiif;
mod layout;
mod lido;
mod linked_art;
mod open_refine;
#[cfg(feature = "parquet")]
mod parquet_file;
mod reading;
mod source;
mod tags_of;
mod writer;
mod xml;
mod xmp;

pub use addresses::Addresses;
pub use claims::LeftOut;
pub use context::Context;
pub use convert::{Converted, convert};
pub use error::{Error, Result, RowFault};
pub use format::{Format, Holds};
pub use iiif::{Annotations, NoCanvas, write_annotations};
pub use layout::{Column, Layout};
pub use reading::TagFile;
pub use tags_of::TagsOf;
pub use writer::writer;
pub use xmp::{Place, SidecarFailure, Sidecars, XmpFault, write_sidecars};
