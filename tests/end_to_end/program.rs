//! Running the program.

use std::path::Path;
use std::process::{Command, Output};

/// `artkg` on two threads, in `folder`.
pub(crate) fn artkg(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_artkg"));
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

/// A file of tensors as an older version would have written it: without its checksum.
pub(crate) fn without_checksum(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let key = b"artkg_checksum";
    let mut renamed = 0;
    for place in 0..bytes.len() - key.len() {
        if bytes[place..].starts_with(key) {
            bytes[place..place + 5].copy_from_slice(b"older");
            renamed += 1;
        }
    }
    assert_eq!(renamed, 2, "its two entries");
    bytes
}
