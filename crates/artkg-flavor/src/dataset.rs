//! Labelled events in memory, ready for batches.

use std::path::Path;

use artkg_files::fingerprint::Fingerprint;
use artkg_nn::{Device, Segments, Tensor};
use rayon::prelude::*;

use crate::class::ClassFile;
use crate::error::Result;
use crate::event::Events;
use crate::features::{
    CLASSICAL_NAMES, EVENT_NAMES, PAIR_NAMES, PairInputs, Standardisation, TRACK_NAMES,
    pair_features,
};
use crate::inputs::{Inputs, Wants};
use crate::permutation::permute;
use crate::preparation::{Preparation, Rows};
use crate::reading::{Fault, FileSummary, read_events};

/// Prepared events with their classes.
pub(crate) struct Dataset {
    pub(crate) rows: Rows,
    starts: Vec<usize>,
    pub(crate) labels: Vec<u32>,
    pairs: Standardisation,
    wants: Wants,
    /// Where its inputs go.
    device: Device,
    /// Shuffles pairs within a batch, if it is a seed.
    permute_pairs: Option<u64>,
}

impl Dataset {
    /// Prepared events whose inputs are for `device`.
    pub(crate) fn new(
        rows: Rows,
        labels: Vec<u32>,
        pairs: Standardisation,
        wants: Wants,
        device: &Device,
    ) -> Self {
        let starts = std::iter::once(0)
            .chain(rows.lengths.iter().scan(0, |end, length| {
                *end += length;
                Some(*end)
            }))
            .collect();
        Self {
            rows,
            starts,
            labels,
            pairs,
            wants,
            device: device.clone(),
            permute_pairs: None,
        }
    }

    /// What the events were prepared for.
    pub(crate) fn wants(&self) -> Wants {
        self.wants
    }

    /// Turns the shuffling of pairs on or off.
    pub(crate) fn permute_pairs(&mut self, seed: Option<u64>) {
        self.permute_pairs = seed;
    }

    /// Keeps at most about `most` events, evenly.
    pub(crate) fn thin_out(&mut self, most: usize) {
        let step = self.len().div_ceil(most.max(1)).max(1);
        let kept: Vec<usize> = (0..self.len()).step_by(step).collect();
        let mut rows = Rows::default();
        let take = |from: &[f32], width: usize, place: std::ops::Range<usize>| {
            from.get(place.start * width..place.end * width)
                .unwrap_or_default()
                .to_vec()
        };
        for &event in &kept {
            let tracks = self.starts[event]..self.starts[event + 1];
            let one = event..event + 1;
            rows.append(Rows {
                tracks: take(&self.rows.tracks, TRACK_NAMES.len(), tracks),
                events: take(&self.rows.events, EVENT_NAMES.len(), one.clone()),
                classical: take(&self.rows.classical, CLASSICAL_NAMES.len(), one.clone()),
                geometries: self.rows.geometries.get(one).unwrap_or_default().to_vec(),
                lengths: vec![self.rows.lengths[event]],
                cosines: vec![self.rows.cosines[event]],
            });
        }
        let labels = kept.iter().map(|&event| self.labels[event]).collect();
        *self = Self::new(rows, labels, self.pairs.clone(), self.wants, &self.device);
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.lengths.len()
    }

    /// The inputs of `events`, in that order.
    pub(crate) fn inputs(&self, events: &[usize]) -> Result<Inputs> {
        self.inputs_of(events, |_, _| true)
    }

    /// The inputs of `events` with those of their tracks that `keep` keeps, by
    /// the event's and the track's number; at least one.
    pub(crate) fn inputs_of(
        &self,
        events: &[usize],
        keep: impl Fn(usize, usize) -> bool,
    ) -> Result<Inputs> {
        let rows = &self.rows;
        let gather = |values: &[f32], width: usize| -> Result<Tensor> {
            let mut gathered = Vec::with_capacity(events.len() * width);
            for &event in events {
                gathered.extend_from_slice(&values[event * width..(event + 1) * width]);
            }
            Ok(Tensor::from_vec(
                gathered,
                (events.len(), width),
                &self.device,
            )?)
        };
        let kept: Vec<Vec<usize>> = events
            .iter()
            .map(|&event| {
                let length = rows.lengths[event];
                let kept: Vec<usize> = (0..length).filter(|&track| keep(event, track)).collect();
                match kept.is_empty() {
                    true => (0..length).collect(),
                    false => kept,
                }
            })
            .collect();
        let segments = Segments::new(kept.iter().map(Vec::len));
        let (mut tracks, mut event_rows) = (None, None);
        if self.wants.tracks {
            let width = TRACK_NAMES.len();
            let mut gathered = Vec::with_capacity(segments.rows() * width);
            for (&event, kept) in events.iter().zip(&kept) {
                for track in kept {
                    let place = (self.starts[event] + track) * width;
                    gathered.extend_from_slice(&rows.tracks[place..place + width]);
                }
            }
            let shape = (segments.rows(), width);
            tracks = Some(Tensor::from_vec(gathered, shape, &self.device)?);
            event_rows = Some(gather(&rows.events, EVENT_NAMES.len())?);
        }
        let classical = match self.wants.classical {
            true => Some(gather(&rows.classical, CLASSICAL_NAMES.len())?),
            false => None,
        };
        Ok(Inputs {
            pairs: match self.wants.pairs {
                Some(inputs) => Some(self.pair_rows(events, &kept, &segments, inputs)?),
                None => None,
            },
            segments,
            tracks,
            events: event_rows,
            classical,
        })
    }

