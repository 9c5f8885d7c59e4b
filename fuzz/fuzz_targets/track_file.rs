//! Any bytes as a file of tracks: events are finite, strict reading fails where there is
//! a fault and only there, and a malformed line never spoils the event after it.
#![no_main]

use std::cell::LazyCell;

use artkg_flavor::read_events;
use artkg_fuzz::Scratch;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static SCRATCH: LazyCell<Scratch> = LazyCell::new(Scratch::default);
}

const GOOD: &[u8] = b"\nAxis = 0 0 1\n5 3 0 4 0 0.01 0\n";

fuzz_target!(|bytes: &[u8]| {
    SCRATCH.with(|scratch| {
        // The first byte says whether a good event follows; not what is packed.
        let Some((choice, bytes)) = bytes.split_first() else {
            return;
        };
        let packed = [&b"\x1f\x8b"[..], b"\x28\xb5\x2f\xfd"]
            .iter()
            .any(|magic| bytes.starts_with(magic))
            || bytes.get(1..4) == Some(b"\x2a\x4d\x18");
        let is_followed = choice & 1 == 1 && !packed;
        let content = match is_followed {
            true => [bytes, GOOD].concat(),
            false => bytes.to_vec(),
        };
        let path = scratch.file("events.txt", &content);
        let mut faults = 0;
        let read = read_events(&path, false, &mut |_| faults += 1);
        let strict = read_events(&path, true, &mut |_| {});
        match &read {
            Ok((events, summary)) => {
                assert_eq!(summary.faults, faults);
                assert_eq!(
                    (summary.events, summary.tracks),
                    (events.len(), events.track_count())
                );
                assert_eq!(strict.is_ok(), faults == 0);
                for event in events.iter() {
                    assert!(!event.tracks.is_empty());
                    for track in event.tracks {
                        let numbers = track.momentum.iter().chain(&track.point);
                        assert!(
                            track.energy >= 0.0
                                && numbers
                                    .chain([&track.energy])
                                    .all(|number| number.is_finite())
                        );
                    }
                }
            }
            Err(_) => assert!(strict.is_err()),
        }
        if is_followed {
            let (events, _) = read.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(events.get(events.len() - 1).tracks.len(), 1);
        }
    });
});
