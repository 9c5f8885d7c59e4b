//! The taggers: one classical, three that see the tracks themselves, all of
//! `artkg-nn`'s dense nets.

mod attention;
mod classical;
mod config;
mod padded;
mod parts;
mod sets;

use artkg_nn::{Context, ParameterStore, Tensor, recorded};

use crate::error::Result;
use crate::inputs::Inputs;

use self::attention::AttentionTagger;
use self::classical::ClassicalTagger;
use self::padded::PaddedTagger;
use self::parts::wanted;
use self::sets::SetsTagger;

pub use config::{Architecture, ModelConfig};

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
