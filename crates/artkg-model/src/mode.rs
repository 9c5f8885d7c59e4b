use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Which system of the paper is trained (arXiv 1904.04985, section 5 and
/// table 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Linear classifiers on the features of a frozen network.
    Pretrained,
    /// A network of its own for each attribute, fine-tuned.
    Finetune,
    /// Classifiers on frozen features beside what fine-tuned classifiers of all
    /// attributes say.
    Attributes,
    /// Classifiers on frozen features beside the words of a caption.
    Captions,
    /// Multi-task learning: one visual model, a classifier head for each
    /// attribute, nothing else (section 4.1).
    Mtl,
    /// Knowledge graph model: the same, and a projection of the visual
    /// features that learns to predict the artwork's node embedding (section
    /// 4.2).
    #[default]
    Kgm,
}

impl Mode {
    /// All of them, in the order of the paper's table.
    pub const ALL: [Self; 6] = [
        Self::Pretrained,
        Self::Finetune,
        Self::Attributes,
        Self::Captions,
        Self::Mtl,
        Self::Kgm,
    ];

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pretrained => "pretrained",
            Self::Finetune => "finetune",
            Self::Attributes => "attributes",
            Self::Captions => "captions",
            Self::Mtl => "mtl",
            Self::Kgm => "kgm",
        }
    }

    /// Whether the system learns on the features of a network that stays as it
    /// is, unless `freeze` says otherwise.
    pub fn keeps_backbone(self) -> bool {
        matches!(self, Self::Pretrained | Self::Attributes | Self::Captions)
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
        Self::ALL
            .into_iter()
            .find(|mode| mode.name() == text)
            .ok_or_else(|| Error::UnknownMode {
                mode: text.to_owned(),
                known: Self::ALL.map(Self::name).to_vec(),
            })
    }
}
