//! The records of a source, one after another, whatever format they come in.
//!
//! An [`Input`] is one or several files whose format was recognised by their content. Its
//! [`Stream`] gives records: for each of its fields one value or several, and the place in
//! the file, for messages. Fields have names: those of a table's header, or paths such as
//! `constituents[].name`, where `[]` says that there may be several.

mod content;
mod decoding;
mod delimiter;
mod derived;
mod encoding;
mod error;
mod extended;
mod fault;
mod fields;
mod flat;
mod foreign_format;
mod format;
mod iiif;
mod input;
mod join;
mod json;
mod lido;
mod parquet_rows;
mod place;
mod quotes;
mod reading;
mod rows;
mod sheet;
mod stream;
mod table;
mod table_format;
mod text;
mod values;
mod workbook;
mod xml;

pub use derived::Derived;
pub use encoding::EncodingBasis;
pub use error::{Error, Result};
pub use fault::Fault;
pub use foreign_format::ForeignFormat;
pub use format::Format;
pub use input::Input;
pub use join::{Join, JoinFault, Joined};
pub use place::{Place, Unit};
pub use quotes::Swallowed;
pub use reading::Reading;
pub use stream::Stream;
pub use table::{Next, Table, cell};
pub use table_format::TableFormat;
pub use values::{Value, Values};
