use std::fmt;

/// What is wrong with a damaged file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It ends too early.
    Truncated {
        /// How many bytes there are.
        bytes: u64,
        /// How many there should be, where that can be told.
        expected: Option<u64>,
    },
    /// It is longer than it says, or says something absurd.
    Length {
        /// How many bytes there are.
        bytes: u64,
    },
    /// Its checksum is another than its content's.
    Checksum,
    /// Its content makes no sense: what the decoder said.
    Content(String),
}

impl From<String> for Damage {
    fn from(message: String) -> Self {
        Self::Content(message)
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated {
                bytes,
                expected: Some(expected),
            } => write!(formatter, "it is truncated: {bytes} of {expected} bytes"),
            Self::Truncated { bytes, .. } => write!(formatter, "it ends after {bytes} bytes"),
            Self::Length { bytes } => write!(formatter, "its length of {bytes} bytes is wrong"),
            Self::Checksum => formatter.write_str("its checksum does not match its content"),
            Self::Content(message) => formatter.write_str(message),
        }
    }
}
