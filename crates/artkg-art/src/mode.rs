use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Which system of the paper is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Multi-task learning: one visual model, a classifier head for each
    /// attribute, nothing else (paper, section 4.1).
    Mtl,
    /// Knowledge graph model: the same, and a projection of the visual
    /// features that learns to predict the artwork's node embedding (paper,
    /// section 4.2).
    #[default]
    Kgm,
}

impl Mode {
    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mtl => "mtl",
            Self::Kgm => "kgm",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Mode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "mtl" => Ok(Self::Mtl),
            "kgm" => Ok(Self::Kgm),
            _ => Err(Error::Usage(format!(
                "unknown mode `{text}`; use mtl or kgm"
            ))),
        }
    }
}
