//! Wrong use and bad input: the exit status, and a message that says what to do.

use std::fs;
use std::process::Stdio;

use crate::program::{artkg, run, succeed};

#[test]
#[cfg(target_os = "linux")]
fn results_end_quietly_where_nobody_reads_and_loudly_where_the_disk_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let commands: [&[&str]; 3] = [&["models"], &["models", "--json"], &["completions", "bash"]];
    for arguments in commands {
        let mut command = artkg(folder, arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = command.spawn().unwrap();
        drop(program.stdout.take());
        let finished = program.wait_with_output().unwrap();
        let errors = String::from_utf8(finished.stderr).unwrap();
        assert_eq!((finished.status.code(), errors.as_str()), (Some(0), ""));

        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let finished = artkg(folder, arguments).stdout(full).output().unwrap();
        let errors = String::from_utf8(finished.stderr).unwrap();
        assert_eq!(finished.status.code(), Some(2), "{errors}");
        assert!(
            errors.contains("standard output") && errors.contains("space"),
            "{errors}"
        );
    }
}

#[test]
fn wrong_use_is_status_two_and_names_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("text.safetensors"), "no tensors").unwrap();
    fs::create_dir(folder.join("empty")).unwrap();
    let cases: [(&[&str], &[&str]); 12] = [
        (&["train"], &["--corpus"]),
        (
            &["train", "--corpus", "gone"],
            &["gone", "artkg corpus import"],
        ),
        (
            &["train", "--corpus", "gone", "--mode", "mtl"],
            &["gone", "corpus.toml"],
        ),
        (
            &[
                "train",
                "--corpus",
                "gone",
                "--mode",
                "mtl",
                "--backbone",
                "resent18",
            ],
            &["resnet18"],
        ),
        (
            &["tag", "--model", "text.safetensors", "empty"],
            &["empty", "no images"],
        ),
        (
            &["eval", "--model", "text.safetensors", "--corpus", "gone"],
            &["text.safetensors"],
        ),
        (
            &["graph", "stats", "text.safetensors"],
            &["text.safetensors"],
        ),
        (
            &["graph", "embed", "--method", "transe", "--window", "5"],
            &["--window", "node2vec", "TransE"],
        ),
        (
            &["graph", "neighbors", "goya"],
            &["graph.akg", "artkg graph build"],
        ),
        (
            &["eval", "--model", "gone.safetensors", "--corpus", "gone"],
            &["gone.safetensors", "a training run"],
        ),
        (
            &["flavor", "train", "--class", "bb=bb.txt", "--heads", "4"],
            &["--heads", "--model attention"],
        ),
        (
            &["graph", "embed", "--margin", "5"],
            &["--margin", "--method transe"],
        ),
    ];
    for (arguments, expected) in cases {
        let finished = run(folder, arguments);
        assert_eq!(finished.status, 2, "{arguments:?}: {}", finished.errors);
        for words in expected {
            assert!(
                finished.errors.contains(words),
                "{arguments:?}: {}",
                finished.errors
            );
        }
    }
}

#[test]
fn shells_complete_commands_and_options() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = succeed(folder.path(), &["completions", shell]);
        for word in ["retrieve", "abstain-risk", "artkg"] {
            assert!(script.contains(word), "{shell}: no {word}");
        }
    }
}
