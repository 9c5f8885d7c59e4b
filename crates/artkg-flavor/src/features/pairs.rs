use artkg_nn::signed_logarithms;
use serde::{Deserialize, Serialize};

use super::geometry::TrackGeometry;
use crate::event::{add_scaled, dot, norm};

/// The inputs of each pair of tracks; the same whichever comes first.
pub(crate) const PAIR_NAMES: [&str; 8] = [
    "log angle",
    "log relative momentum",
    "log share of the softer",
    "log mass",
    "log distance in space",
    "flight to the crossing",
    "crossing off the axis",
    "same hemisphere",
];

/// Where two tracks meet in space, among [`PAIR_NAMES`].
const SPACE: std::ops::Range<usize> = 4..7;

/// What attention learns of a pair of tracks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PairInputs {
    /// Momenta, and where in space the two tracks meet.
    #[default]
    All,
    /// Momenta alone, as in the Particle Transformer.
    Momenta,
    /// Nothing.
    None,
}

impl PairInputs {
    /// Sets what is not learnt to 0, in `pairs` of [`PAIR_NAMES`].
    pub(crate) fn select(self, pairs: &mut [f32]) {
        let cleared = match self {
            Self::All => return,
            Self::Momenta => SPACE,
            Self::None => 0..PAIR_NAMES.len(),
        };
        for pair in pairs.chunks_exact_mut(PAIR_NAMES.len()) {
            pair[cleared.clone()].fill(0.0);
        }
    }
}

/// The mass of a charged pion in GeV: what most tracks are.
const PION: f64 = 0.139_57;
/// The length scale of decays in flight, in cm.
const FLIGHT: f64 = 1e-2;
/// Crossings further out are of no interest, in cm.
const FAR: f64 = 30.0;

/// Appends the inputs of all unordered pairs of tracks, [`PAIR_NAMES`] each, in
/// the order (0, 0), (1, 0), (1, 1), (2, 0), …; a track with itself has zeros.
pub(crate) fn pair_features<'a>(
    tracks: impl Iterator<Item = &'a TrackGeometry> + Clone,
    output: &mut Vec<f32>,
) {
    let start = output.len();
    for (index, track) in tracks.clone().enumerate() {
        for other in tracks.clone().take(index) {
            output.extend(before_logarithm(track, other).map(|value| value as f32));
        }
        output.extend([1.0; PAIR_NAMES.len()]);
    }
    signed_logarithms(&mut output[start..]);
}

/// What the inputs of a pair are the signed logarithms of: one pass takes those
/// of all pairs together, in vector instructions.
fn before_logarithm(a: &TrackGeometry, b: &TrackGeometry) -> [f64; 8] {
    let cosine = dot(a.direction, b.direction).clamp(-1.0, 1.0);
    let angle = (2.0 * (1.0 - cosine)).max(1e-8).sqrt();
    let softer = a.momentum.min(b.momentum);
    let product = (a.momentum * a.momentum + PION * PION).sqrt()
        * (b.momentum * b.momentum + PION * PION).sqrt()
        - a.momentum * b.momentum * cosine;
    let above_threshold = (2.0 * (PION * PION + product)).max(0.0).sqrt() - 2.0 * PION;
    let (on_a, on_b) = closest_points(a, b, cosine);
    let resolution = a.resolution().hypot(b.resolution());
    let distance = norm(add_scaled(on_a, on_b, -1.0));
    let crossing = add_scaled(on_a, on_b, 1.0).map(|sum| 0.5 * sum);
    let same = a.forward == b.forward;
    // Tracks of two hemispheres have no axis in common: that of the first.
    let flight = dot(crossing, a.axis).clamp(-FAR, FAR);
    let off = norm(add_scaled(crossing, a.axis, -dot(crossing, a.axis))).min(FAR);
    [
        angle,
        (softer * angle).max(1e-5),
        (softer / (a.momentum + b.momentum)).max(1e-5),
        above_threshold.max(1e-3),
        distance / resolution + 0.05,
        if same {
            (1.0 + (flight / FLIGHT).abs()).copysign(flight)
        } else {
            1.0
        },
        1.0 + off / FLIGHT,
        if same { std::f64::consts::E } else { 1.0 },
    ]
}

/// The points of both tracks that are closest to each other, as straight lines.
fn closest_points(a: &TrackGeometry, b: &TrackGeometry, cosine: f64) -> ([f64; 3], [f64; 3]) {
    // Nearly parallel lines are close everywhere.
    let sine_squared = (1.0 - cosine * cosine).max(1e-6);
    // Each point lies across its own track.
    let difference = add_scaled(b.point, a.point, -1.0);
    let (on_a, on_b) = (dot(difference, a.direction), dot(difference, b.direction));
    let along_a = (on_a - cosine * on_b) / sine_squared;
    let along_b = (cosine * on_a - on_b) / sine_squared;
    (
        add_scaled(a.point, a.direction, along_a),
        add_scaled(b.point, b.direction, along_b),
    )
}
