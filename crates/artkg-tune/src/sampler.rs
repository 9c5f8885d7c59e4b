use std::fmt;
use std::str::FromStr;

use artkg_files::seeds::mix;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use tpe::TpeOptimizerBuilder;

use crate::direction::Direction;
use crate::error::{BoxError, Error, Result};
use crate::parameter::{Parameter, Range};
use crate::space::Space;
use crate::trial::Trial;
use crate::value::{Assignment, Value};

/// Trials drawn at random before the estimator has anything to go by.
const STARTUP_TRIALS: usize = 6;
/// The share of the trials that count as good ones.
const GOOD_SHARE: f64 = 0.15;
/// How often parameters are drawn again that have been tried already.
const MOST_DRAWS: usize = 32;

/// How the next trial's parameters are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sampler {
    /// Bayesian optimisation with a tree-structured Parzen estimator (Bergstra
    /// et al., NeurIPS 2011): for each parameter, the value that is most likely
    /// among good trials against the others.
    #[default]
    Tpe,
    /// Independent draws: the baseline (Bergstra and Bengio, JMLR 2012).
    Random,
}

impl Sampler {
    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tpe => "tpe",
            Self::Random => "random",
        }
    }

    /// The parameters of the trial that follows `trials`. The first trials of
    /// all samplers are the same draws.
    pub(crate) fn suggest(
        self,
        space: &Space,
        direction: Direction,
        seed: u64,
        trials: &[Trial],
    ) -> Result<Assignment> {
        let mut generator = Pcg64Mcg::seed_from_u64(mix(seed ^ mix(trials.len() as u64)));
        let guided = self == Self::Tpe && trials.len() >= STARTUP_TRIALS;
        let mut draw = || -> Result<Assignment> {
            let parameters = space.parameters().iter();
            parameters
                .map(|parameter| {
                    let range = &parameter.range;
                    let place = match guided {
                        true => likely_good(parameter, direction, trials, &mut generator)?,
                        false => {
                            let (start, end) = range.interval();
                            generator.random_range(start..end)
                        }
                    };
                    Ok((parameter.name.clone(), range.value(place)))
                })
                .collect()
        };
        let mut suggestion = draw()?;
        let tried =
            |suggestion: &Assignment| trials.iter().any(|trial| trial.parameters == *suggestion);
        for _ in 1..MOST_DRAWS {
            if !tried(&suggestion) {
                break;
            }
            suggestion = draw()?;
        }
        Ok(suggestion)
    }
}

/// A place of the parameter's interval that good trials favour.
fn likely_good(
    parameter: &Parameter,
    direction: Direction,
    trials: &[Trial],
    generator: &mut Pcg64Mcg,
) -> Result<f64> {
    let failed = |source: BoxError| Error::Sampler {
        parameter: parameter.name.clone(),
        source,
    };
    let range = &parameter.range;
    let (start, end) = range.interval();
    let interval = tpe::range(start, end).map_err(|error| failed(error.into()))?;
    let estimator = match range {
        Range::Choice(_) => tpe::histogram_estimator(),
        _ => tpe::parzen_estimator(),
    };
    let mut optimiser = TpeOptimizerBuilder::new()
        .gamma(GOOD_SHARE)
        .build(estimator, interval)
        .map_err(|error| failed(error.into()))?;
    for trial in trials {
        let value: Option<&Value> = trial.parameters.get(&parameter.name);
        let place = value
            .and_then(|value| range.place(value))
            .ok_or_else(|| Error::Outside {
                parameter: parameter.name.clone(),
                trial: trial.number,
            })?;
        // The estimator minimises, and what failed is worse than anything.
        let loss = trial
            .value()
            .map_or(f64::INFINITY, |value| match direction {
                Direction::Maximise => -value,
                Direction::Minimise => value,
            });
        let told = optimiser.tell(place, loss);
        told.map_err(|error| failed(error.into()))?;
    }
    match optimiser.ask(generator) {
        Ok(place) => Ok(place),
        Err(never) => match never {},
    }
}

impl fmt::Display for Sampler {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A word that names no sampler.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no sampler is named {0:?}; there are tpe and random")]
pub struct UnknownSampler(String);

impl FromStr for Sampler {
    type Err = UnknownSampler;

    fn from_str(text: &str) -> Result<Self, UnknownSampler> {
        [Self::Tpe, Self::Random]
            .into_iter()
            .find(|sampler| sampler.name() == text)
            .ok_or_else(|| UnknownSampler(text.to_owned()))
    }
}
