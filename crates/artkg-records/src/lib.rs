//! The records of a source, one after another, whatever format they come in.
//!
//! An [`Input`] is one or several files whose format was recognised by their content. Its
//! [`Stream`] gives records: for each of its fields one value or several, and the place in
//! the file, for messages. Fields have names: those of a table's header, or paths such as
//! `constituents[].name`, where `[]` says that there may be several.

mod content;
mod decoding;
mod delimiter;
mod encoding;
mod error;
mod fault;
mod fields;
mod flat;
mod foreign_format;
mod format;
mod input;
mod json;
mod lido;
mod place;
mod quotes;
mod reading;
mod rows;
mod stream;
mod table;
mod table_format;
mod values;
mod xml;

pub use encoding::EncodingBasis;
pub use error::{Error, Result};
pub use fault::Fault;
pub use foreign_format::ForeignFormat;
pub use format::Format;
pub use input::Input;
pub use place::{Place, Unit};
pub use quotes::Swallowed;
pub use reading::Reading;
pub use stream::Stream;
pub use table::{Next, Table, cell};
pub use table_format::TableFormat;
pub use values::{Value, Values};
