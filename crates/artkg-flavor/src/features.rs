//! What the models see of an event.
//!
//! Every quantity is relative to the thrust axis and the track's hemisphere, so
//! that the direction of the event in the detector says nothing by itself, and
//! impact parameters are signed: positive where the track passes the origin on
//! the side that its hemisphere points to, as the tracks of a decay in flight
//! do.

mod classical;
mod geometry;
mod pairs;
mod resolution;
mod statistics;
#[cfg(test)]
mod tests;
mod tracks;

pub use classical::{CLASSICAL_NAMES, classical};
pub use geometry::{EventGeometry, TrackGeometry};
pub use pairs::{PAIR_NAMES, PairInputs, pair_features};
pub use resolution::Resolution;
pub use statistics::Standardisation;
pub use tracks::{
    EVENT_NAMES, FeatureGroup, MIRRORED, TRACK_GROUPS, TRACK_NAMES, event_features, track_features,
};

/// `x` on a scale that is linear around 0 and logarithmic far from it.
fn signed_log(x: f64) -> f64 {
    x.signum() * x.abs().ln_1p()
}
