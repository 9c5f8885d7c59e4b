use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::features::PairInputs;
use crate::inputs::Wants;

/// Which kind of tagger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// A shallow dense net on hand-made quantities: the baseline.
    Classical,
    /// A dense net on the most energetic tracks, padded.
    Dense,
    /// Deep sets: a dense net a track, sum and maximum, a dense net an event.
    #[default]
    Sets,
    /// Attention over tracks with features of pairs: a small particle transformer.
    Attention,
}

impl Architecture {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Classical, Self::Dense, Self::Sets, Self::Attention];

    /// The name in settings and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classical => "classical",
            Self::Dense => "dense",
            Self::Sets => "sets",
            Self::Attention => "attention",
        }
    }
}

/// The shape of a tagger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// The kind.
    pub architecture: Architecture,
    /// Outputs of each hidden layer.
    pub width: usize,
    /// Layers of the dense net a track; blocks of attention.
    pub layers: usize,
    /// Heads of attention; they divide the width.
    pub heads: usize,
    /// Tracks that the dense net sees; the others of an event are left out.
    pub tracks: usize,
    /// Whether they first pass through a small net that all tracks share.
    pub shared_track_net: bool,
    /// What attention learns of a pair of tracks.
    pub pair_inputs: PairInputs,
    /// The share of values dropped in training.
    pub dropout: f32,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self::new(Architecture::default())
    }
}

impl ModelConfig {
    /// A tagger of this kind in its usual size.
    pub fn new(architecture: Architecture) -> Self {
        let (width, layers) = match architecture {
            Architecture::Classical => (32, 1),
            Architecture::Dense => (256, 3),
            Architecture::Sets => (128, 3),
            // 3 blocks of 96 gain half a point and take twice as long.
            Architecture::Attention => (48, 2),
        };
        Self {
            architecture,
            width,
            layers,
            heads: 3,
            tracks: 40,
            shared_track_net: true,
            pair_inputs: PairInputs::All,
            // The padded net learns its events by heart without.
            dropout: match architecture {
                Architecture::Dense => 0.3,
                _ => 0.0,
            },
        }
    }

    /// The features it takes.
    pub(crate) fn wants(&self) -> Wants {
        let architecture = self.architecture;
        Wants {
            tracks: architecture != Architecture::Classical,
            pairs: (architecture == Architecture::Attention).then_some(self.pair_inputs),
            classical: architecture == Architecture::Classical,
        }
    }

    /// Checks every value.
    ///
    /// # Errors
    /// [`Error::Setting`] or [`Error::Heads`] for the first that makes no sense.
    pub fn check(&self) -> Result<()> {
        for (name, value) in [
            ("width", self.width),
            ("layers", self.layers),
            ("heads", self.heads),
            ("tracks", self.tracks),
        ] {
            if value == 0 || value > 4096 {
                return Err(Error::Setting {
                    key: name,
                    value: value.to_string(),
                    allowed: "1 to 4096",
                });
            }
        }
        if self.architecture == Architecture::Attention && !self.width.is_multiple_of(self.heads) {
            return Err(Error::Heads {
                heads: self.heads,
                width: self.width,
            });
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(Error::Setting {
                key: "dropout",
                value: self.dropout.to_string(),
                allowed: "0 or more and less than 1",
            });
        }
        Ok(())
    }
}
