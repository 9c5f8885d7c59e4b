use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// What a knowledge graph model does with its predicted graph embedding beside
/// learning it: `regress`, `fuse`, `prototypes`, `fuse+prototypes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContextUse {
    /// Whether it is an input of the classifiers beside the features.
    pub fuse: bool,
    /// Whether its cosine similarity to the node embedding of each class,
    /// scaled, is added to the class's logit.
    pub prototypes: bool,
}

impl ContextUse {
    /// The paper's: only the loss knows of it.
    pub const REGRESS: Self = Self {
        fuse: false,
        prototypes: false,
    };

    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::REGRESS,
        Self {
            fuse: true,
            prototypes: false,
        },
        Self {
            fuse: false,
            prototypes: true,
        },
        Self {
            fuse: true,
            prototypes: true,
        },
    ];

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match (self.fuse, self.prototypes) {
            (false, false) => "regress",
            (true, false) => "fuse",
            (false, true) => "prototypes",
            (true, true) => "fuse+prototypes",
        }
    }
}

impl fmt::Display for ContextUse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for ContextUse {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| {
                Error::Usage(format!(
                    "unknown context `{text}`; use {}",
                    Self::ALL.map(Self::name).join(", ")
                ))
            })
    }
}

impl TryFrom<String> for ContextUse {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<ContextUse> for String {
    fn from(kind: ContextUse) -> Self {
        kind.name().to_owned()
    }
}
