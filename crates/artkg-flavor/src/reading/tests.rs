use std::io::Write;
use std::path::Path;

use super::*;
use crate::error::{Error, Result};
use crate::event::Events;

const GOOD: &str = "Axis = 0 0.6 0.8\n\
    5.0 3.0 0.0 4.0 0.0 0.01 0.02\n\
    # a comment\n\
    \n\
    1.0e+00 0 0.6 -0.5 -1.0e-03 0 0 # another\n";

fn read(path: &Path) -> Result<(Events, FileSummary, Vec<String>)> {
    let mut faults = Vec::new();
    let (events, summary) = read_events(path, false, &mut |fault| faults.push(fault.to_string()))?;
    Ok((events, summary, faults))
}

fn read_text(text: &[u8]) -> Result<(Events, FileSummary, Vec<String>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.txt");
    std::fs::write(&path, text).unwrap();
    read(&path)
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn reads_what_physicists_write() {
    for text in [
        GOOD.to_owned(),
        GOOD.replace('\n', "\r\n"),
        format!("\u{feff}{GOOD}"),
        GOOD.replace(' ', "\t"),
        GOOD.trim_end().to_owned(),
    ] {
        let (events, summary, faults) = read_text(text.as_bytes()).unwrap();
        assert_eq!(
            (faults.len(), summary.events, summary.tracks),
            (0, 1, 2),
            "{faults:?}"
        );
        let event = events.get(0);
        assert_eq!((event.axis, event.line), ([0.0, 0.6, 0.8], 1));
        assert_eq!(event.tracks[0].energy, 5.0);
        assert_eq!(event.tracks[0].momentum, [3.0, 0.0, 4.0]);
        assert_eq!(event.tracks[1].point, [-1e-3, 0.0, 0.0]);
    }
}

#[test]
fn twenty_planted_faults() {
    let track = |line: &str| format!("Axis = 0 0 1\n{line}\n");
    let cases: Vec<(String, u64, &str)> = vec![
        (
            track("5 3 0 4 0 0.01"),
            2,
            "a track of 6 numbers, expected 7",
        ),
        (track("5 3 0 4 0 0.01 0 0"), 2, "a track of 8 numbers"),
        (track("5"), 2, "a track of 1 number, expected 7"),
        (track("5 3 0 4 0 1.0x 0"), 2, "y is \"1.0x\", not a number"),
        (track("5 3 0 4 0 1,5 0"), 2, "y is \"1,5\", not a number"),
        (track("5 3 0 4 0 1.0D-02 0"), 2, "not a number"),
        (
            track("5 3 0 4 0 0.01 inf"),
            2,
            "z is inf, not a finite number",
        ),
        (
            track("nan 3 0 4 0 0.01 0"),
            2,
            "E is nan, not a finite number",
        ),
        (
            track("5 1e999 0 4 0 0.01 0"),
            2,
            "px is 1e999, not a finite",
        ),
        (
            track("-5 3 0 4 0 0.01 0"),
            2,
            "the energy E is negative: -5",
        ),
        (
            track("4.9 3 0 4 0 0.01 0"),
            2,
            "E = 4.9 is below the momentum |p| = 5.0",
        ),
        (track("5 3 0 4 0.01 0 0"), 2, "point of closest approach"),
        (track("5 0 0 5 0.01 0 0"), 2, "px and py are zero"),
        (track("5e9 3 0 4 0 0.01 0"), 2, "beyond 100 TeV"),
        (track("5 3 0 4 0 0.01 1e7"), 2, "beyond 1 km"),
        (track("the next event"), 2, "neither `Axis = ax ay az` nor"),
        (
            format!("Axis = 0 0 1.1\n{}", &GOOD[17..]),
            1,
            "the length 1.1",
        ),
        (
            format!("Axis = 0 1\n{}", &GOOD[17..]),
            1,
            "the axis has 2 numbers",
        ),
        (
            format!("Axis = 0 0 one\n{}", &GOOD[17..]),
            1,
            "az is \"one\"",
        ),
        (
            format!("Axes = 0 0 1\n{}", &GOOD[17..]),
            1,
            "neither `Axis =",
        ),
        ("Axis = 0 0 1\n".to_owned(), 1, "an event without tracks"),
        ("5 3 0 4 0 0.01 0\n".to_owned(), 1, "before the first `Axis"),
    ];
    assert!(cases.len() >= 20);
    for (text, line, expected) in cases {
        // The good events around it are read all the same.
        let early = expected.starts_with("before the first");
        let before = if early { "" } else { GOOD };
        let planted = format!("{before}{text}{GOOD}");
        let (_, summary, faults) = read_text(planted.as_bytes()).unwrap();
        let line = line + before.lines().count() as u64;
        assert_eq!(summary.events, if early { 1 } else { 2 }, "{text}");
        assert_eq!(summary.skipped, usize::from(!early), "{text}");
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        let place = format!("events.txt:{line}: ");
        assert!(
            faults[0].contains(&place) && faults[0].contains(expected),
            "{faults:?}"
        );
    }
}

#[test]
fn strict_stops_at_the_first_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.txt");
    std::fs::write(&path, format!("{GOOD}Axis = 0 0 1\n1 2 3\n")).unwrap();
    let error = read_events(&path, true, &mut |_| {}).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("events.txt:7: a track of 3 numbers"),
        "{message}"
    );
    assert!(matches!(error, Error::Fault(_)), "{error:?}");
}

