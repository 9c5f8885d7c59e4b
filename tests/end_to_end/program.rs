//! Running the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The program, built once by the first test that needs it.
///
/// The tests live in a package of their own, where cargo offers no path to
/// another package's program; it lies beside the test's own folder.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--package", "artkg-cli"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let status = build.status().expect("cargo runs");
        assert!(status.success(), "the program builds");
        let test = std::env::current_exe().expect("the test has a path");
        let folder = test
            .parent()
            .and_then(Path::parent)
            .expect("tests lie in the deps folder");
        folder.join(format!("artkg{}", std::env::consts::EXE_SUFFIX))
    })
}

/// `artkg`, quiet, on two threads, in `folder`.
pub(crate) fn artkg(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .current_dir(folder)
        .args(arguments)
        .args(["--threads", "2"]);
    command
}

/// What a finished command left behind.
pub(crate) struct Finished {
    pub(crate) status: i32,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// Runs `artkg` to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Finished {
    let Output {
        status,
        stdout,
        stderr,
    } = artkg(folder, arguments).output().expect("artkg starts");
    Finished {
        status: status.code().expect("artkg ends by itself"),
        output: String::from_utf8(stdout).expect("output is UTF-8"),
        errors: String::from_utf8(stderr).expect("messages are UTF-8"),
    }
}

/// Runs `artkg`, which must succeed, and returns what it printed.
pub(crate) fn succeed(folder: &Path, arguments: &[&str]) -> String {
    let finished = run(folder, arguments);
    assert_eq!(
        finished.status, 0,
        "artkg {arguments:?}\n{}\n{}",
        finished.output, finished.errors
    );
    finished.output
}
