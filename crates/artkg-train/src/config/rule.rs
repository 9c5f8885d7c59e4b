use super::check::{check_positive, check_share, refuse};
use super::optimiser_settings::{Decay, OptimiserKind, OptimiserSettings};
use crate::error::Result;

/// The rule that turns gradients into updates, with the settings that it alone has;
/// `docs/optimisers.md` explains each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Stochastic gradient descent.
    Sgd {
        /// The share of the last update kept in the next.
        momentum: f64,
        /// Nesterov's form of momentum.
        nesterov: bool,
        /// Where weight decay acts.
        decay: Decay,
    },
    /// AdaGrad.
    AdaGrad {
        /// What is added to the root of squared gradients.
        epsilon: f64,
        /// Where weight decay acts.
        decay: Decay,
    },
    /// RMSProp.
    RmsProp {
        /// The decay of the average squared gradient.
        alpha: f64,
        /// The share of the last update kept in the next.
        momentum: f64,
        /// What is added to the root of squared gradients.
        epsilon: f64,
        /// Where weight decay acts.
        decay: Decay,
    },
    /// Adam.
    Adam {
        /// The decays of the averages.
        moments: Moments,
        /// Where weight decay acts.
        decay: Decay,
    },
    /// Adam with decoupled weight decay.
    AdamW {
        /// The decays of the averages.
        moments: Moments,
    },
}

/// The averages that Adam keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// The decay of the average gradient.
    pub beta1: f64,
    /// The decay of the average squared gradient.
    pub beta2: f64,
    /// What is added to the root of squared gradients.
    pub epsilon: f64,
}

impl Default for Moments {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        }
    }
}

impl Rule {
    /// The rule of that name as it is usually set.
    pub fn new(kind: OptimiserKind) -> Self {
        let decay = Decay::Coupled;
        match kind {
            OptimiserKind::Sgd => Self::Sgd {
                momentum: 0.9,
                nesterov: false,
                decay,
            },
            OptimiserKind::AdaGrad => Self::AdaGrad {
                epsilon: 1e-10,
                decay,
            },
            OptimiserKind::RmsProp => Self::RmsProp {
                alpha: 0.99,
                momentum: 0.0,
                epsilon: 1e-8,
                decay,
            },
            OptimiserKind::Adam => Self::Adam {
                moments: Moments::default(),
                decay,
            },
            OptimiserKind::AdamW => Self::AdamW {
                moments: Moments::default(),
            },
        }
    }

    /// Its name.
    pub fn kind(&self) -> OptimiserKind {
        match self {
            Self::Sgd { .. } => OptimiserKind::Sgd,
            Self::AdaGrad { .. } => OptimiserKind::AdaGrad,
            Self::RmsProp { .. } => OptimiserKind::RmsProp,
            Self::Adam { .. } => OptimiserKind::Adam,
            Self::AdamW { .. } => OptimiserKind::AdamW,
        }
    }

    /// Where weight decay acts.
    pub fn decay(&self) -> Decay {
        match *self {
            Self::Sgd { decay, .. }
            | Self::AdaGrad { decay, .. }
            | Self::RmsProp { decay, .. }
            | Self::Adam { decay, .. } => decay,
            Self::AdamW { .. } => Decay::Decoupled,
        }
    }

    /// How many values of state the optimiser keeps for each parameter.
    pub(crate) fn state_values(&self) -> usize {
        match *self {
            Self::Sgd { momentum, .. } => usize::from(momentum > 0.0),
            Self::AdaGrad { .. } => 1,
            Self::RmsProp { momentum, .. } => 1 + usize::from(momentum > 0.0),
            Self::Adam { .. } | Self::AdamW { .. } => 2,
        }
    }

    /// Checks every value.
    pub(super) fn check(&self) -> Result<()> {
        match *self {
            Self::Sgd {
                momentum, nesterov, ..
            } => {
                check_share("optimiser.momentum", momentum)?;
                refuse(
                    !nesterov || momentum > 0.0,
                    "optimiser.nesterov",
                    true,
                    "false where momentum is 0",
                )
            }
            Self::AdaGrad { epsilon, .. } => check_positive("optimiser.epsilon", epsilon),
            Self::RmsProp {
                alpha,
                momentum,
                epsilon,
                ..
            } => {
                check_share("optimiser.momentum", momentum)?;
                check_share("optimiser.alpha", alpha)?;
                check_positive("optimiser.epsilon", epsilon)
            }
            Self::Adam { moments, .. } | Self::AdamW { moments } => {
                check_share("optimiser.beta1", moments.beta1)?;
                check_share("optimiser.beta2", moments.beta2)?;
                check_positive("optimiser.epsilon", moments.epsilon)
            }
        }
    }

    /// The rule of the settings, with its defaults for what they leave out. What it
    /// does not have is not looked at.
    pub(super) fn of(settings: &OptimiserSettings) -> Self {
        let mut rule = Self::new(settings.kind);
        match &mut rule {
            Self::Sgd {
                momentum,
                nesterov,
                decay,
            } => {
                set(momentum, settings.momentum);
                set(nesterov, settings.nesterov);
                set(decay, settings.decay);
            }
            Self::AdaGrad { epsilon, decay } => {
                set(epsilon, settings.epsilon);
                set(decay, settings.decay);
            }
            Self::RmsProp {
                alpha,
                momentum,
                epsilon,
                decay,
            } => {
                set(alpha, settings.alpha);
                set(momentum, settings.momentum);
                set(epsilon, settings.epsilon);
                set(decay, settings.decay);
            }
            Self::Adam { moments, decay } => {
                moments.set(settings);
                set(decay, settings.decay);
            }
            Self::AdamW { moments } => moments.set(settings),
        }
        rule
    }

    /// The settings of the rule alone.
    pub(super) fn settings(&self) -> OptimiserSettings {
        let settings = OptimiserSettings {
            kind: self.kind(),
            decay: Some(self.decay()),
            ..OptimiserSettings::default()
        };
        match *self {
            Self::Sgd {
                momentum, nesterov, ..
            } => OptimiserSettings {
                momentum: Some(momentum),
                nesterov: Some(nesterov),
                ..settings
            },
            Self::AdaGrad { epsilon, .. } => OptimiserSettings {
                epsilon: Some(epsilon),
                ..settings
            },
            Self::RmsProp {
                alpha,
                momentum,
                epsilon,
                ..
            } => OptimiserSettings {
                alpha: Some(alpha),
                momentum: Some(momentum),
                epsilon: Some(epsilon),
                ..settings
            },
            Self::Adam { moments, .. } | Self::AdamW { moments } => OptimiserSettings {
                beta1: Some(moments.beta1),
                beta2: Some(moments.beta2),
                epsilon: Some(moments.epsilon),
                ..settings
            },
        }
    }
}

impl Moments {
    fn set(&mut self, settings: &OptimiserSettings) {
        set(&mut self.beta1, settings.beta1);
        set(&mut self.beta2, settings.beta2);
        set(&mut self.epsilon, settings.epsilon);
    }
}

fn set<T>(value: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *value = given;
    }
}
