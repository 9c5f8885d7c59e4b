//! Events as they are read: a thrust axis and tracks.

/// Three components along x, y (across the beam) and z (along it).
pub type Vector = [f64; 3];

/// The scalar product.
pub(crate) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The vector product.
pub(crate) fn cross(a: Vector, b: Vector) -> Vector {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// `a + b · factor`.
pub(crate) fn add_scaled(a: Vector, b: Vector, factor: f64) -> Vector {
    [
        a[0] + b[0] * factor,
        a[1] + b[1] * factor,
        a[2] + b[2] * factor,
    ]
}

/// The Euclidean length.
pub(crate) fn norm(a: Vector) -> f64 {
    dot(a, a).sqrt()
}

/// A charged track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Track {
    /// Energy in GeV.
    pub energy: f64,
    /// Momentum in GeV.
    pub momentum: Vector,
    /// The track's point of closest approach to the beam line, in cm.
    pub point: Vector,
}

/// Events one after the other, the tracks of all of them in one list.
#[derive(Clone, Debug)]
pub struct Events {
    axes: Vec<Vector>,
    lines: Vec<u64>,
    numbers: Vec<u64>,
    /// One more than there are events: event `i` has the tracks
    /// `ends[i]..ends[i + 1]`.
    ends: Vec<usize>,
    tracks: Vec<Track>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            axes: Vec::new(),
            lines: Vec::new(),
            numbers: Vec::new(),
            ends: vec![0],
            tracks: Vec::new(),
        }
    }
}

/// One event of [`Events`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event<'a> {
    /// The thrust axis, of unit length; its sign means nothing.
    pub axis: Vector,
    /// The line of the file that it starts in, counted from 1.
    pub line: u64,
    /// Its number in the file, from 0; malformed events count.
    pub number: u64,
    /// Its tracks, in the file's order.
    pub tracks: &'a [Track],
}

impl Events {
    /// The number of events.
    pub fn len(&self) -> usize {
        self.axes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.axes.is_empty()
    }

    /// The number of tracks of all events.
    pub fn track_count(&self) -> usize {
        self.tracks.len()
    }

    /// Event `index`.
    pub fn get(&self, index: usize) -> Event<'_> {
        Event {
            axis: self.axes[index],
            line: self.lines[index],
            number: self.numbers[index],
            tracks: &self.tracks[self.ends[index]..self.ends[index + 1]],
        }
    }

    /// All events in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Event<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Adds an event.
    pub fn push(&mut self, axis: Vector, line: u64, tracks: impl IntoIterator<Item = Track>) {
        self.tracks.extend(tracks);
        self.close(axis, line, self.len() as u64);
    }

    /// Adds the events of `other`.
    pub fn append(&mut self, other: &Self) {
        let start = self.tracks.len();
        self.axes.extend_from_slice(&other.axes);
        self.lines.extend_from_slice(&other.lines);
        self.numbers.extend_from_slice(&other.numbers);
        self.tracks.extend_from_slice(&other.tracks);
        self.ends
            .extend(other.ends[1..].iter().map(|end| start + end));
    }

    /// Adds a track to the event that is not closed yet.
    pub(crate) fn add_track(&mut self, track: Track) {
        self.tracks.push(track);
    }

    /// The number of tracks of the event that is not closed yet.
    pub(crate) fn open_tracks(&self) -> usize {
        self.tracks.len() - self.ends[self.ends.len() - 1]
    }

    /// Closes the event whose tracks were added.
    pub(crate) fn close(&mut self, axis: Vector, line: u64, number: u64) {
        self.axes.push(axis);
        self.lines.push(line);
        self.numbers.push(number);
        self.ends.push(self.tracks.len());
    }

    /// Counts the events from `first` on instead of 0.
    pub(crate) fn number_from(&mut self, first: u64) {
        self.numbers.iter_mut().for_each(|number| *number += first);
    }

    /// Drops the tracks of the event that is not closed yet.
    pub(crate) fn discard(&mut self) {
        self.tracks.truncate(self.ends[self.ends.len() - 1]);
    }
}