#[test]
fn files_without_events_are_errors() {
    for (text, expected) in [
        (&b""[..], "holds no event"),
        (b"# nothing\n\n", "holds no event"),
        (b"1 2 3\n", "malformed lines: 1"),
        (b"Axis = 0 0 1\n1 2 3\n", "its only event has a fault"),
        (b"\x89PNG\x00\x01\xff\xfe\n", "malformed lines: 1"),
    ] {
        let error = read_text(text).unwrap_err();
        assert!(matches!(error, Error::NoEvents { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        read(&folder.path().join("gone")),
        Err(Error::File(_))
    ));
    assert!(
        read(folder.path())
            .unwrap_err()
            .to_string()
            .contains("is a folder")
    );
}

#[test]
fn packed_files_read_the_same() {
    // Several chunks, several frames.
    let text = GOOD.repeat(9000);
    let whole = read_text(text.as_bytes()).unwrap();
    assert_eq!(whole.1.events, 9000);
    let last = whole.0.get(8999);
    assert_eq!((last.line, last.number), (8999 * 5 + 1, 8999));
    let twice = |pack: fn(&[u8]) -> Vec<u8>| {
        let half = GOOD.repeat(4500);
        [pack(half.as_bytes()), pack(half.as_bytes())].concat()
    };
    for packed in [
        gzip(text.as_bytes()),
        zstd(text.as_bytes()),
        twice(gzip),
        twice(zstd),
    ] {
        let found = read_text(&packed).unwrap();
        assert_eq!(found.1, whole.1);
        assert!(found.0.iter().eq(whole.0.iter()));
    }
}

#[test]
fn skippable_frames_are_skipped() {
    let text = GOOD.repeat(3);
    let skippable = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"any"].concat();
    let frame = zstd(text.as_bytes());
    for (packed, events) in [
        ([&skippable[..], &frame].concat(), 3),
        ([&frame[..], &skippable, &skippable, &frame].concat(), 6),
    ] {
        let (_, summary, _) = read_text(&packed).unwrap();
        assert_eq!(summary.events, events);
    }
    let cut = [&frame[..], &skippable[..9]].concat();
    assert!(read_text(&cut).is_err());
}

#[test]
fn altered_zstd_files_are_refused() {
    let text = GOOD.repeat(3);
    let packed = zstd(text.as_bytes());
    let mut altered = packed.clone();
    // The last bytes are the checksum of what was packed.
    *altered.last_mut().unwrap() ^= 1;
    let error = read_text(&altered).unwrap_err().to_string();
    assert!(error.contains("checksum"), "{error}");
    assert!(read_text(&packed).is_ok());
}

#[test]
fn axes_that_are_missing_are_told() {
    let track = GOOD.lines().nth(1).unwrap();
    let text = format!(
        "{GOOD}Axis = 0 0 1\n{}{GOOD}",
        format!("{track}\n").repeat(2002)
    );
    let (events, summary, faults) = read_text(text.as_bytes()).unwrap();
    assert_eq!((events.len(), summary.skipped, faults.len()), (2, 1, 1));
    let message = faults[0].to_string();
    assert!(message.contains("more than 2000 tracks"), "{message}");
}

#[test]
fn truncated_packed_files_are_named_with_the_line() {
    let text = GOOD.repeat(20_000);
    for packed in [gzip(text.as_bytes()), zstd(text.as_bytes())] {
        let error = read_text(&packed[..packed.len() / 2]).unwrap_err();
        let Error::Unpacking { line, .. } = &error else {
            panic!("{error}");
        };
        assert!(
            *line > 0 && error.to_string().contains("truncated or damaged"),
            "{error}"
        );
    }
}
