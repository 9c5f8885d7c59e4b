use serde::{Deserialize, Serialize};

/// The shape of the learning rate over a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScheduleKind {
    /// The same all along.
    #[default]
    Constant,
    /// Multiplied by `step_factor` after every `step_epochs` epochs.
    Step,
    /// Half a cosine from the full rate down to `final_factor` of it
    /// (Loshchilov and Hutter, ICLR 2017, without restarts).
    Cosine,
}

/// The learning rate as a function of the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// The shape.
    pub kind: ScheduleKind,
    /// Epochs, fractions allowed, over which the rate first grows linearly
    /// from zero to full; the shape starts after them.
    pub warm_up_epochs: f64,
    /// For `step`: epochs between drops, counted from the end of the warm-up.
    pub step_epochs: usize,
    /// For `step`: the factor of a drop.
    pub step_factor: f64,
    /// For `cosine`: what is left of the rate at the end.
    pub final_factor: f64,
}

impl Default for Schedule {
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

impl Schedule {
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
        match self.kind {
            ScheduleKind::Constant => 1.0,
            ScheduleKind::Step => {
                let drops = after / (self.step_epochs.max(1) * steps_per_epoch);
                (0..drops).fold(1.0, |factor, _| factor * self.step_factor)
            }
            ScheduleKind::Cosine => {
                let length = total.saturating_sub(warm_up).max(1);
                let progress = (after as f64 / length as f64).min(1.0);
                let cosine = 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
                self.final_factor + (1.0 - self.final_factor) * cosine
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
            kind: ScheduleKind::Step,
            step_epochs: 2,
            step_factor: 0.5,
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
            kind: ScheduleKind::Cosine,
            final_factor: 0.1,
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
            kind: ScheduleKind::Cosine,
            warm_up_epochs: 0.5,
            ..Schedule::default()
        };
        let found = factors(&schedule, &[0, 1, 4, 5, 40]);
        assert_eq!(found[..4], [0.2, 0.4, 1.0, 1.0]);
        assert!(found[4].abs() < 1e-12);
    }
}
