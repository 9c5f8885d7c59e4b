use super::geometry::{EventGeometry, TrackGeometry};
use super::scale::signed_log;

/// The inputs of each track.
pub(crate) const TRACK_NAMES: [&str; 18] = [
    "log energy",
    "log momentum across the axis",
    "rapidity along the axis",
    "log share of the hemisphere's energy",
    "momentum across, horizontal",
    "momentum across, other",
    "transverse significance",
    "longitudinal significance",
    "significance in space",
    "point across, horizontal",
    "point across, other",
    "transverse impact parameter",
    "longitudinal impact parameter",
    "log resolution",
    "flight along the axis",
    "distance from the axis",
    "polar angle",
    "hemisphere",
];

/// The inputs of each event beside its tracks.
pub(crate) const EVENT_NAMES: [&str; 5] = [
    "log number of tracks",
    "log energy",
    "imbalance of the hemispheres",
    "polar angle of the axis",
    "momentum along the axis",
];

/// Inputs that mean the same kind of thing.
#[derive(Clone, Debug)]
pub(crate) struct FeatureGroup {
    /// What they are.
    pub(crate) name: &'static str,
    /// Their places among the inputs.
    pub(crate) members: std::ops::Range<usize>,
}

/// The inputs of tracks by kind.
pub(crate) const TRACK_GROUPS: [FeatureGroup; 6] = [
    FeatureGroup {
        name: "energy and momentum",
        members: 0..4,
    },
    FeatureGroup {
        name: "direction about the axis",
        members: 4..6,
    },
    FeatureGroup {
        name: "impact significances",
        members: 6..9,
    },
    FeatureGroup {
        name: "impact point and size",
        members: 9..14,
    },
    FeatureGroup {
        name: "flight along the axis",
        members: 14..16,
    },
    FeatureGroup {
        name: "polar angle and hemisphere",
        members: 16..18,
    },
];

/// Lengths below this are what the best tracks are known to, in cm.
const FINEST: f64 = 1e-3;
/// The length scale of decays in flight, in cm.
const FLIGHT: f64 = 1e-2;
/// The momentum scale of fragmentation, in GeV.
const SOFT: f64 = 0.3;

/// Appends the inputs of every track, [`TRACK_NAMES`] each, by falling energy.
pub(crate) fn track_features(event: &EventGeometry, output: &mut Vec<f32>) {
    let first_leads = event.energies[0] >= event.energies[1];
    for track in &event.tracks {
        let leads = track.forward == first_leads;
        output.extend(one_track(event, track, leads).map(|value| value as f32));
    }
}

fn one_track(event: &EventGeometry, track: &TrackGeometry, leads: bool) -> [f64; 18] {
    let hemisphere = event.energies[usize::from(!track.forward)];
    let across = track.across[0].hypot(track.across[1]);
    let resolution = track.resolution();
    // The energy may be below the momentum by rounding.
    let rest = (track.energy - track.along).max(1e-6);
    let rapidity = 0.5 * ((track.energy + track.along) / rest).ln();
    [
        track.energy.max(1e-3).ln(),
        across.max(1e-3).ln(),
        rapidity,
        (track.energy / hemisphere).max(1e-6).ln(),
        signed_log(track.across[0] / SOFT),
        signed_log(track.across[1] / SOFT),
        signed_log(track.transverse_significance()),
        signed_log(track.longitudinal_significance()),
        signed_log(track.significance()),
        signed_log(track.point_across[0] / resolution),
        signed_log(track.point_across[1] / resolution),
        signed_log(track.transverse / FINEST),
        signed_log(track.longitudinal / FINEST),
        resolution.ln(),
        signed_log(track.flight / FLIGHT),
        (track.miss / resolution).ln_1p(),
        track.direction[2].abs(),
        if leads { 1.0 } else { 0.0 },
    ]
}

/// Appends the inputs of the event itself, [`EVENT_NAMES`].
pub(crate) fn event_features(event: &EventGeometry, output: &mut Vec<f32>) {
    let [first, second] = event.energies;
    let along: f64 = event.tracks.iter().map(|track| track.along).sum();
    let momentum: f64 = event.tracks.iter().map(|track| track.momentum).sum();
    let values = [
        (event.tracks.len() as f64).ln(),
        (first + second).max(1e-3).ln(),
        (first - second).abs() / (first + second).max(1e-3),
        event.cosine,
        along / momentum,
    ];
    output.extend(values.map(|value| value as f32));
}

/// Inputs that change sign when an event is mirrored in a plane through its
/// axis, for both planes.
pub(crate) const MIRRORED: [[usize; 2]; 2] = [[4, 9], [5, 10]];
