use std::path::PathBuf;

use crate::pixels::Pixels;

/// A picture that was read, and what about it could not be.
#[derive(Debug)]
pub struct Picture {
    /// The picture.
    pub pixels: Pixels,
    /// What was left out of it.
    pub warning: Option<Warning>,
}

/// An embedded colour profile that cannot be used: the picture was read without it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the colour profile of {}: {reason}; the picture is read without it", path.display())]
pub struct Warning {
    /// The picture's file.
    pub path: PathBuf,
    /// What is wrong with the profile.
    pub reason: String,
}
