use std::collections::BTreeMap;
use std::fmt;

use artkg_nn::{
    AdaGrad, AdaGradConfig, Adam, AdamConfig, Optimiser, ParameterGroup, RmsProp, RmsPropConfig,
    Sgd, SgdConfig,
};
use serde::{Deserialize, Serialize};

use super::check::{check_factor, check_positive, check_share, refuse};
use crate::error::{Error, Result};

/// The rule that turns gradients into updates; `docs/optimisers.md` explains
/// each.
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

    /// How many values of state the optimiser keeps for each parameter.
    pub(crate) fn state_values(self, momentum: Option<f64>) -> usize {
        let velocity = usize::from(momentum.is_some_and(|momentum| momentum > 0.0));
        match self {
            Self::Sgd => velocity,
            Self::AdaGrad => 1,
            Self::RmsProp => 1 + velocity,
            Self::Adam | Self::AdamW => 2,
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

/// The optimiser with its own settings. What is not set has the kind's default
/// ([`OptimiserConfig::completed`]); what the kind does not have is refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimiserConfig {
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
    /// Whether biases and the scales and shifts of normalisation layers decay
    /// too, as in PyTorch. By default they do not.
    pub decay_biases: bool,
    /// Factors on the learning rate by parameter group, such as `heads = 4.0`;
    /// groups not named have factor 1.
    pub group_rates: BTreeMap<String, f64>,
    /// Weight decay by parameter group, instead of `weight_decay`.
    pub group_decays: BTreeMap<String, f64>,
}

impl OptimiserConfig {
    /// An optimiser with its kind's defaults.
    pub fn new(kind: OptimiserKind) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }

    /// The same settings with every default filled in.
    #[must_use]
    pub fn completed(&self) -> Self {
        use OptimiserKind::{AdaGrad, Adam, AdamW, RmsProp, Sgd};
        let kind = self.kind;
        let for_kinds = |kinds: &[OptimiserKind], given: Option<f64>, default: f64| {
            given.or(kinds.contains(&kind).then_some(default))
        };
        let epsilon = if kind == AdaGrad { 1e-10 } else { 1e-8 };
        let rate = match kind {
            Sgd | AdaGrad => 0.01,
            RmsProp | Adam | AdamW => 0.001,
        };
        let momentum = if kind == Sgd { 0.9 } else { 0.0 };
        let (strength, decay) = match kind {
            AdamW => (0.01, Decay::Decoupled),
            _ => (0.0, Decay::Coupled),
        };
        Self {
            learning_rate: self.learning_rate.or(Some(rate)),
            momentum: for_kinds(&[Sgd, RmsProp], self.momentum, momentum),
            nesterov: self.nesterov.or((kind == Sgd).then_some(false)),
            alpha: for_kinds(&[RmsProp], self.alpha, 0.99),
            beta1: for_kinds(&[Adam, AdamW], self.beta1, 0.9),
            beta2: for_kinds(&[Adam, AdamW], self.beta2, 0.999),
            epsilon: for_kinds(&[AdaGrad, RmsProp, Adam, AdamW], self.epsilon, epsilon),
            weight_decay: self.weight_decay.or(Some(strength)),
            decay: self.decay.or(Some(decay)),
            ..self.clone()
        }
    }

    /// Checks every value.
    ///
    /// # Errors
    /// [`Error::Setting`] for the first that is out of range, and
    /// [`Error::NotOfOptimiser`] for one that the kind does not have.
    pub fn check(&self) -> Result<()> {
        self.check_applicability()?;
        let given = |value: Option<f64>, check: fn(&'static str, f64) -> Result<()>, key| {
            value.map_or(Ok(()), |value| check(key, value))
        };
        given(
            self.learning_rate,
            check_positive,
            "optimiser.learning_rate",
        )?;
        given(self.momentum, check_share, "optimiser.momentum")?;
        given(self.alpha, check_share, "optimiser.alpha")?;
        given(self.beta1, check_share, "optimiser.beta1")?;
        given(self.beta2, check_share, "optimiser.beta2")?;
        given(self.epsilon, check_positive, "optimiser.epsilon")?;
        given(self.weight_decay, check_factor, "optimiser.weight_decay")?;
        for rate in self.group_rates.values() {
            check_factor("optimiser.group_rates", *rate)?;
        }
        for decay in self.group_decays.values() {
            check_factor("optimiser.group_decays", *decay)?;
        }
        let complete = self.completed();
        refuse(
            complete.nesterov != Some(true) || complete.momentum > Some(0.0),
            "optimiser.nesterov",
            true,
            "false where momentum is 0",
        )?;
        refuse(
            self.kind != OptimiserKind::AdamW || complete.decay == Some(Decay::Decoupled),
            "optimiser.decay",
            "coupled",
            "decoupled for adamw; adam has the coupled form",
        )
    }

    /// Refuses settings that the kind does not have.
    fn check_applicability(&self) -> Result<()> {
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
        Ok(())
    }

    /// The optimiser of `groups`.
    pub(crate) fn build(&self, groups: Vec<ParameterGroup>) -> Result<Box<dyn Optimiser>> {
        let complete = self.completed();
        // `completed` sets all that the kind has; the rest is not read.
        let value = |value: Option<f64>| value.unwrap_or_default();
        let learning_rate = value(complete.learning_rate);
        let momentum = value(complete.momentum);
        let epsilon = value(complete.epsilon);
        let weight_decay = value(complete.weight_decay);
        let decoupled_weight_decay = complete.decay == Some(Decay::Decoupled);
        Ok(match self.kind {
            OptimiserKind::Sgd => {
                let config = SgdConfig {
                    learning_rate,
                    momentum,
                    nesterov: complete.nesterov == Some(true),
                    weight_decay,
                    decoupled_weight_decay,
                };
                Box::new(Sgd::new(groups, config)?)
            }
            OptimiserKind::AdaGrad => {
                let config = AdaGradConfig {
                    learning_rate,
                    epsilon,
                    weight_decay,
                    decoupled_weight_decay,
                };
                Box::new(AdaGrad::new(groups, config)?)
            }
            OptimiserKind::RmsProp => {
                let config = RmsPropConfig {
                    learning_rate,
                    alpha: value(complete.alpha),
                    epsilon,
                    momentum,
                    weight_decay,
                    decoupled_weight_decay,
                };
                Box::new(RmsProp::new(groups, config)?)
            }
            OptimiserKind::Adam | OptimiserKind::AdamW => {
                let config = AdamConfig {
                    learning_rate,
                    beta1: value(complete.beta1),
                    beta2: value(complete.beta2),
                    epsilon,
                    weight_decay,
                    decoupled_weight_decay,
                };
                Box::new(Adam::new(groups, config)?)
            }
        })
    }

    /// Values of state for each trained value.
    pub(crate) fn state_values(&self) -> usize {
        self.kind.state_values(self.completed().momentum)
    }
}