    /// Pairs are many and quickly computed: never kept.
    fn pair_rows(
        &self,
        events: &[usize],
        kept: &[Vec<usize>],
        segments: &Segments,
        inputs: PairInputs,
    ) -> Result<Tensor> {
        let width = PAIR_NAMES.len();
        let parts: Vec<Vec<f32>> = events
            .par_iter()
            .zip(kept)
            .map(|(&event, kept)| {
                let tracks = &self.rows.geometries[event].tracks;
                let mut pairs = Vec::with_capacity(kept.len() * (kept.len() + 1) / 2 * width);
                pair_features(kept.iter().map(|&track| &tracks[track]), &mut pairs);
                self.pairs.apply(&mut pairs);
                inputs.select(&mut pairs);
                pairs
            })
            .collect();
        let mut pairs = parts.concat();
        if let Some(seed) = self.permute_pairs {
            permute(&mut pairs, width, 0..width, seed);
        }
        Ok(Tensor::from_vec(
            pairs,
            (segments.pairs(), width),
            &self.device,
        )?)
    }
}

/// Events of several classes as they were read.
#[derive(Default)]
pub(crate) struct Samples {
    /// One entry a file.
    pub(crate) events: Vec<Events>,
    /// The class of every event.
    pub(crate) labels: Vec<u32>,
    /// Whether some of them are toy events.
    pub(crate) has_toys: bool,
}

impl Samples {
    /// Reads `files`, whose classes must be among `classes`.
    pub(crate) fn read(
        files: &[ClassFile],
        classes: &[String],
        strict: bool,
        watcher: &mut dyn ReadWatcher,
    ) -> Result<Self> {
        let mut samples = Self::default();
        for file in files {
            let (events, summary) =
                read_events(&file.path, strict, &mut |fault| watcher.fault(fault))?;
            watcher.file(&file.path, summary);
            let started = summary.events + summary.skipped;
            samples
                .labels
                .extend(file.labels(&events, started, classes)?);
            samples.has_toys |= summary.is_toy;
            samples.events.push(events);
        }
        Ok(samples)
    }

    /// What the events are known again by: their axes, tracks and classes, however
    /// the files that hold them are written.
    pub(crate) fn fingerprint(&self, classes: &[String]) -> Fingerprint {
        let mut fingerprint = Fingerprint::new("events", 1);
        let events = self.events.iter().flat_map(Events::iter);
        fingerprint.list(events.zip(&self.labels), |fingerprint, (event, label)| {
            let mut numbers = event.axis.to_vec();
            for track in event.tracks {
                numbers.push(track.energy);
                numbers.extend(track.momentum);
                numbers.extend(track.point);
            }
            let class = &classes[*label as usize];
            fingerprint.text(class).numbers(&numbers);
        });
        fingerprint
    }

    /// Turns the events into inputs for `device`.
    pub(crate) fn prepare(
        &self,
        preparation: &Preparation,
        wants: Wants,
        device: &Device,
    ) -> Dataset {
        let mut rows = Rows::default();
        for events in &self.events {
            rows.append(preparation.prepare(events, wants));
        }
        let (labels, pairs) = (self.labels.clone(), preparation.pairs.clone());
        Dataset::new(rows, labels, pairs, wants, device)
    }
}

/// Receives what is found while files are read.
pub trait ReadWatcher {
    /// A malformed line.
    fn fault(&mut self, fault: &Fault);
    /// A file was read to its end.
    fn file(&mut self, path: &Path, summary: FileSummary);
}
