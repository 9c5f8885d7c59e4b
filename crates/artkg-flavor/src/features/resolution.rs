use serde::{Deserialize, Serialize};

use crate::event::{Events, norm};

/// The resolution of impact parameters: a constant term and multiple
/// scattering, `σ² = a² + (b / (p sin^1.5 θ))²`, in cm and GeV. Track files have
/// no errors, so it is measured on the training events.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resolution {
    /// `a` and `b` of the transverse impact parameter.
    pub transverse: [f64; 2],
    /// `a` and `b` of the longitudinal one times the sine of the polar angle.
    pub longitudinal: [f64; 2],
}

impl Default for Resolution {
    /// 5 µm and 10 µm GeV, as linear collider detectors are designed for.
    fn default() -> Self {
        Self {
            transverse: [5e-4, 1e-3],
            longitudinal: [5e-4, 1e-3],
        }
    }
}

/// Bins of `ln(p sin^1.5 θ)`: their number, where they start, their width.
const BINS: usize = 16;
const START: f64 = -2.0;
const WIDTH: f64 = 0.35;
/// Tracks that a bin needs.
const FEWEST: usize = 200;
/// The share of a normal distribution within this many deviations of 0.
const QUANTILE: (f64, f64) = (0.3829, 0.5);

/// Tracks of about the same `p sin^1.5 θ`.
#[derive(Clone, Default)]
struct Bin {
    transverse: Vec<f64>,
    longitudinal: Vec<f64>,
    /// The sum of `(p sin^1.5 θ)⁻²`.
    scattering: f64,
}

impl Resolution {
    /// The resolutions of a track of this momentum and sine of the polar angle,
    /// transverse and longitudinal.
    pub fn of(&self, momentum: f64, sine: f64) -> [f64; 2] {
        let scattering = 1.0 / (momentum * sine * sine.sqrt());
        [self.transverse, self.longitudinal].map(|[a, b]| a.hypot(b * scattering))
    }

    /// Measures the resolution. In bins of `p sin^1.5 θ` the 38 % smallest
    /// impact parameters lie within half a deviation; decays in flight hardly
    /// reach there. With too few tracks it is the default's.
    pub fn measure<'a>(samples: impl IntoIterator<Item = &'a Events>) -> Self {
        let mut bins = vec![Bin::default(); BINS];
        for events in samples {
            for track in events.iter().flat_map(|event| event.tracks) {
                let momentum = norm(track.momentum);
                let sine = track.momentum[0].hypot(track.momentum[1]) / momentum;
                let scale = momentum * sine * sine.sqrt();
                let bin = ((scale.ln() - START) / WIDTH).floor();
                if !(0.0..BINS as f64).contains(&bin) {
                    continue;
                }
                let bin = &mut bins[bin as usize];
                bin.transverse.push(track.point[0].hypot(track.point[1]));
                bin.longitudinal.push((track.point[2] * sine).abs());
                bin.scattering += scale.powi(-2);
            }
        }
        bins.retain(|bin| bin.transverse.len() >= FEWEST);
        let fallback = Self::default();
        let fit_of = |values: fn(&Bin) -> &[f64]| {
            let points = bins.iter().map(|bin| {
                let mut values = values(bin).to_vec();
                let scattering = bin.scattering / values.len() as f64;
                let place = (values.len() as f64 * QUANTILE.0) as usize;
                let (_, value, _) = values.select_nth_unstable_by(place, f64::total_cmp);
                (scattering, (*value / QUANTILE.1).powi(2))
            });
            fit_line(&points.collect::<Vec<_>>())
        };
        Self {
            transverse: fit_of(|bin| &bin.transverse).unwrap_or(fallback.transverse),
            longitudinal: fit_of(|bin| &bin.longitudinal).unwrap_or(fallback.longitudinal),
        }
    }
}

/// Roots of intercept and slope of `y = a² + b² x` by least squares of relative
/// errors; `None` where the points give none.
fn fit_line(points: &[(f64, f64)]) -> Option<[f64; 2]> {
    let (mut w, mut wx, mut wy, mut wxx, mut wxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in points.iter().filter(|(_, y)| *y > 0.0) {
        let weight = 1.0 / (y * y);
        w += weight;
        wx += weight * x;
        wy += weight * y;
        wxx += weight * x * x;
        wxy += weight * x * y;
    }
    let determinant = w * wxx - wx * wx;
    let slope = (w * wxy - wx * wy) / determinant;
    let intercept = (wy - slope * wx) / w;
    (points.len() >= 2 && slope > 0.0 && intercept > 0.0).then(|| [intercept.sqrt(), slope.sqrt()])
}
