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
mod scale;
mod statistics;
#[cfg(test)]
mod tests;
mod tracks;

pub(crate) use classical::{CLASSICAL_NAMES, classical};
pub(crate) use geometry::EventGeometry;
pub use pairs::PairInputs;
pub(crate) use pairs::{PAIR_NAMES, pair_features};
pub use resolution::Resolution;
pub use statistics::Standardisation;
pub(crate) use tracks::{
    EVENT_NAMES, MIRRORED, TRACK_GROUPS, TRACK_NAMES, event_features, track_features,
};
