//! What models take.

use artkg_nn::{Segments, Tensor};

use crate::features::PairInputs;

/// Which features a model wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wants {
    pub(crate) tracks: bool,
    pub(crate) pairs: Option<PairInputs>,
    pub(crate) classical: bool,
}

/// What a model takes: the tracks of all events behind each other.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    pub(crate) segments: Segments,
    /// `[tracks, TRACK_NAMES]`.
    pub(crate) tracks: Option<Tensor>,
    /// `[events, EVENT_NAMES]`.
    pub(crate) events: Option<Tensor>,
    /// `[pairs, PAIR_NAMES]`.
    pub(crate) pairs: Option<Tensor>,
    /// `[events, CLASSICAL_NAMES]`.
    pub(crate) classical: Option<Tensor>,
}
