//! From events to inputs.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{ModelFault, Result};
use crate::event::Events;
use crate::features::{
    CLASSICAL_NAMES, EVENT_NAMES, EventGeometry, PAIR_NAMES, Resolution, Standardisation,
    TRACK_NAMES, classical, event_features, pair_features, track_features,
};
use crate::inputs::Wants;

/// What turns events into inputs; part of the model file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preparation {
    /// The resolution of impact parameters.
    pub resolution: Resolution,
    /// Statistics of the inputs of a track.
    pub tracks: Standardisation,
    /// Statistics of the inputs of an event.
    pub events: Standardisation,
    /// Statistics of the inputs of a pair of tracks.
    pub pairs: Standardisation,
    /// Statistics of the classical quantities.
    pub classical: Standardisation,
}

/// Events whose pairs are measured: statistics need no more.
const PAIR_SAMPLE: usize = 2000;

impl Preparation {
    /// Measures everything on the training events.
    pub(crate) fn measure(samples: &[Events]) -> Self {
        let resolution = Resolution::measure(samples);
        let mut preparation = Self {
            resolution,
            ..Self::default()
        };
        let everything = Wants {
            tracks: true,
            classical: true,
            pairs: None,
        };
        let mut raw = Rows::default();
        let mut pairs = Vec::new();
        for events in samples {
            raw.append(Rows::of(events, &resolution, everything));
            let step = (events.len() * samples.len() / PAIR_SAMPLE).max(1);
            for event in events.iter().step_by(step) {
                let geometry = EventGeometry::new(event, &resolution);
                pair_features(geometry.tracks.iter(), &mut pairs);
            }
        }
        preparation.tracks = Standardisation::measure(&raw.tracks, TRACK_NAMES.len());
        preparation.events = Standardisation::measure(&raw.events, EVENT_NAMES.len());
        preparation.classical = Standardisation::measure(&raw.classical, CLASSICAL_NAMES.len());
        preparation.pairs = Standardisation::measure(&pairs, PAIR_NAMES.len());
        preparation
    }

    /// Checks what was read from a file.
    pub(crate) fn check(&self) -> Result<(), ModelFault> {
        self.tracks.check("tracks", TRACK_NAMES.len())?;
        self.events.check("events", EVENT_NAMES.len())?;
        self.pairs.check("pairs", PAIR_NAMES.len())?;
        self.classical
            .check("classical quantities", CLASSICAL_NAMES.len())
    }

    /// The inputs of `events`.
    pub(crate) fn prepare(&self, events: &Events, wants: Wants) -> Rows {
        let mut rows = Rows::of(events, &self.resolution, wants);
        self.tracks.apply(&mut rows.tracks);
        self.events.apply(&mut rows.events);
        self.classical.apply(&mut rows.classical);
        rows
    }
}

/// Inputs of events, one event after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) tracks: Vec<f32>,
    pub(crate) events: Vec<f32>,
    pub(crate) classical: Vec<f32>,
    pub(crate) geometries: Vec<EventGeometry>,
    /// The number of tracks of each event.
    pub(crate) lengths: Vec<usize>,
    /// `|cos θ|` of each event's axis.
    pub(crate) cosines: Vec<f64>,
}

impl Rows {
    fn of(events: &Events, resolution: &Resolution, wants: Wants) -> Self {
        const TOGETHER: usize = 256;
        let blocks: Vec<Self> = (0..events.len().div_ceil(TOGETHER))
            .into_par_iter()
            .map(|block| {
                let mut rows = Self::default();
                let end = events.len().min((block + 1) * TOGETHER);
                for index in block * TOGETHER..end {
                    let geometry = EventGeometry::new(events.get(index), resolution);
                    if wants.tracks {
                        track_features(&geometry, &mut rows.tracks);
                        event_features(&geometry, &mut rows.events);
                    }
                    if wants.classical {
                        classical(&geometry, &mut rows.classical);
                    }
                    rows.lengths.push(geometry.tracks.len());
                    rows.cosines.push(geometry.cosine);
                    if wants.pairs.is_some() {
                        rows.geometries.push(geometry);
                    }
                }
                rows
            })
            .collect();
        let mut rows = Self::default();
        blocks.into_iter().for_each(|block| rows.append(block));
        rows
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.tracks.extend(other.tracks);
        self.events.extend(other.events);
        self.classical.extend(other.classical);
        self.geometries.extend(other.geometries);
        self.lengths.extend(other.lengths);
        self.cosines.extend(other.cosines);
    }
}
