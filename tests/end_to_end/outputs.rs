//! What commands may write over, and what names from elsewhere may do: nothing.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::path::{painted, trained};
use crate::program::{artkg, run, succeed};

/// Everything below a folder with its content.
fn contents(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(contents(&path)),
            false => found.push((path.clone(), fs::read(&path).unwrap())),
        }
    }
    found.sort();
    found
}

#[test]
fn no_command_replaces_what_it_reads_or_did_not_write() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    painted(folder, "60");
    succeed(folder, &["graph", "build", "corpus"]);
    let embed = ["graph", "embed", "corpus/graph.akg", "--dimension", "8"];
    succeed(folder, &embed);
    trained(folder);
    succeed(folder, &["flavor", "synth", "--events", "40"]);
    for name in ["notes.html", "notes.csv", "notes.json", "other.safetensors"] {
        fs::write(folder.join(name), "mine\n").unwrap();
    }
    fs::write(folder.join("corpus/evaluation.json"), "{\"mine\": 1}").unwrap();
    let image = fs::read_dir(folder.join("corpus/images")).unwrap();
    let image = image.map(|entry| entry.unwrap().path()).min().unwrap();
    let image = image.to_str().unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("corpus/artworks.csv", folder.join("link.csv")).unwrap();

    let model = "run/model.safetensors";
    let eval = ["eval", "--model", model, "--corpus", "corpus", "--output"];
    let explain = ["explain", image, "--model", model, "--output"];
    let commands: Vec<Vec<&str>> = vec![
        vec!["graph", "build", "corpus", "-o", "corpus/artworks.csv"],
        vec![
            "graph",
            "build",
            "corpus",
            "-o",
            "./corpus/../corpus/corpus.toml",
        ],
        #[cfg(unix)]
        vec!["graph", "build", "corpus", "-o", "link.csv"],
        vec!["graph", "build", "corpus", "-o", "notes.html"],
        vec!["graph", "build", "corpus", "-o", image],
        vec!["graph", "embed", "corpus/graph.akg", "-o", model],
        vec![
            "graph",
            "embed",
            "corpus/graph.akg",
            "-o",
            "corpus/graph.akg",
        ],
        vec![
            "graph",
            "embed",
            "corpus/graph.akg",
            "-o",
            "other.safetensors",
        ],
        vec![
            "graph",
            "embed",
            "corpus/graph.akg",
            "--word2vec",
            "notes.csv",
        ],
        vec![
            "graph",
            "embed",
            "corpus/graph.akg",
            "--walks-output",
            "notes.csv",
        ],
        vec![
            "graph",
            "export",
            "corpus/graph.akg",
            "--format",
            "dot",
            "-o",
            "notes.html",
        ],
        vec![
            "graph",
            "export",
            "corpus/graph.akg",
            "--format",
            "ntriples",
            "-o",
            "notes.html",
        ],
        vec![
            "graph",
            "export",
            "corpus/graph.akg",
            "--format",
            "gexf",
            "-o",
            "corpus/graph.akg",
        ],
        vec![
            "captions",
            "embed",
            "--corpus",
            "corpus",
            "--field",
            "title",
            "--encoder",
            "tf-idf",
            "-o",
            model,
        ],
        vec![
            "corpus",
            "check",
            "corpus",
            "--skip-images",
            "--problems",
            "corpus/artworks.csv",
        ],
        vec![
            "corpus",
            "check",
            "corpus",
            "--skip-images",
            "--problems",
            "notes.csv",
        ],
        vec!["corpus", "stats", "corpus", "-o", "notes.html"],
        vec![
            "corpus",
            "import",
            "corpus/artworks.csv",
            "-o",
            "corpus",
            "--overwrite",
        ],
        [&eval[..], &["notes.html"]].concat(),
        [&eval[..], &["corpus/evaluation.html"]].concat(),
        [&eval[..], &[model]].concat(),
        [&explain[..], &["notes.html"]].concat(),
        vec![
            "flavor",
            "eval",
            "--model",
            model,
            "--class",
            "bb=flavor-events/bb.txt",
            "-o",
            "notes.html",
        ],
        vec![
            "train",
            "--corpus",
            "corpus",
            "--mode",
            "mtl",
            "--minimum-count",
            "1",
            "--output",
            "theirs",
        ],
    ];
    fs::create_dir(folder.join("theirs")).unwrap();
    fs::write(folder.join("theirs/config.toml"), "mine = 1\n").unwrap();
    let before = contents(folder);
    for arguments in &commands {
        let finished = run(folder, arguments);
        assert_eq!(finished.status, 2, "{arguments:?}: {}", finished.errors);
        let is_said = ["is also what is read", "holds something else"]
            .iter()
            .any(|words| finished.errors.contains(words));
        assert!(is_said, "{arguments:?}: {}", finished.errors);
    }
    assert_eq!(contents(folder), before);

    // Never an input, whatever is said; else what was asked for.
    let own = [
        "graph",
        "build",
        "corpus",
        "-o",
        "corpus/artworks.csv",
        "--overwrite",
    ];
    let finished = run(folder, &own);
    assert_eq!(finished.status, 2);
    assert!(
        finished.errors.contains("is also what is read"),
        "{}",
        finished.errors
    );
    assert!(!finished.errors.contains("help:"), "{}", finished.errors);
    let foreign = ["corpus", "stats", "corpus", "-o", "notes.html"];
    let finished = run(folder, &foreign);
    assert!(
        finished.errors.contains("help: `--overwrite` replaces it"),
        "{}",
        finished.errors
    );
    succeed(folder, &[&foreign[..], &["--overwrite"]].concat());
    // What a command wrote it writes again.
    let again: [&[&str]; 8] = [
        &foreign,
        &["graph", "build", "corpus"],
        &embed,
        &["graph", "export", "corpus/graph.akg", "-o", "graph.graphml"],
        &["graph", "export", "corpus/graph.akg", "-o", "graph.gexf"],
        &["graph", "export", "corpus/graph.akg", "-o", "graph.nt"],
        &[
            "graph",
            "export",
            "corpus/graph.akg",
            "-o",
            "tables",
            "--format",
            "csv",
        ],
        &["flavor", "synth", "--events", "40"],
    ];
    for arguments in again {
        succeed(folder, arguments);
        succeed(folder, arguments);
    }
    let evaluate = ["eval", "--model", model, "--corpus", "corpus"];
    for arguments in [&evaluate[..], &["explain", image, "--model", model]] {
        succeed(folder, arguments);
        succeed(folder, arguments);
    }
    let walks = [
        &embed[..],
        &[
            "--word2vec",
            "w.txt",
            "--walks-output",
            "walks.txt",
            "--hold-out",
            "0.1",
            "--held-out-output",
            "held.csv",
        ],
    ]
    .concat();
    succeed(folder, &walks);
    succeed(folder, &walks);
}

