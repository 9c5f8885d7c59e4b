//! Images by their addresses: `http` and `https`, and services of the IIIF Image API,
//! which are asked for the size that is needed. They come into a folder that keeps
//! them, so that the next run asks nobody.
//!
//! A museum's server is treated well: few requests at a time for each host, pauses that
//! it asks for, one `User-Agent` that says who asks. A list of addresses may come from
//! anybody: machines of private networks are not asked unless that is allowed, whatever
//! name or redirect leads to them, and no answer is read without bounds.

mod address;
mod cache;
mod client;
mod error;
mod fetch;
mod guard;
mod hosts;
mod iiif;
mod options;

pub use cache::Cache;
pub use error::{Error, Fault, Result};
pub use fetch::{Fetched, fetch};
pub use options::Options;
