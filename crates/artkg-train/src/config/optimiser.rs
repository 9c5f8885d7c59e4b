use std::collections::BTreeMap;
use std::fmt;

use artkg_nn::{
    AdaGrad, AdaGradConfig, Adam, AdamConfig, Optimiser, ParameterGroup, RmsProp, RmsPropConfig,
    Sgd, SgdConfig,
};
use serde::{Deserialize, Serialize};

use super::check::{check_factor, check_positive};
use super::optimiser_settings::{Decay, OptimiserKind, OptimiserSettings};
use super::rule::Rule;
use crate::error::{Error, Result};

/// The optimiser with all its settings. In files it is a table with the rule's name
/// as `kind` ([`OptimiserSettings`]); what is not set there has the rule's default,
/// and what the rule does not have is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "OptimiserSettings", into = "OptimiserSettings")]
pub struct OptimiserConfig {
    /// The rule.
    pub rule: Rule,
    /// The learning rate, before schedule and group rates.
    pub learning_rate: f64,
    /// The strength of weight decay.
    pub weight_decay: f64,
    /// Whether biases and the scales and shifts of normalisation layers decay
    /// too, as in PyTorch. By default they do not.
    pub decay_biases: bool,
    /// Factors on the learning rate by parameter group, such as `heads = 4.0`;
    /// groups not named have factor 1.
    pub group_rates: BTreeMap<String, f64>,
    /// Weight decay by parameter group, instead of `weight_decay`.
    pub group_decays: BTreeMap<String, f64>,
}

impl Default for OptimiserConfig {
    fn default() -> Self {
        Self::new(OptimiserKind::default())
    }
}

impl OptimiserConfig {
    /// An optimiser with its rule's defaults.
    pub fn new(kind: OptimiserKind) -> Self {
        Self {
            rule: Rule::new(kind),
            learning_rate: match kind {
                OptimiserKind::Sgd | OptimiserKind::AdaGrad => 0.01,
                OptimiserKind::RmsProp | OptimiserKind::Adam | OptimiserKind::AdamW => 0.001,
            },
            weight_decay: match kind {
                OptimiserKind::AdamW => 0.01,
                _ => 0.0,
            },
            decay_biases: false,
            group_rates: BTreeMap::new(),
            group_decays: BTreeMap::new(),
        }
    }

    /// The name of the rule.
    pub fn kind(&self) -> OptimiserKind {
        self.rule.kind()
    }

    /// The same for another rule: settings at the default of the present one have the
    /// default of the other, those that were chosen stay, and those that the other
    /// does not have are gone.
    #[must_use]
    pub fn with_kind(&self, kind: OptimiserKind) -> Self {
        let own = OptimiserSettings::from(self.clone());
        let usual = OptimiserSettings::from(Self::new(self.kind()));
        let chosen = |number: fn(&OptimiserSettings) -> Option<f64>| {
            number(&own).filter(|value| number(&usual) != Some(*value))
        };
        let mut other = OptimiserSettings::from(Self::new(kind));
        for (place, number) in [
            (&mut other.momentum, chosen(|settings| settings.momentum)),
            (&mut other.alpha, chosen(|settings| settings.alpha)),
            (&mut other.beta1, chosen(|settings| settings.beta1)),
            (&mut other.beta2, chosen(|settings| settings.beta2)),
            (&mut other.epsilon, chosen(|settings| settings.epsilon)),
        ] {
            // Only what the other has.
            *place = place.map(|usual| number.unwrap_or(usual));
        }
        if kind != OptimiserKind::AdamW && own.decay != usual.decay {
            other.decay = own.decay;
        }
        if kind == OptimiserKind::Sgd {
            other.nesterov = own.nesterov;
        }
        let usual = Self::new(kind);
        Self {
            rule: Rule::of(&other),
            learning_rate: chosen(|settings| settings.learning_rate).unwrap_or(usual.learning_rate),
            weight_decay: chosen(|settings| settings.weight_decay).unwrap_or(usual.weight_decay),
            ..self.clone()
        }
    }

    /// Checks every value.
    ///
    /// # Errors
    /// [`Error::Setting`] for the first that is out of range.
    pub fn check(&self) -> Result<()> {
        check_positive("optimiser.learning_rate", self.learning_rate)?;
        self.rule.check()?;
        check_factor("optimiser.weight_decay", self.weight_decay)?;
        for rate in self.group_rates.values() {
            check_factor("optimiser.group_rates", *rate)?;
        }
        for decay in self.group_decays.values() {
            check_factor("optimiser.group_decays", *decay)?;
        }
        Ok(())
    }

    /// The optimiser of `groups`.
    pub(crate) fn build(&self, groups: Vec<ParameterGroup>) -> Result<Box<dyn Optimiser>> {
        let (learning_rate, weight_decay) = (self.learning_rate, self.weight_decay);
        let decoupled_weight_decay = self.rule.decay() == Decay::Decoupled;
        Ok(match self.rule {
            Rule::Sgd {
                momentum, nesterov, ..
            } => {
                let config = SgdConfig {
                    learning_rate,
                    momentum,
                    nesterov,
                    weight_decay,
                    decoupled_weight_decay,
                };
                Box::new(Sgd::new(groups, config)?)
            }
            Rule::AdaGrad { epsilon, .. } => {
                let config = AdaGradConfig {
                    learning_rate,
                    epsilon,
                    weight_decay,
                    decoupled_weight_decay,
                };
                Box::new(AdaGrad::new(groups, config)?)
            }
            Rule::RmsProp {
                alpha,
                momentum,
                epsilon,
                ..
            } => {
                let config = RmsPropConfig {
                    learning_rate,
                    alpha,
                    epsilon,
                    momentum,
                    weight_decay,
                    decoupled_weight_decay,
                };
                Box::new(RmsProp::new(groups, config)?)
            }
            Rule::Adam { moments, .. } | Rule::AdamW { moments } => {
                let config = AdamConfig {
                    learning_rate,
                    beta1: moments.beta1,
                    beta2: moments.beta2,
                    epsilon: moments.epsilon,
                    weight_decay,
                    decoupled_weight_decay,
                };
                Box::new(Adam::new(groups, config)?)
            }
        })
    }
}