/// `sgd, learning rate 0.01, momentum 0.9, heads × 4`, with the defaults.
impl fmt::Display for OptimiserConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let complete = self.completed();
        formatter.write_str(self.kind.name())?;
        let numbers = [
            ("learning rate", complete.learning_rate),
            ("momentum", complete.momentum.filter(|value| *value > 0.0)),
            ("alpha", complete.alpha),
            ("beta1", complete.beta1),
            ("beta2", complete.beta2),
            ("epsilon", complete.epsilon),
        ];
        for (name, value) in numbers {
            if let Some(value) = value {
                write!(formatter, ", {name} {value}")?;
            }
        }
        if complete.nesterov == Some(true) {
            formatter.write_str(", Nesterov")?;
        }
        for (group, factor) in &self.group_rates {
            write!(formatter, ", rate of {group} × {factor}")?;
        }
        let strength = complete.weight_decay.unwrap_or_default();
        let mut decays = self.group_decays.values();
        if strength == 0.0 && decays.all(|decay| *decay == 0.0) {
            return formatter.write_str(", no weight decay");
        }
        let place = match complete.decay {
            Some(Decay::Decoupled) => "decoupled",
            _ => "coupled",
        };
        write!(formatter, ", {place} weight decay {strength}")?;
        for (group, decay) in &self.group_decays {
            write!(formatter, " ({group}: {decay})")?;
        }
        match self.decay_biases {
            true => formatter.write_str(" on all parameters"),
            false => formatter.write_str(" but for biases and normalisation"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [OptimiserKind; 5] = [
        OptimiserKind::Sgd,
        OptimiserKind::AdaGrad,
        OptimiserKind::RmsProp,
        OptimiserKind::Adam,
        OptimiserKind::AdamW,
    ];

    #[test]
    fn every_kind_has_defaults_that_are_its_own() {
        for kind in KINDS {
            let config = OptimiserConfig::new(kind);
            let complete = config.completed();
            complete.check().unwrap();
            assert_eq!(complete.completed(), complete);
            assert!(complete.learning_rate.is_some() && complete.weight_decay.is_some());
            complete.build(Vec::new()).unwrap();
            let text = toml::to_string(&complete).unwrap();
            assert!(
                text.contains(&format!("kind = \"{}\"", kind.name())),
                "{text}"
            );
            assert_eq!(toml::from_str::<OptimiserConfig>(&text).unwrap(), complete);
        }
        let adamw = OptimiserConfig::new(OptimiserKind::AdamW);
        assert_eq!(
            adamw.to_string(),
            "adamw, learning rate 0.001, beta1 0.9, beta2 0.999, epsilon 0.00000001, \
             decoupled weight decay 0.01 but for biases and normalisation"
        );
        let mut sgd = OptimiserConfig::new(OptimiserKind::Sgd);
        sgd.group_rates.insert("heads".into(), 4.0);
        assert_eq!(
            sgd.to_string(),
            "sgd, learning rate 0.01, momentum 0.9, rate of heads × 4, no weight decay"
        );
    }

    #[test]
    fn foreign_and_impossible_settings_say_the_way_out() {
        let refused = |text: &str, expected: &[&str]| {
            let config: OptimiserConfig = toml::from_str(text).unwrap();
            let message = config.check().unwrap_err().to_string();
            for expected in expected {
                assert!(message.contains(expected), "{message}");
            }
        };
        refused(
            "kind = \"adam\"\nmomentum = 0.9",
            &["optimiser.momentum", "adam has none", "sgd or rmsprop"],
        );
        refused("kind = \"adagrad\"\nnesterov = true", &["sgd"]);
        refused("beta1 = 0.5", &["optimiser.beta1", "adam or adamw"]);
        refused("epsilon = 1e-8", &["optimiser.epsilon", "rmsprop"]);
        refused("momentum = 0.0\nnesterov = true", &["optimiser.nesterov"]);
        refused(
            "kind = \"adam\"\nbeta2 = 1.0",
            &["beta2 = 1", "less than 1"],
        );
        refused(
            "kind = \"adam\"\nepsilon = 0.0",
            &["epsilon = 0", "above 0"],
        );
        refused(
            "kind = \"adamw\"\ndecay = \"coupled\"",
            &["adam has the coupled"],
        );
        refused("[group_decays]\nheads = -1.0", &["group_decays = -1"]);
        let error = toml::from_str::<OptimiserConfig>("kind = \"adma\"").unwrap_err();
        assert!(error.to_string().contains("adamw"), "{error}");
    }
}
