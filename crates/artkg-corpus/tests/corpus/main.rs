//! Imports, checks and statistics through the public interface.

// Helpers of tests fail the way that tests do.
#![allow(clippy::unwrap_used)]

mod faults;
mod folders;
mod makers;
mod museums;
mod pictures;
mod real;
mod sources;
mod tables;

use std::path::{Path, PathBuf};

use artkg_corpus::{Import, ImportOptions, Mapping, Problem, ProblemKind, import, silent};

/// A file or folder of the shared data; the tests that need it are ignored by default.
fn shared(part: &str) -> PathBuf {
    let root = std::env::var_os("ARTKG_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = root.join(part);
    assert!(path.exists(), "{} is not there", path.display());
    path
}

/// Imports with a built-in mapping.
fn imported(source: &str, inputs: &[PathBuf], folder: &Path) -> Import {
    let options = ImportOptions {
        mapping: Some(Mapping::built_in(source).unwrap()),
        ..ImportOptions::default()
    };
    import(inputs, folder, &options, &silent).unwrap()
}

/// The problems of one kind.
fn of_kind(problems: &[Problem], kind: ProblemKind) -> Vec<&Problem> {
    problems
        .iter()
        .filter(|problem| problem.kind == kind)
        .collect()
}
