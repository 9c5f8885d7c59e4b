use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// The names of a track's numbers, in their order.
pub(crate) const FIELDS: [&str; 7] = ["E", "px", "py", "pz", "x", "y", "z"];

/// A malformed line.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The file.
    pub path: Arc<PathBuf>,
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: FaultReason,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.reason)
    }
}

/// What can be wrong with a line.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultReason {
    /// Not an axis, a track, a comment or blank.
    UnknownLine(String),
    /// An axis line with too few or too many numbers.
    AxisCount(usize),
    /// An axis whose length is not 1.
    AxisLength(f64),
    /// A track line with too few or too many numbers.
    TrackCount(usize),
    /// A word where a number should be.
    NotANumber {
        /// The number's name.
        field: &'static str,
        /// The word.
        word: String,
    },
    /// An infinite number, or one that is "not a number".
    NotFinite {
        /// The number's name.
        field: &'static str,
        /// The word.
        word: String,
    },
    /// A number beyond what any detector measures: another unit, most likely.
    TooLarge {
        /// The number's name.
        field: &'static str,
        /// The value.
        value: f64,
        /// The largest magnitude, with its unit.
        most: &'static str,
    },
    /// A negative energy.
    NegativeEnergy(f64),
    /// An energy below the momentum.
    EnergyBelowMomentum {
        /// The energy in GeV.
        energy: f64,
        /// The momentum in GeV.
        momentum: f64,
    },
    /// A track without momentum across the beam: it has no closest point.
    AlongTheBeam,
    /// A point that is not the closest one to the beam line: how far along the
    /// track it lies, in cm.
    NotPerpendicular(f64),
    /// A track before the first axis.
    TrackBeforeAxis,
    /// An axis with no track after it.
    NoTracks,
    /// More tracks after an axis than any event has.
    TooManyTracks(usize),
}

impl fmt::Display for FaultReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownLine(text) => write!(
                f,
                "neither `Axis = ax ay az` nor a track's seven numbers: {text:?}"
            ),
            Self::AxisCount(count) => write!(
                f,
                "the axis has {count} {}, expected 3: `Axis = ax ay az`",
                numbers(*count)
            ),
            Self::AxisLength(length) => {
                write!(f, "the axis has the length {length:.6}, expected 1")
            }
            Self::TrackCount(count) => write!(
                f,
                "a track of {count} {}, expected 7: E px py pz x y z",
                numbers(*count)
            ),
            Self::NotANumber { field, word } => write!(f, "{field} is {word:?}, not a number"),
            Self::NotFinite { field, word } => write!(f, "{field} is {word}, not a finite number"),
            Self::TooLarge { field, value, most } => write!(
                f,
                "{field} is {value:e}, beyond {most}: energies and momenta are in GeV, points in cm"
            ),
            Self::NegativeEnergy(energy) => write!(f, "the energy E is negative: {energy}"),
            Self::EnergyBelowMomentum { energy, momentum } => write!(
                f,
                "the energy E = {energy} is below the momentum |p| = {momentum:.6}"
            ),
            Self::AlongTheBeam => f.write_str(
                "px and py are zero: such a track has no point of closest approach to the beam",
            ),
            Self::NotPerpendicular(distance) => write!(
                f,
                "(x, y, z) is not the point of closest approach to the beam line: it lies \
                 {distance:.4} cm further along the track (px·x + py·y should be 0)"
            ),
            Self::TrackBeforeAxis => f.write_str("a track before the first `Axis = ax ay az`"),
            Self::NoTracks => f.write_str("an event without tracks"),
            Self::TooManyTracks(most) => write!(
                f,
                "more than {most} tracks since the last `Axis = ax ay az`: are axes missing?"
            ),
        }
    }
}

fn numbers(count: usize) -> &'static str {
    if count == 1 { "number" } else { "numbers" }
}
