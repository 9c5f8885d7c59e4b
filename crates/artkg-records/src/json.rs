//! JSON: records in a list somewhere in a file, in a file each, or in a line each.

mod reader;
mod root;
mod scanner;
mod survey;

pub(crate) use reader::Reader;
pub(crate) use scanner::Scanner;
pub(crate) use survey::Survey;