impl TryFrom<OptimiserSettings> for OptimiserConfig {
    type Error = Error;

    /// # Errors
    /// [`Error::NotOfOptimiser`] and [`Error::Setting`] for what the rule does not have.
    fn try_from(settings: OptimiserSettings) -> Result<Self> {
        settings.check_applicability()?;
        let usual = Self::new(settings.kind);
        Ok(Self {
            rule: Rule::of(&settings),
            learning_rate: settings.learning_rate.unwrap_or(usual.learning_rate),
            weight_decay: settings.weight_decay.unwrap_or(usual.weight_decay),
            decay_biases: settings.decay_biases,
            group_rates: settings.group_rates,
            group_decays: settings.group_decays,
        })
    }
}

impl From<OptimiserConfig> for OptimiserSettings {
    fn from(config: OptimiserConfig) -> Self {
        Self {
            learning_rate: Some(config.learning_rate),
            weight_decay: Some(config.weight_decay),
            decay_biases: config.decay_biases,
            group_rates: config.group_rates,
            group_decays: config.group_decays,
            ..config.rule.settings()
        }
    }
}

/// `sgd, learning rate 0.01, momentum 0.9, rate of heads × 4`.
impl fmt::Display for OptimiserConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = OptimiserSettings::from(self.clone());
        formatter.write_str(self.kind().name())?;
        let numbers = [
            ("learning rate", settings.learning_rate),
            ("momentum", settings.momentum.filter(|value| *value > 0.0)),
            ("alpha", settings.alpha),
            ("beta1", settings.beta1),
            ("beta2", settings.beta2),
            ("epsilon", settings.epsilon),
        ];
        for (name, value) in numbers {
            if let Some(value) = value {
                write!(formatter, ", {name} {value}")?;
            }
        }
        if settings.nesterov == Some(true) {
            formatter.write_str(", Nesterov")?;
        }
        for (group, factor) in &self.group_rates {
            write!(formatter, ", rate of {group} × {factor}")?;
        }
        let mut decays = self.group_decays.values();
        if self.weight_decay == 0.0 && decays.all(|decay| *decay == 0.0) {
            return formatter.write_str(", no weight decay");
        }
        let place = match self.rule.decay() {
            Decay::Decoupled => "decoupled",
            Decay::Coupled => "coupled",
        };
        write!(formatter, ", {place} weight decay {}", self.weight_decay)?;
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
            config.check().unwrap();
            assert_eq!(config.kind(), kind);
            config.build(Vec::new()).unwrap();
            let text = toml::to_string(&config).unwrap();
            assert!(
                text.contains(&format!("kind = \"{}\"", kind.name())),
                "{text}"
            );
            assert!(
                text.contains("learning_rate") && text.contains("weight_decay"),
                "{text}"
            );
            assert_eq!(toml::from_str::<OptimiserConfig>(&text).unwrap(), config);
            // What a file leaves out has them.
            let name = format!("kind = \"{}\"", kind.name());
            assert_eq!(toml::from_str::<OptimiserConfig>(&name).unwrap(), config);
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
            let read = toml::from_str::<OptimiserConfig>(text);
            let message = match read {
                Ok(config) => config.check().unwrap_err().to_string(),
                Err(error) => error.to_string(),
            };
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

    #[test]
    fn another_rule_keeps_what_was_chosen_and_it_has() {
        let mut sgd = OptimiserConfig::new(OptimiserKind::Sgd);
        sgd.weight_decay = 0.5;
        sgd.decay_biases = true;
        assert_eq!(sgd.with_kind(OptimiserKind::Sgd), sgd);
        // The learning rate was nobody's choice, nor was the momentum.
        let expected = OptimiserConfig {
            weight_decay: 0.5,
            decay_biases: true,
            ..OptimiserConfig::new(OptimiserKind::AdamW)
        };
        assert_eq!(sgd.with_kind(OptimiserKind::AdamW), expected);
        sgd.learning_rate = 0.3;
        sgd.rule = Rule::Sgd {
            momentum: 0.5,
            nesterov: true,
            decay: Decay::Decoupled,
        };
        let rms_prop = sgd.with_kind(OptimiserKind::RmsProp);
        assert_eq!((rms_prop.learning_rate, rms_prop.weight_decay), (0.3, 0.5));
        let expected = Rule::RmsProp {
            alpha: 0.99,
            momentum: 0.5,
            epsilon: 1e-8,
            decay: Decay::Decoupled,
        };
        assert_eq!(rms_prop.rule, expected);
        let adam_w = rms_prop.with_kind(OptimiserKind::AdamW);
        assert_eq!(adam_w.rule, Rule::new(OptimiserKind::AdamW));
    }
}
