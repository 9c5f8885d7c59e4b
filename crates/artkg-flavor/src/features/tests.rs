use super::*;
use crate::event::{Events, Track};

/// Two back-to-back events of one hemisphere each: a track along a decay in
/// flight, and one from the origin.
fn displaced(axis: [f64; 3]) -> EventGeometry {
    // Decay at (0, 0.3, 0.4), flight along (0, 0.6, 0.8), track along
    // (0.6, 0, 0.8): the closest point to the beam is where x px + y py is 0.
    let mut events = Events::default();
    let pion = 0.139_57f64;
    let track = Track {
        energy: (25.0 + pion * pion).sqrt(),
        momentum: [3.0, 0.0, 4.0],
        point: [0.0, 0.3, 0.4],
    };
    let prompt = Track {
        energy: (1.0 + pion * pion).sqrt(),
        momentum: [0.0, -0.6, -0.8],
        point: [0.0, 0.0, 0.0],
    };
    events.push(axis, 1, [prompt, track]);
    EventGeometry::new(events.get(0), &Resolution::default())
}

#[test]
fn geometry_of_a_decay_in_flight() {
    for axis in [[0.0, 0.6, 0.8], [0.0, -0.6, -0.8]] {
        let event = displaced(axis);
        let [track, prompt] = &event.tracks[..] else {
            panic!("two tracks")
        };
        assert_eq!((track.momentum, prompt.momentum), (5.0, 1.0));
        assert_ne!(track.forward, prompt.forward);
        assert!(
            (track.transverse - 0.3).abs() < 1e-12,
            "{}",
            track.transverse
        );
        // 0.4 along the beam, times the sine 0.6; downstream.
        assert!((track.longitudinal.abs() - 0.24).abs() < 1e-12);
        // It meets the axis where the decay was, half a centimetre out.
        assert!((track.flight - 0.5).abs() < 1e-9, "{}", track.flight);
        assert!(track.miss < 1e-9, "{}", track.miss);
        let size = (0.3f64.powi(2) + 0.24f64.powi(2)).sqrt();
        let found = track.point.iter().map(|x| x * x).sum::<f64>().sqrt();
        assert!((found - size).abs() < 1e-12);
        assert!(track.significance() > 100.0 && prompt.significance().abs() < 1e-9);
    }
}

#[test]
fn the_sign_of_the_axis_and_the_order_of_tracks_mean_nothing() {
    let all = |event: &EventGeometry| {
        let mut values = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
        track_features(event, &mut values[0]);
        event_features(event, &mut values[1]);
        pair_features(event.tracks.iter(), &mut values[2]);
        classical(event, &mut values[3]);
        // Momenta and points across the axis may turn with it.
        for row in values[0].chunks_exact_mut(TRACK_NAMES.len()) {
            for place in [4, 5, 9, 10] {
                row[place] = row[place].abs();
            }
        }
        values
    };
    let found = all(&displaced([0.0, 0.6, 0.8]));
    assert_eq!(found, all(&displaced([0.0, -0.6, -0.8])));
    let lengths = found.each_ref().map(Vec::len);
    assert_eq!(lengths, [2 * 18, 5, 3 * 8, 18]);
    assert!(found.iter().flatten().all(|value| value.is_finite()));
}

#[test]
fn groups_cover_the_inputs_once() {
    let covered: Vec<usize> = TRACK_GROUPS
        .iter()
        .flat_map(|group| group.members.clone())
        .collect();
    assert_eq!(covered, (0..TRACK_NAMES.len()).collect::<Vec<_>>());
}

#[test]
fn two_tracks_of_one_vertex_cross_there() {
    let mut events = Events::default();
    let pion = 0.139_57f64;
    let vertex = [0.0, 0.0, 1.0];
    let tracks = [[0.6, 0.0, 0.8], [0.0, -0.6, 0.8]].map(|direction: [f64; 3]| {
        // From the vertex to the beam line: both cross it there.
        Track {
            energy: (1.0 + pion * pion).sqrt(),
            momentum: direction,
            point: vertex,
        }
    });
    events.push([0.0, 0.0, 1.0], 1, tracks);
    let event = EventGeometry::new(events.get(0), &Resolution::default());
    let mut pairs = Vec::new();
    pair_features(event.tracks.iter(), &mut pairs);
    let pair = &pairs[8..16];
    assert!(
        (pair[4] - 0.05f32.ln()).abs() < 1e-3,
        "distance {}",
        pair[4]
    );
    assert!((pair[5] - 101f32.ln()).abs() < 1e-3, "flight {}", pair[5]);
    assert!(pair[6].abs() < 1e-3 && pair[7] == 1.0);
    assert_eq!(pairs[..8], [0.0; 8]);
}

#[test]
fn the_resolution_is_found_again() {
    use rand::{RngExt, SeedableRng};
    let mut generator = rand_pcg::Pcg64Mcg::seed_from_u64(3);
    let mut normal = || {
        let sum: f64 = (0..12).map(|_| generator.random::<f64>()).sum();
        sum - 6.0
    };
    let truth = Resolution {
        transverse: [4e-4, 9e-4],
        longitudinal: [6e-4, 12e-4],
    };
    let mut events = Events::default();
    for index in 0..4000 {
        let momentum = 0.3 * 1.0015f64.powi(index);
        let [transverse, longitudinal] = truth.of(momentum, 0.8);
        events.push(
            [1.0, 0.0, 0.0],
            1,
            (0..3).map(|_| Track {
                energy: momentum,
                momentum: [0.8 * momentum, 0.0, 0.6 * momentum],
                point: [0.0, transverse * normal(), longitudinal * normal() / 0.8],
            }),
        );
    }
    let found = Resolution::measure([&events]);
    for (found, truth) in [
        (found.transverse, truth.transverse),
        (found.longitudinal, truth.longitudinal),
    ] {
        for (found, truth) in found.iter().zip(truth) {
            assert!((found / truth - 1.0).abs() < 0.1, "{found} {truth}");
        }
    }
    assert_eq!(
        Resolution::measure([&Events::default()]),
        Resolution::default()
    );
}

#[test]
fn standardised_inputs_have_mean_zero_and_deviation_one() {
    let mut rows = vec![1.0, 5.0, 3.0, 5.0];
    let statistics = Standardisation::measure(&rows, 2);
    statistics.apply(&mut rows);
    assert_eq!(rows, [-1.0, 0.0, 1.0, 0.0]);
    assert!(statistics.check("tracks", 2).is_ok());
    assert!(statistics.check("tracks", 3).is_err());
}
