use serde::{Deserialize, Serialize};

use super::check::{check_count, check_factor};
use crate::error::Result;

/// The name of a [`ScheduleShape`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScheduleKind {
    /// The same all along.
    #[default]
    Constant,
    /// Drops every few epochs.
    Step,
    /// Half a cosine.
    Cosine,
}

impl ScheduleKind {
    /// The name in settings and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Step => "step",
            Self::Cosine => "cosine",
        }
    }
}

/// The shape of the learning rate over a run, after its warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum ScheduleShape {
    /// The same all along.
    #[default]
    Constant,
    /// Multiplied by a factor after every few epochs.
    Step {
        /// Epochs between drops, counted from the end of the warm-up.
        epochs: usize,
        /// The factor of a drop.
        factor: f64,
    },
    /// Half a cosine from the full rate down to a part of it
    /// (Loshchilov and Hutter, ICLR 2017, without restarts).
    Cosine {
        /// What is left of the rate at the end.
        final_factor: f64,
    },
}

/// The learning rate as a function of the step. In files it is a table with the
/// shape's name as `kind` ([`ScheduleSettings`]).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "ScheduleSettings", into = "ScheduleSettings")]
pub struct Schedule {
    /// Epochs, fractions allowed, over which the rate first grows linearly
    /// from zero to full; the shape starts after them.
    pub warm_up_epochs: f64,
    /// The shape.
    pub shape: ScheduleShape,
}

/// A schedule as files and command lines give it: the settings of all shapes side by
/// side, whichever is chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleSettings {
    /// The shape.
    pub kind: ScheduleKind,
    /// See [`Schedule::warm_up_epochs`].
    pub warm_up_epochs: f64,
    /// For `step`: epochs between drops.
    pub step_epochs: usize,
    /// For `step`: the factor of a drop.
    pub step_factor: f64,
    /// For `cosine`: what is left of the rate at the end.
    pub final_factor: f64,
}

impl Default for ScheduleSettings {
    fn default() -> Self {
        Self {
            kind: ScheduleKind::Constant,
            warm_up_epochs: 0.0,
            step_epochs: 10,
            step_factor: 0.1,
            final_factor: 0.0,
        }
    }
}

impl From<ScheduleSettings> for Schedule {
    fn from(settings: ScheduleSettings) -> Self {
        Self {
            warm_up_epochs: settings.warm_up_epochs,
            shape: match settings.kind {
                ScheduleKind::Constant => ScheduleShape::Constant,
                ScheduleKind::Step => ScheduleShape::Step {
                    epochs: settings.step_epochs,
                    factor: settings.step_factor,
                },
                ScheduleKind::Cosine => ScheduleShape::Cosine {
                    final_factor: settings.final_factor,
                },
            },
        }
    }
}

impl From<Schedule> for ScheduleSettings {
    fn from(schedule: Schedule) -> Self {
        let settings = Self {
            kind: schedule.kind(),
            warm_up_epochs: schedule.warm_up_epochs,
            ..Self::default()
        };
        match schedule.shape {
            ScheduleShape::Constant => settings,
            ScheduleShape::Step { epochs, factor } => Self {
                step_epochs: epochs,
                step_factor: factor,
                ..settings
            },
            ScheduleShape::Cosine { final_factor } => Self {
                final_factor,
                ..settings
            },
        }
    }
}

impl Schedule {
    /// A schedule of that shape as it is usually set, without a warm-up.
    pub fn new(kind: ScheduleKind) -> Self {
        let settings = ScheduleSettings {
            kind,
            ..ScheduleSettings::default()
        };
        settings.into()
    }

    /// The name of the shape.
    pub fn kind(&self) -> ScheduleKind {
        match self.shape {
            ScheduleShape::Constant => ScheduleKind::Constant,
            ScheduleShape::Step { .. } => ScheduleKind::Step,
            ScheduleShape::Cosine { .. } => ScheduleKind::Cosine,
        }
    }

    /// Checks every value.
    pub(super) fn check(&self) -> Result<()> {
        check_factor("schedule.warm_up_epochs", self.warm_up_epochs)?;
        match self.shape {
            ScheduleShape::Constant => Ok(()),
            ScheduleShape::Step { epochs, factor } => {
                check_count("schedule.step_epochs", epochs)?;
                check_factor("schedule.step_factor", factor)
            }
            ScheduleShape::Cosine { final_factor } => {
                check_factor("schedule.final_factor", final_factor)
            }
        }
    }

