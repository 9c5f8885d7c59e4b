use super::resolution::Resolution;
use crate::event::{Event, Track, Vector, add_scaled, cross, dot, norm};

/// Half the spacing of the two hemispheres' momenta below which a track counts
/// to neither: none, so a track across the axis goes to the first.
const ACROSS: f64 = 0.0;

/// A track as its hemisphere sees it. Lengths are in cm, energies in GeV.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrackGeometry {
    /// Energy.
    pub(crate) energy: f64,
    /// Size of the momentum.
    pub(crate) momentum: f64,
    /// Direction of the momentum.
    pub(crate) direction: Vector,
    /// The hemisphere's axis: the thrust axis, turned to the track's side.
    pub(crate) axis: Vector,
    /// Whether the track is on the side that the thrust axis points to.
    pub(crate) forward: bool,
    /// Momentum along the hemisphere's axis, never negative.
    pub(crate) along: f64,
    /// Momentum across it, in the two directions of [`EventGeometry`].
    pub(crate) across: [f64; 2],
    /// Point of closest approach to the origin in space.
    pub(crate) point: Vector,
    /// That point's components across the axis, in the two directions.
    pub(crate) point_across: [f64; 2],
    /// Signed impact parameter across the beam.
    pub(crate) transverse: f64,
    /// Signed impact parameter along the beam, times the sine of the polar
    /// angle: as precise as the transverse one.
    pub(crate) longitudinal: f64,
    /// The resolution expected for both.
    pub(crate) resolutions: [f64; 2],
    /// Where along its hemisphere's axis the track comes closest to it.
    pub(crate) flight: f64,
    /// How close.
    pub(crate) miss: f64,
}

impl TrackGeometry {
    /// Transverse impact parameter over its resolution.
    pub(crate) fn transverse_significance(&self) -> f64 {
        self.transverse / self.resolutions[0]
    }

    /// Longitudinal impact parameter over its resolution.
    pub(crate) fn longitudinal_significance(&self) -> f64 {
        self.longitudinal / self.resolutions[1]
    }

    /// Impact parameter in space over its resolution, signed.
    pub(crate) fn significance(&self) -> f64 {
        let size = self
            .transverse_significance()
            .hypot(self.longitudinal_significance());
        size.copysign(dot(self.point, self.axis))
    }

    /// The mean resolution of the two projections.
    pub(crate) fn resolution(&self) -> f64 {
        0.5 * (self.resolutions[0] + self.resolutions[1])
    }
}

/// An event in the frame of its thrust axis: tracks by falling energy.
#[derive(Clone, Debug)]
pub(crate) struct EventGeometry {
    /// The tracks.
    pub(crate) tracks: Vec<TrackGeometry>,
    /// Energy of the tracks of both hemispheres, the forward one first.
    pub(crate) energies: [f64; 2],
    /// Cosine of the axis's polar angle, without sign.
    pub(crate) cosine: f64,
}

impl EventGeometry {
    /// Turns an event into the frame of its axis.
    pub(crate) fn new(event: Event<'_>, resolution: &Resolution) -> Self {
        let axis = event.axis;
        // Across the axis: one direction across the beam too, and the third.
        let first = match cross(axis, [0.0, 0.0, 1.0]) {
            side if norm(side) > 1e-9 => scaled(side, 1.0 / norm(side)),
            _ => [1.0, 0.0, 0.0],
        };
        let second = cross(axis, first);
        let mut tracks: Vec<_> = event
            .tracks
            .iter()
            .map(|track| track_geometry(track, axis, [first, second], resolution))
            .collect();
        tracks.sort_by(|a, b| b.energy.total_cmp(&a.energy));
        let mut energies = [0.0; 2];
        for track in &tracks {
            energies[usize::from(!track.forward)] += track.energy;
        }
        Self {
            tracks,
            energies,
            cosine: axis[2].abs(),
        }
    }
}

fn scaled(vector: Vector, factor: f64) -> Vector {
    vector.map(|component| component * factor)
}

fn track_geometry(
    track: &Track,
    thrust: Vector,
    sides: [Vector; 2],
    resolution: &Resolution,
) -> TrackGeometry {
    let momentum = norm(track.momentum);
    let direction = scaled(track.momentum, 1.0 / momentum);
    let forward = dot(direction, thrust) >= ACROSS;
    let axis = if forward {
        thrust
    } else {
        scaled(thrust, -1.0)
    };
    let along = dot(direction, axis);
    let perigee = track.point;
    let point = add_scaled(perigee, direction, -dot(perigee, direction));
    // The impact vector has two parts, both across the track: one across the
    // beam, the other from the distance along the beam.
    let transverse = perigee[0].hypot(perigee[1]);
    let upward = add_scaled([0.0, 0.0, 1.0], direction, -direction[2]);
    let sine = direction[0].hypot(direction[1]);
    let longitudinal = (perigee[2] * sine).abs();
    let sign_transverse = perigee[0] * axis[0] + perigee[1] * axis[1];
    let sign_longitudinal = perigee[2] * dot(upward, axis);
    let (flight, miss) = closest_to_axis(point, direction, axis, along);
    TrackGeometry {
        energy: track.energy,
        momentum,
        direction,
        axis,
        forward,
        along: along * momentum,
        across: sides.map(|side| dot(track.momentum, side)),
        point,
        point_across: sides.map(|side| dot(point, side)),
        transverse: transverse.copysign(sign_transverse),
        longitudinal: longitudinal.copysign(sign_longitudinal),
        resolutions: resolution.of(momentum, sine),
        flight,
        miss,
    }
}

/// Where on the axis through the origin the line through `point` along
/// `direction` comes closest to it, and how close.
fn closest_to_axis(point: Vector, direction: Vector, axis: Vector, cosine: f64) -> (f64, f64) {
    // Nearly parallel lines come close everywhere.
    let sine_squared = (1.0 - cosine * cosine).max(1e-6);
    // `point` is across `direction`.
    let flight = dot(point, axis) / sine_squared;
    let on_track = add_scaled(point, direction, flight * cosine);
    (flight, norm(add_scaled(on_track, axis, -flight)))
}
