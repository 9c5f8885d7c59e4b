use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::refuse;
use crate::error::{Error, Result};

/// The name of a [`super::Rule`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimiserKind {
    /// Stochastic gradient descent with momentum.
    #[default]
    Sgd,
    /// AdaGrad.
    AdaGrad,
    /// RMSProp.
    RmsProp,
    /// Adam.
    Adam,
    /// Adam with decoupled weight decay.
    AdamW,
}

impl OptimiserKind {
    /// The name in settings and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd => "sgd",
            Self::AdaGrad => "adagrad",
            Self::RmsProp => "rmsprop",
            Self::Adam => "adam",
            Self::AdamW => "adamw",
        }
    }
}

/// Where weight decay acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decay {
    /// In the gradient, as the slope of an L2 penalty.
    Coupled,
    /// On the parameter itself, outside of the gradient (Loshchilov and Hutter,
    /// ICLR 2019).
    Decoupled,
}

/// The settings of an optimiser as files and command lines give them: side by side,
/// whichever rule has them, and only those that were given. As an
/// [`super::OptimiserConfig`] they are complete and fit the rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimiserSettings {
    /// The rule.
    pub kind: OptimiserKind,
    /// The learning rate, before schedule and group rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// `sgd`, `rmsprop`: share of the last update kept in the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,
    /// `sgd`: Nesterov's form of momentum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nesterov: Option<bool>,
    /// `rmsprop`: the decay of the average squared gradient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha: Option<f64>,
    /// `adam`, `adamw`: the decay of the average gradient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta1: Option<f64>,
    /// `adam`, `adamw`: the decay of the average squared gradient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta2: Option<f64>,
    /// All but `sgd`: what is added to the root of squared gradients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<f64>,
    /// The strength of weight decay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// Where weight decay acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay: Option<Decay>,
    /// See [`super::OptimiserConfig::decay_biases`].
    pub decay_biases: bool,
    /// See [`super::OptimiserConfig::group_rates`].
    pub group_rates: BTreeMap<String, f64>,
    /// See [`super::OptimiserConfig::group_decays`].
    pub group_decays: BTreeMap<String, f64>,
}

impl OptimiserSettings {
    /// Refuses settings that the rule does not have.
    pub(super) fn check_applicability(&self) -> Result<()> {
        use OptimiserKind::{AdaGrad, Adam, AdamW, RmsProp, Sgd};
        let settings: [(&'static str, bool, &[OptimiserKind]); 6] = [
            ("momentum", self.momentum.is_some(), &[Sgd, RmsProp]),
            // Off is what the others are.
            ("nesterov", self.nesterov == Some(true), &[Sgd]),
            ("alpha", self.alpha.is_some(), &[RmsProp]),
            ("beta1", self.beta1.is_some(), &[Adam, AdamW]),
            ("beta2", self.beta2.is_some(), &[Adam, AdamW]),
            (
                "epsilon",
                self.epsilon.is_some(),
                &[AdaGrad, RmsProp, Adam, AdamW],
            ),
        ];
        for (key, given, kinds) in settings {
            if given && !kinds.contains(&self.kind) {
                return Err(Error::NotOfOptimiser {
                    key,
                    kind: self.kind.name(),
                    kinds: kinds.iter().map(|kind| kind.name()).collect(),
                });
            }
        }
        refuse(
            self.kind != AdamW || self.decay != Some(Decay::Coupled),
            "optimiser.decay",
            "coupled",
            "decoupled for adamw; adam has the coupled form",
        )
    }
}
