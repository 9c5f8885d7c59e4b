//! The taggers: one classical, three that see the tracks themselves, all of
//! `artkg-nn`'s dense nets.

mod attention;
mod classical;
mod padded;
mod sets;

use artkg_nn::{Context, ParameterStore, Tensor, concatenate_channels, recorded, reshape};
use serde::{Deserialize, Serialize};

use crate::dataset::{Inputs, Wants};
use crate::features::{EVENT_NAMES, PairInputs};
use crate::{Error, Result};

use attention::AttentionTagger;
use classical::ClassicalTagger;
use padded::PaddedTagger;
use sets::SetsTagger;

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
    /// [`Error::Usage`] for the first that makes no sense.
    pub fn check(&self) -> Result<()> {
        let refuse = |message: String| Err(Error::Usage(message));
        for (name, value) in [
            ("width", self.width),
            ("layers", self.layers),
            ("heads", self.heads),
            ("tracks", self.tracks),
        ] {
            if value == 0 || value > 4096 {
                return refuse(format!("{name} = {value}: must be 1 to 4096"));
            }
        }
        if self.architecture == Architecture::Attention && !self.width.is_multiple_of(self.heads) {
            return refuse(format!(
                "{} heads do not divide the width {}",
                self.heads, self.width
            ));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return refuse(format!(
                "dropout = {}: must be 0 or more and less than 1",
                self.dropout
            ));
        }
        Ok(())
    }
}

/// A tagger over the parameters of a store.
#[derive(Debug)]
pub(crate) enum Tagger {
    Classical(ClassicalTagger),
    Dense(PaddedTagger),
    Sets(SetsTagger),
    Attention(AttentionTagger),
}

impl Tagger {
    pub(crate) fn new(
        store: &ParameterStore,
        config: &ModelConfig,
        classes: usize,
    ) -> Result<Self> {
        config.check()?;
        let scope = store.root();
        Ok(match config.architecture {
            Architecture::Classical => {
                Self::Classical(ClassicalTagger::new(&scope, config, classes)?)
            }
            Architecture::Dense => Self::Dense(PaddedTagger::new(&scope, config, classes)?),
            Architecture::Sets => Self::Sets(SetsTagger::new(&scope, config, classes)?),
            Architecture::Attention => {
                Self::Attention(AttentionTagger::new(&scope, config, classes)?)
            }
        })
    }

    /// The logits `[events, classes]`.
    pub(crate) fn forward(&self, inputs: &Inputs, context: &Context) -> Result<Tensor> {
        // The rest of the inputs has no gradient either.
        let first = match self {
            Self::Classical(_) => wanted(&inputs.classical)?,
            _ => wanted(&inputs.tracks)?,
        };
        recorded(first, |_| match self {
            Self::Classical(tagger) => tagger.forward(inputs, context),
            Self::Dense(tagger) => tagger.forward(inputs, context),
            Self::Sets(tagger) => tagger.forward(inputs, context),
            Self::Attention(tagger) => tagger.forward(inputs, context),
        })
    }
}

/// What pooled sums are divided by: about the number of tracks of an event.
const TYPICAL_TRACKS: f32 = 32.0;

/// The number of inputs of the dense net an event, after pooling.
fn pooled_inputs(width: usize) -> usize {
    2 * width + EVENT_NAMES.len()
}

/// `first` and `second` side by side.
fn beside(first: &Tensor, second: &Tensor) -> Result<Tensor> {
    let as_image = |rows: &Tensor| {
        let (events, features) = rows.dims2()?;
        reshape(rows, &[events, 1, 1, features])
    };
    let joined = concatenate_channels(&[as_image(first)?, as_image(second)?])?;
    let (events, _, _, features) = joined.dims4()?;
    Ok(reshape(&joined, &[events, features])?)
}

/// An input that the kind of model has asked for.
fn wanted(input: &Option<Tensor>) -> Result<&Tensor> {
    input
        .as_ref()
        .ok_or_else(|| Error::Model("the events were prepared for another model".to_owned()))
}
