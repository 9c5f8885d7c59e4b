//! What all crates stand on: reading and writing files so that nothing is ever
//! half-written, with errors that name the file; seeds; the words of texts.
//!
//! Every output of artkg goes through [`write_atomically`]: the bytes go to a
//! temporary file beside the target, reach the disk, and only then take the
//! target's name. A full disk or a killed process leaves the old file as it was.
//! What takes long is kept in a [`journal::Journal`] until then, so that an
//! interrupted job goes on where it stopped.

mod address;
pub mod checksum;
mod claim;
mod counted;
pub mod difference;
mod error;
pub mod fingerprint;
mod growing;
pub mod journal;
mod lock;
mod memory_size;
mod moment;
mod names;
#[cfg(feature = "packed")]
pub mod packed;
pub mod provenance;
mod read;
mod same_file;
pub mod seeds;
mod stamp;
pub mod table;
mod tensors;
mod visible;
pub mod words;
mod write;

pub use address::{file_of_address, is_address};
pub use claim::{claim, has_columns, has_part};
pub use counted::counted;
pub use difference::Difference;
pub use error::{Error, Result};
pub use growing::GrowingFile;
pub use lock::open_locked;
pub use memory_size::{Amount, MemorySize, NoMemorySize};
pub use moment::{SOURCE_DATE_EPOCH, moment};
pub use names::{exact_name, meta_path, named_path};
pub use read::{open, open_regular, read_beginning, read_bytes, read_text, read_whole_lines};
pub use same_file::refuse_inputs;
pub use tensors::{promised_length, read_tensors};
pub use visible::visible;
pub use write::{Writer, create_folder, write_atomically, write_bytes};