#[test]
#[cfg(target_os = "linux")]
fn names_neither_forge_messages_nor_run_in_spreadsheets() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let forged = "a\nerror: forged\u{1b}[31m\u{202e}.jpg";
    let finished = run(folder, &["tag", "--model", "m.safetensors", forged]);
    assert_eq!(finished.status, 2);
    let shown = "left out: a\\nerror: forged\\u{1b}[31m\\u{202e}.jpg: no such file";
    assert!(finished.errors.contains(shown), "{}", finished.errors);
    let finished = run(folder, &["tag", "--model", "m", "--x\u{1b}[31m"]);
    assert_eq!(finished.status, 2);
    assert!(!finished.errors.contains('\u{1b}'), "{}", finished.errors);

    fs::create_dir_all(folder.join("images")).unwrap();
    let table = "id,title,author\n\"=1+1\",\"-2\",\"@evil\ttab\"\n\"'=x\",\"a\nb\",\"+49\"\n";
    fs::write(folder.join("table.csv"), table).unwrap();
    let import = ["corpus", "import", "table.csv", "-o", "corpus"];
    let finished = run(
        folder,
        &[&import[..], &["--problems", "problems.csv"]].concat(),
    );
    assert_ne!(finished.status, 2, "{}", finished.errors);
    let written = fs::read_to_string(folder.join("corpus/artworks.csv")).unwrap();
    for cell in ["'=1+1", "-2", "'@evil", "''=x", "+49"] {
        let begins = [
            format!("\n{cell},"),
            format!(",{cell}"),
            format!("\n{cell}"),
        ];
        assert!(
            begins.iter().any(|cell| written.contains(cell)),
            "{cell}: {written}"
        );
    }
    for line in fs::read_to_string(folder.join("problems.csv"))
        .unwrap()
        .lines()
    {
        assert!(!line.contains(",=") && !line.starts_with('='), "{line}");
    }
    // Read back, and written again, they are the same.
    let stats = succeed(folder, &["corpus", "stats", "corpus", "--json"]);
    assert!(stats.contains("\"@evil"), "{stats}");
    let shown = succeed(folder, &["corpus", "stats", "corpus"]);
    assert!(!shown.contains('\t'), "{shown}");
}

#[test]
#[cfg(target_os = "linux")]
fn messages_that_nobody_can_read_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let synth = ["flavor", "synth", "--events", "3"];
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let finished = artkg(folder, &synth).stderr(full()).output().unwrap();
    assert_eq!(finished.status.code(), Some(0));
    let wrong: [&[&str]; 3] = [&["graph", "stats", "gone.akg"], &["nonsense"], &["tag"]];
    for arguments in wrong {
        let finished = artkg(folder, arguments).stderr(full()).output().unwrap();
        assert_eq!(finished.status.code(), Some(2), "{arguments:?}");
        let mut program = artkg(folder, arguments);
        let mut program = program.stderr(Stdio::piped()).spawn().unwrap();
        drop(program.stderr.take());
        assert_eq!(program.wait().unwrap().code(), Some(2), "{arguments:?}");
    }
}
