//! Files of model repositories on the Hugging Face hub: a folder of downloaded
//! files, shared with Python's `huggingface_hub`, and the server behind it.

mod error;
mod file;
mod hub;

pub use error::{Error, Result};
pub use file::HubFile;
pub use hub::Hub;
