//! The generator's events: `ARTKG_SHARED`, default `../shared`
//! beside the workspace.

// clippy.toml allows `unwrap` in tests, but sees only functions marked as such.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use artkg_flavor::features::Resolution;
use artkg_flavor::read_events;

fn shared() -> PathBuf {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("ARTKG_SHARED").map_or(default, PathBuf::from);
    let folder = folder.join("flavor");
    assert!(folder.is_dir(), "no events at {}", folder.display());
    folder
}

#[test]
#[ignore = "needs the generator's events in ARTKG_SHARED"]
fn generator_events_read_without_a_fault() {
    let folder = shared();
    for (class, tracks) in [("uds", 56_461), ("cc", 56_817), ("bb", 60_153)] {
        let path = folder.join(format!("test.{class}.txt.gz"));
        let (events, summary) = read_events(&path, true, &mut |_| {}).unwrap();
        assert_eq!((events.len(), summary.tracks), (2000, tracks));
    }
}

#[test]
#[ignore = "needs the generator's events in ARTKG_SHARED"]
fn the_resolution_is_that_of_the_smearing() {
    let folder = shared();
    let path = folder.join("val.uds.txt.gz");
    let (events, _) = read_events(&path, true, &mut |_| {}).unwrap();
    let found = Resolution::measure([&events]);
    // Smeared by 5 µm and 10 µm GeV; decays in flight add a little.
    for [constant, scattering] in [found.transverse, found.longitudinal] {
        assert!((4e-4..6.5e-4).contains(&constant), "{constant}");
        assert!((8e-4..14e-4).contains(&scattering), "{scattering}");
    }
}
