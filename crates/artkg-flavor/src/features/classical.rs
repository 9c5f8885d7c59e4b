use super::geometry::{EventGeometry, TrackGeometry};
use super::scale::signed_log;
use crate::event::{Vector, add_scaled, dot};

/// The quantities that taggers were built on before networks saw tracks. The
/// hemisphere with the more significant track comes first.
pub(crate) const CLASSICAL_NAMES: [&str; 18] = [
    "significance, 1st track of the 1st hemisphere",
    "significance, 2nd track of the 1st hemisphere",
    "significance, 3rd track of the 1st hemisphere",
    "significance, 1st track of the 2nd hemisphere",
    "significance, 2nd track of the 2nd hemisphere",
    "significance, 3rd track of the 2nd hemisphere",
    "tracks beyond 2 sigma",
    "tracks beyond 3 sigma",
    "tracks beyond 5 sigma",
    "joint probability of the origin, 1st hemisphere",
    "joint probability of the origin, 2nd hemisphere",
    "displaced mass, 1st hemisphere",
    "displaced mass, 2nd hemisphere",
    "displaced share of momentum, 1st hemisphere",
    "displaced share of momentum, 2nd hemisphere",
    "tracks",
    "displaced tracks, 1st hemisphere",
    "displaced tracks, 2nd hemisphere",
];

/// Tracks further from the origin come from strange particles, photons or the
/// material of the detector, in cm.
const MOST_DISTANCE: f64 = 0.3;
/// Tracks beyond this many deviations are displaced.
const DISPLACED: f64 = 2.5;

/// What the classical tagger keeps of one hemisphere.
#[derive(Default)]
struct Hemisphere {
    /// Signed significances of the tracks near the origin, largest first.
    significances: Vec<f64>,
    momentum: f64,
    displaced: usize,
    displaced_energy: f64,
    displaced_momentum: Vector,
}

impl Hemisphere {
    fn of<'a>(tracks: impl Iterator<Item = &'a TrackGeometry>) -> Self {
        let mut hemisphere = Self::default();
        for track in tracks {
            hemisphere.momentum += track.along;
            if track.transverse.abs() > MOST_DISTANCE || track.longitudinal.abs() > MOST_DISTANCE {
                continue;
            }
            let significance = track.significance();
            hemisphere.significances.push(significance);
            if significance > DISPLACED {
                hemisphere.displaced += 1;
                hemisphere.displaced_energy += track.energy;
                hemisphere.displaced_momentum = add_scaled(
                    hemisphere.displaced_momentum,
                    track.direction,
                    track.momentum,
                );
            }
        }
        hemisphere.significances.sort_by(|a, b| b.total_cmp(a));
        hemisphere
    }

    fn significance(&self, place: usize) -> f64 {
        self.significances
            .get(place)
            .map_or(0.0, |value| signed_log(*value))
    }

    fn beyond(&self, limit: f64) -> usize {
        self.significances
            .iter()
            .filter(|value| **value > limit)
            .count()
    }

    /// `-ln` of the probability that tracks from the origin reach as far as
    /// those of positive sign do (ALEPH, Phys. Lett. B 313 (1993) 535), on a
    /// logarithmic scale.
    fn joint_probability(&self) -> f64 {
        let positive = self.significances.iter().filter(|value| **value > 0.0);
        // In space both projections count: the probability is exp(-s² / 2).
        let (count, exponent) = positive.fold((0, 0.0), |(count, sum), value| {
            (count + 1, sum + 0.5 * value.min(20.0).powi(2))
        });
        if count == 0 {
            return 0.0;
        }
        // -ln(Π Σ (-ln Π)^k / k!), the sum over k below the number of tracks.
        let (mut term, mut sum) = (1.0, 1.0);
        for k in 1..count {
            term *= exponent / f64::from(k);
            sum += term;
        }
        (exponent - sum.ln()).max(0.0).ln_1p()
    }

    fn mass(&self) -> f64 {
        let momentum = self.displaced_momentum;
        let square = self.displaced_energy.powi(2) - dot(momentum, momentum);
        square.max(0.0).sqrt().min(20.0)
    }

    fn momentum_share(&self) -> f64 {
        let momentum = self.displaced_momentum;
        dot(momentum, momentum).sqrt() / self.momentum.max(1e-3)
    }
}

/// Appends the classical quantities, [`CLASSICAL_NAMES`].
pub(crate) fn classical(event: &EventGeometry, output: &mut Vec<f32>) {
    let side = |forward: bool| {
        let tracks = event
            .tracks
            .iter()
            .filter(move |track| track.forward == forward);
        Hemisphere::of(tracks)
    };
    let mut sides = [side(true), side(false)];
    if sides[1].significance(0) > sides[0].significance(0) {
        sides.swap(0, 1);
    }
    let [first, second] = &sides;
    let beyond = |limit| (first.beyond(limit) + second.beyond(limit)) as f64;
    let values = [
        first.significance(0),
        first.significance(1),
        first.significance(2),
        second.significance(0),
        second.significance(1),
        second.significance(2),
        beyond(2.0),
        beyond(3.0),
        beyond(5.0),
        first.joint_probability(),
        second.joint_probability(),
        first.mass(),
        second.mass(),
        first.momentum_share(),
        second.momentum_share(),
        event.tracks.len() as f64,
        first.displaced as f64,
        second.displaced as f64,
    ];
    output.extend(values.map(|value| value as f32));
}