    /// The factor on the learning rate at `step`, counted from 0 over a whole
    /// run of `epochs` epochs of `steps_per_epoch` steps.
    ///
    /// Warm-up gives `(step + 1) / warm-up steps`, so that no step is wasted on
    /// a rate of zero and the last step of the warm-up has the full rate.
    pub fn factor(&self, step: usize, steps_per_epoch: usize, epochs: usize) -> f64 {
        let steps_per_epoch = steps_per_epoch.max(1);
        let total = steps_per_epoch * epochs;
        let warm_up = (self.warm_up_epochs * steps_per_epoch as f64).round() as usize;
        if step < warm_up {
            return (step + 1) as f64 / warm_up as f64;
        }
        let after = step - warm_up;
        match self.shape {
            ScheduleShape::Constant => 1.0,
            ScheduleShape::Step { epochs, factor } => {
                let drops = after / (epochs.max(1) * steps_per_epoch);
                (0..drops).fold(1.0, |product, _| product * factor)
            }
            ScheduleShape::Cosine { final_factor } => {
                let length = total.saturating_sub(warm_up).max(1);
                let progress = (after as f64 / length as f64).min(1.0);
                let cosine = 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
                final_factor + (1.0 - final_factor) * cosine
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(schedule: &Schedule, steps: &[usize]) -> Vec<f64> {
        let factor = |step: &usize| schedule.factor(*step, 10, 4);
        steps.iter().map(factor).collect()
    }

    #[test]
    fn constant_stays() {
        let schedule = Schedule::default();
        assert_eq!(factors(&schedule, &[0, 17, 39, 400]), [1.0; 4]);
    }

    #[test]
    fn step_drops_at_the_epoch() {
        let schedule = Schedule {
            shape: ScheduleShape::Step {
                epochs: 2,
                factor: 0.5,
            },
            ..Schedule::default()
        };
        assert_eq!(
            factors(&schedule, &[0, 19, 20, 39, 40]),
            [1.0, 1.0, 0.5, 0.5, 0.25]
        );
    }

    #[test]
    fn cosine_falls_to_the_final_factor() {
        let schedule = Schedule {
            shape: ScheduleShape::Cosine { final_factor: 0.1 },
            ..Schedule::default()
        };
        let found = factors(&schedule, &[0, 10, 20, 40, 90]);
        // cos(pi / 4) = sqrt(1/2)
        let quarter = 0.1 + 0.9 * 0.5 * (1.0 + 0.5f64.sqrt());
        let expected = [1.0, quarter, 0.55, 0.1, 0.1];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn warm_up_is_linear_and_delays_the_shape() {
        let schedule = Schedule {
            warm_up_epochs: 0.5,
            ..Schedule::new(ScheduleKind::Cosine)
        };
        let found = factors(&schedule, &[0, 1, 4, 5, 40]);
        assert_eq!(found[..4], [0.2, 0.4, 1.0, 1.0]);
        assert!(found[4].abs() < 1e-12);
    }

    #[test]
    fn files_have_the_keys_of_all_shapes() {
        for kind in [
            ScheduleKind::Constant,
            ScheduleKind::Step,
            ScheduleKind::Cosine,
        ] {
            let schedule = Schedule::new(kind);
            let text = toml::to_string(&schedule).unwrap();
            for key in ["kind", "warm_up_epochs", "step_epochs", "step_factor"] {
                assert!(text.contains(key), "{text}");
            }
            assert_eq!(toml::from_str::<Schedule>(&text).unwrap(), schedule);
        }
        let step: Schedule = toml::from_str("kind = \"step\"\nstep_epochs = 3").unwrap();
        let expected = ScheduleShape::Step {
            epochs: 3,
            factor: 0.1,
        };
        assert_eq!(step.shape, expected);
        // What another shape would read says nothing.
        let constant: Schedule = toml::from_str("step_epochs = 3").unwrap();
        assert_eq!(constant, Schedule::default());
        assert!(toml::from_str::<Schedule>("epochs = 3").is_err());
    }
}
